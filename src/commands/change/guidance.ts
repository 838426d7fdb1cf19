/** What a person should know before a project changes: what is touched, and last what the next piece fixes and costs. */

import { changesAsFlags } from '../../journey/answers.ts';
import { stagesClimbed } from '../../journey/stages.ts';
import type { CommandContext } from '../run.ts';
import { type Changed, fileLines, folderLines } from './report.ts';

/** @param each whether every file is listed, and not only how many there are in each folder */
export function guidance(
  changed: Changed,
  { terminal }: Pick<CommandContext, 'terminal'>,
  each: boolean,
): string {
  const { bold, dim } = terminal.paint;
  const { project, answers, change } = changed;
  const climbed = stagesClimbed(project.manifest.answers.stage, answers.stage);
  const pieces = climbed.flatMap(({ name, adds, fixes, costs, breaks }) => [
    '',
    `${bold(name)} adds ${adds}`,
    `  fixes:  ${fixes}`,
    `  costs:  ${costs}`,
    `  leaves: ${breaks}`,
  ]);
  if (answers.stage === 'microservices' && climbed.length > 0) {
    const { services = [] } = answers;
    pieces.push(
      '',
      `Programs of their own, each with its own database: shop (products, sessions), ${services.join(', ')}.`,
    );
    pieces.push('Most teams never need this step. It is for several teams that get in each other’s way.');
  }
  const flags = changesAsFlags(project.manifest.answers, answers).join(' ');
  const told = flags === '' ? [] : ['', `With ${flags}; give flags for other answers.`];
  const files = each ? fileLines(change) : folderLines(change);
  return [...files.map(line => dim(line)), ...pieces, ...told].join('\n').replace(/^\n/, '');
}

/** What a person should know before a project changes: what the next piece fixes, what it costs, and what is touched. */

import { changesAsFlags } from '../../journey/answers.ts';
import { stagesClimbed } from '../../journey/stages.ts';
import type { CommandContext } from '../run.ts';
import { type Changed, fileLines } from './report.ts';

export function guidance(changed: Changed, { terminal }: Pick<CommandContext, 'terminal'>): string {
  const { bold, dim } = terminal.paint;
  const { project, answers, change } = changed;
  const climbed = stagesClimbed(project.manifest.answers.stage, answers.stage);
  const pieces = climbed.flatMap(({ name, adds, fixes, costs, breaks }) => [
    `${bold(name)} adds ${adds}`,
    `  fixes:  ${fixes}`,
    `  costs:  ${costs}`,
    `  leaves: ${breaks}`,
    '',
  ]);
  if (answers.stage === 'microservices' && climbed.length > 0) {
    const { services = [] } = answers;
    pieces.push(
      `Programs of their own, each with its own database: shop (products, sessions), ${services.join(', ')}.`,
    );
    pieces.push('Most teams never need this step. It is for several teams that get in each other’s way.', '');
  }
  const flags = changesAsFlags(project.manifest.answers, answers).join(' ');
  const told = flags === '' ? [] : [`With ${flags}; give flags for other answers.`, ''];
  return [...pieces, ...told, ...fileLines(change).map(line => dim(line))].join('\n');
}

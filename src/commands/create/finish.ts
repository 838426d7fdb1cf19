/** The end of `create`: what came of it, and what to type next. */
import { answersAsFlags } from '../../journey/answers.ts';
import { COMPOSE_UP } from '../../journey/start.ts';
import { scriptCommand, toolCommand } from '../../project/package-manager.ts';
import { shellWord } from '../../ui/words.ts';
import { VERSION } from '../../version.ts';
import { type CommandResult, endingOf } from '../outcome.ts';
import type { CommandContext } from '../run.ts';
import type { Installed } from '../steps/install.ts';
import { type Verification, verificationBody, verificationError } from '../steps/verification.ts';
import type { Created } from './steps.ts';

export interface Ends {
  readonly installed: Installed;
  readonly repository: string;
  readonly verification: Verification;
}

type Known = Pick<Created, 'target' | 'answers' | 'blueprint' | 'plan' | 'manager' | 'timings'>;

export function finish(
  created: Known,
  { installed, repository, verification }: Ends,
  { terminal }: Pick<CommandContext, 'terminal'>,
): CommandResult {
  const { target, answers, plan, manager, timings } = created;
  const steps = nextSteps(created, installed.state === 'installed');
  const reproduce = reproduceCommand(created);
  const failure = installed.state === 'failed' ? installed.failure : undefined;
  const body = {
    directory: target.directory,
    stage: answers.stage,
    answers,
    files: plan.files.length,
    packageManager: manager,
    installed: installed.state,
    repository,
    ...verificationBody(verification),
    timings,
    nextSteps: steps,
    reproduce,
  };
  const error = failure ? endingOf(failure).error : verificationError(verification, answers.stage);
  const { bold, dim } = terminal.paintResult;
  const text = [
    '',
    bold('Next'),
    ...steps.map(step => `  ${step}`),
    '',
    dim(`The same project again: ${reproduce}`),
  ].join('\n');
  return { ok: error === undefined, body, text, ...(error ? { error } : {}) };
}

function nextSteps({ target, answers, blueprint, manager }: Known, installed: boolean): string[] {
  const here = target.typed === '.';
  const { scheme, publishedPort, basePath, domain } = blueprint.frontDoor;
  const certificate = scheme === 'https' ? '--cacert secrets/tls_crt ' : '';
  const run = answers.stage === 'stall' ? scriptCommand(manager, 'dev') : COMPOSE_UP;
  return [
    ...(here ? [] : [`cd ${shellWord(target.typed)}`]),
    ...(installed ? [] : [`${manager} install`]),
    ...(answers.stage === 'stall'
      ? [run]
      : [`${run}    # without Docker: ${toolCommand(manager, VERSION, ['up'])}`]),
    `curl ${certificate}${scheme}://${domain}:${publishedPort}${basePath}/products`,
  ];
}

/** The command line that gives the same answers, in the form of the person's own package manager. */
function reproduceCommand({ target, answers, manager }: Known): string {
  return toolCommand(manager, VERSION, [target.typed, ...answersAsFlags(answers, target.name), '--yes']);
}

/** The table of commands: how each is called, what it takes, and where its code is. */
import { OPTIONS } from '../journey/options.ts';
import { CONFLICT_MODES } from '../project/merge/sides.ts';
import { type Command, command } from './command.ts';
import {
  ALLOW_UNVERIFIED,
  answerFlags,
  COMMON,
  DEBUG,
  ENGINE,
  FOLLOW_UP,
  off,
  on,
  oneOf,
  parsed,
  text,
} from './flags.ts';
import { idsIn, seedFrom } from './values.ts';

const PROJECT = 'a project that create-backend-stage wrote (default: the current directory)';

/** For commands that change a project. */
const CHANGING = [
  ...answerFlags(OPTIONS.filter(({ key }) => key !== 'stage')),
  on('-y, --yes', 'do not ask'),
  on('--dry-run', 'tell what would be done, and write nothing'),
  oneOf('--conflict <mode>', 'where you and the generator changed the same', CONFLICT_MODES, 'inline'),
  on('--allow-dirty', 'also change files with uncommitted edits'),
  on('--continue', 'complete what was interrupted, or go on when conflicts are settled'),
  on('--abort', 'take back what was interrupted'),
  ...FOLLOW_UP,
  ...COMMON,
] as const;

/** What the tool does where no command is named. */
export const CREATE = command({
  name: 'create',
  summary:
    'Writes the backend you need today, proves by running it that it keeps its promises.\nAsks for what no flag gives; without a terminal, --stage is needed.',
  argument: 'where to write the project (default: --name, or my-shop)',
  options: [
    ...answerFlags(),
    text('--config <file>', 'read answers from a JSON file, - for stdin; flags win'),
    on('-y, --yes', 'take the default for whatever is not given'),
    on('--dry-run', 'list what would be written, and write nothing'),
    on('--json', 'print one JSON object on stdout, also on failure'),
    on('--force', 'write into a directory that is not empty, only what does not collide'),
    off('--no-install', 'do not install dependencies'),
    off('--no-git', 'do not start a git repository'),
    off('--no-verify', 'do not run the project to check its guarantees'),
    ALLOW_UNVERIFIED,
    ENGINE,
    DEBUG,
  ],
  load: async () => (await import('./create.ts')).create,
});

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  command({
    name: 'verify',
    summary: 'boot a project and check every guarantee of its stage',
    argument: PROJECT,
    options: [
      ENGINE,
      on('--drill', 'also the guarantees under load and faults (some minutes)'),
      parsed('--only <ids>', 'only these guarantees and drills, with commas between them', idsIn),
      parsed('--seed <number>', 'repeat the choices by chance of an earlier run', seedFrom),
      ALLOW_UNVERIFIED,
      ...COMMON,
    ],
    load: async () => (await import('./verify.ts')).verify,
  }),
  command({
    name: 'grow',
    summary: 'climb to a later stage, and keep every edit of yours',
    argument: PROJECT,
    options: [text('--to <stage>', 'the stage to grow to (default: the next one)'), ...CHANGING],
    load: async () => (await import('./grow.ts')).grow,
  }),
  command({
    name: 'regenerate',
    summary: 'the same stage with other answers, or as a newer version writes it',
    argument: PROJECT,
    options: CHANGING,
    load: async () => (await import('./regenerate.ts')).regenerate,
  }),
  command({
    name: 'check',
    summary: 'for CI: what is pending, missing, outdated or corrupt, and what you edited',
    argument: PROJECT,
    options: [on('--strict', 'edits count as well'), ...COMMON],
    load: async () => (await import('./check.ts')).check,
  }),
  command({
    name: 'diff',
    summary: 'your edits since the project was generated',
    argument: PROJECT,
    options: [on('--upstream', 'instead: what regenerate would change'), ...COMMON],
    load: async () => (await import('./diff.ts')).diff,
  }),
  command({
    name: 'undo',
    summary: 'take back the last grow or regenerate',
    argument: PROJECT,
    options: [on('--allow-dirty', 'also what was edited since; that is kept beside'), ...COMMON],
    load: async () => (await import('./undo.ts')).undo,
  }),
  command({
    name: 'up',
    summary: 'run a project in the foreground; Ctrl-C stops everything',
    argument: PROJECT,
    options: [
      ENGINE,
      on('--fresh', 'begin with an empty database (native: .data/ keeps it otherwise)'),
      on('--json', 'print lines of JSON on stdout: each log line, the address, and how it ended'),
      DEBUG,
    ],
    load: async () => (await import('./up.ts')).up,
  }),
  command({
    name: 'stages',
    summary: 'show the journey: what each stage adds, fixes and leaves broken',
    options: COMMON,
    load: async () => (await import('./stages.ts')).stages,
  }),
  command({
    name: 'doctor',
    summary: 'show what this machine has and lacks for which stage',
    options: COMMON,
    load: async () => (await import('./doctor.ts')).doctor,
  }),
];

/** What later versions will do: not to be taken for a directory. */
export const LATER_COMMANDS = ['measure'] as const;

/** Commander's wiring: the option table and the commands, and nothing about what they do. */
import { Command, type CommanderError, Option as CommanderOption } from 'commander';
import { UsageError } from '../errors.ts';
import { type AnswerKey, choiceValues, OPTIONS, type Option } from '../journey/options.ts';
import { isStageName } from '../journey/stages.ts';
import { CONFLICT_MODES } from '../project/merge/sides.ts';
import { VERSION } from '../version.ts';
import { comesLater, LATER_COMMANDS } from './later.ts';

export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

export interface CreateOptions extends CommonOptions, Readonly<Partial<Record<AnswerKey, string>>> {
  readonly config?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly install: boolean;
  readonly git: boolean;
  readonly verify: boolean;
  readonly allowUnverified?: boolean;
  readonly engine: string;
}

export interface RunOptions extends CommonOptions {
  readonly engine: string;
}

export interface UpFlags extends RunOptions {
  readonly fresh?: boolean;
}

export interface ChangeOptions extends RunOptions, Readonly<Partial<Record<AnswerKey, string>>> {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly install: boolean;
  readonly verify: boolean;
  readonly allowUnverified?: boolean;
  readonly allowDirty?: boolean;
  readonly conflict: string;
  readonly continue?: boolean;
  readonly abort?: boolean;
}

export interface GrowOptions extends ChangeOptions {
  readonly to?: string;
}

export interface CheckOptions extends CommonOptions {
  readonly strict?: boolean;
}

export interface DiffOptions extends CommonOptions {
  readonly upstream?: boolean;
}

export interface UndoOptions extends CommonOptions {
  readonly allowDirty?: boolean;
}

export interface VerifyOptions extends RunOptions {
  readonly drill?: boolean;
  /** Ids of guarantees. */
  readonly only?: readonly string[];
  readonly seed?: number;
  readonly allowUnverified?: boolean;
}

/** What to call for each command. Each gets what was typed, still unchecked. */
export interface Handlers {
  create(directory: string | undefined, options: CreateOptions): Promise<void>;
  verify(directory: string | undefined, options: VerifyOptions): Promise<void>;
  up(directory: string | undefined, options: UpFlags): Promise<void>;
  grow(directory: string | undefined, options: GrowOptions): Promise<void>;
  regenerate(directory: string | undefined, options: ChangeOptions): Promise<void>;
  check(directory: string | undefined, options: CheckOptions): Promise<void>;
  diff(directory: string | undefined, options: DiffOptions): Promise<void>;
  undo(directory: string | undefined, options: UndoOptions): Promise<void>;
  stages(options: CommonOptions): Promise<void>;
  doctor(options: CommonOptions): Promise<void>;
}

const HELP_HINT = 'create-backend-stage --help lists the flags';
const DIRECTORY = 'a project that create-backend-stage wrote (default: the current directory)';
const ENGINE = ['--engine <name>', 'what runs the project: auto, docker or native', 'auto'] as const;

const MOST_SEED = 2 ** 32 - 1;
const ALLOW_UNVERIFIED = [
  '--allow-unverified',
  'what this machine lacks is told, and is no failure',
] as const;

export function createProgram(handlers: Handlers): Command {
  const program = new Command('create-backend-stage')
    .description(
      'Writes the backend you need today, proves by running it that it keeps its promises.\nAsks for what no flag gives; without a terminal, --stage is needed.',
    )
    .usage('[directory] [flags]\n       create-backend-stage <command> [directory] [flags]')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    // What follows a command's name belongs to that command, also where the flag has the same name here.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .argument('[directory]', 'where to write the project (default: --name, or my-shop)');
  for (const option of OPTIONS) program.addOption(answerOption(option));
  program
    .option('--config <file>', 'read answers from a JSON file, - for stdin; flags win', text =>
      value('--config', text),
    )
    .option('-y, --yes', 'take the default for whatever is not given')
    .option('--dry-run', 'list what would be written, and write nothing')
    .option('--json', 'print one JSON object on stdout, also on failure')
    .option('--force', 'write into a directory that is not empty, only what does not collide')
    .option('--no-install', 'do not install dependencies')
    .option('--no-git', 'do not start a git repository')
    .option('--no-verify', 'do not run the project to check its guarantees')
    .option(...ALLOW_UNVERIFIED)
    .option(...ENGINE)
    .option('--debug', 'show where an error came from')
    .action((directory: string | undefined, options: CreateOptions) => handlers.create(directory, options));
  addCommands(program, handlers);
  return program;
}

function answerOption(option: Option): CommanderOption {
  const choices = choiceValues(option);
  const listed = choices.length > 0 && option.kind === 'choice' ? `: ${choices.join(', ')}` : '';
  const from = option.from === 'stall' ? '' : ` [from ${option.from} on]`;
  const described = `${option.description}${listed}${from}`;
  return new CommanderOption(`${option.flag} ${option.placeholder}`, described).argParser(text =>
    value(option.flag, text),
  );
}

/** Commander takes whatever comes next, so that `--stage --json` would be a stage called `--json`. */
function value(flag: string, text: string): string {
  if (text.startsWith('--')) throw new UsageError(`${flag} needs a value`, valueHint(flag) ?? HELP_HINT);
  return text;
}

function seedOf(text: string): number {
  const seed = Number(value('--seed', text));
  if (/^\d+$/.test(text) && seed <= MOST_SEED) return seed;
  throw new UsageError(
    `--seed ${JSON.stringify(text)} is not a whole number from 0 to ${MOST_SEED}`,
    'a run that failed prints its own',
  );
}

function addCommands(program: Command, handlers: Handlers): void {
  const common = (command: Command) =>
    command
      .option('--json', 'print one JSON object on stdout, also on failure')
      .option('--debug', 'show where an error came from');
  const changing = (command: Command) => {
    for (const option of OPTIONS) if (option.key !== 'stage') command.addOption(answerOption(option));
    return common(
      command
        .option('-y, --yes', 'do not ask')
        .option('--dry-run', 'tell what would be done, and write nothing')
        .addOption(
          new CommanderOption('--conflict <mode>', 'where you and the generator changed the same')
            .choices(CONFLICT_MODES)
            .default('inline'),
        )
        .option('--allow-dirty', 'also change files with uncommitted edits')
        .option('--continue', 'complete what was interrupted, or go on when conflicts are settled')
        .option('--abort', 'take back what was interrupted')
        .option('--no-install', 'do not install dependencies')
        .option('--no-verify', 'do not run the project to check its guarantees')
        .option(...ALLOW_UNVERIFIED)
        .option(...ENGINE),
    );
  };
  common(
    program
      .command('verify')
      .description('boot a project and check every guarantee of its stage')
      .argument('[directory]', DIRECTORY)
      .option(...ENGINE)
      .option('--drill', 'also the guarantees under load and faults (some minutes)')
      .option('--only <ids>', 'only these guarantees and drills, with commas between them', text =>
        value('--only', text)
          .split(',')
          .map(id => id.trim())
          .filter(id => id !== ''),
      )
      .option('--seed <number>', 'repeat the choices by chance of an earlier run', seedOf)
      .option(...ALLOW_UNVERIFIED),
  ).action(handlers.verify);
  changing(
    program
      .command('grow')
      .description('climb to a later stage, and keep every edit of yours')
      .argument('[directory]', DIRECTORY)
      .option('--to <stage>', 'the stage to grow to (default: the next one)', text => value('--to', text)),
  ).action(handlers.grow);
  changing(
    program
      .command('regenerate')
      .description('the same stage with other answers, or as a newer version writes it')
      .argument('[directory]', DIRECTORY),
  ).action(handlers.regenerate);
  common(
    program
      .command('check')
      .description('for CI: what is pending, missing, outdated or corrupt, and what you edited')
      .argument('[directory]', DIRECTORY)
      .option('--strict', 'edits count as well'),
  ).action(handlers.check);
  common(
    program
      .command('diff')
      .description('your edits since the project was generated')
      .argument('[directory]', DIRECTORY)
      .option('--upstream', 'instead: what regenerate would change'),
  ).action(handlers.diff);
  common(
    program
      .command('undo')
      .description('take back the last grow or regenerate')
      .argument('[directory]', DIRECTORY)
      .option('--allow-dirty', 'also what was edited since; that is kept beside'),
  ).action(handlers.undo);
  program
    .command('up')
    .description('run a project in the foreground; Ctrl-C stops everything')
    .argument('[directory]', DIRECTORY)
    .option(...ENGINE)
    .option('--fresh', 'begin with an empty database (native: .data/ keeps it otherwise)')
    .option('--json', 'print lines of JSON on stdout: each log line, the address, and how it ended')
    .option('--debug', 'show where an error came from')
    .action(handlers.up);
  common(
    program.command('stages').description('show the journey: what each stage adds, fixes and leaves broken'),
  ).action(handlers.stages);
  common(
    program.command('doctor').description('show what this machine has and lacks for which stage'),
  ).action(handlers.doctor);
  for (const name of LATER_COMMANDS) {
    program
      .command(name, { hidden: true })
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw comesLater(name);
      });
  }
}

/** The command that a command line names, for the envelope of an error that came before any command ran. */
export function commandNamed(program: Command, argv: readonly string[]): string {
  const first = argv.find(word => !word.startsWith('-'));
  return program.commands.find(command => command.name() === first)?.name() ?? 'create';
}

/** Commander's complaints in this tool's form: one line naming the flag and the way out. Help and version are no complaints. */
export function usageErrorOf(error: CommanderError, argv: readonly string[]): UsageError {
  const flag = /'(-[^' ]+)/.exec(error.message)?.[1];
  const guess = /Did you mean (.+)\?/.exec(error.message)?.[1];
  switch (error.code) {
    case 'commander.unknownOption':
      return new UsageError(
        `unknown flag ${flag}`,
        guess ? `did you mean ${guess}? ${HELP_HINT}` : HELP_HINT,
      );
    case 'commander.optionMissingArgument':
      return new UsageError(`${flag} needs a value`, valueHint(flag) ?? HELP_HINT);
    case 'commander.excessArguments':
      return tooMany(argv);
    default:
      return new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '), HELP_HINT);
  }
}

function valueHint(flag: string | undefined): string | undefined {
  const option = OPTIONS.find(each => each.flag === flag);
  return option?.choices && `choose one of ${choiceValues(option).join(', ')}`;
}

function tooMany(argv: readonly string[]): UsageError {
  const stage = argv.find(isStageName);
  return new UsageError(
    'more than one directory is given',
    stage ? `the stage is a flag: --stage ${stage}` : 'give one; the others, if they are names, need quotes',
  );
}

/**
 * What must be so in every Dockerfile that is generated, one line a rule: hadolint's, by their numbers, as far as they apply,
 * and what the Node images' and OWASP's advice for Node.js containers adds.
 */
import {
  type Dockerfile,
  DockerfileParser,
  type From,
  type Instruction,
  JSONInstruction,
  ModifiableInstruction,
} from 'dockerfile-ast';

interface Stage {
  readonly from: From;
  /** The instructions after FROM. */
  readonly instructions: readonly Instruction[];
}

interface DockerfileCase {
  readonly stages: readonly Stage[];
  readonly last: Stage;
  /** Of all stages. */
  readonly instructions: readonly Instruction[];
}

interface Rule {
  /** What goes wrong without it. */
  readonly why: string;
  readonly holds: (file: DockerfileCase) => boolean;
}

export const DOCKERFILE_RULES = {
  'DL3000 WORKDIR is absolute': {
    why: 'where it is depends on the image',
    holds: file => all(file, 'WORKDIR').every(line => words(line)[0]?.startsWith('/')),
  },
  'DL3002 the last USER is not root, and a number': {
    why: 'root in a container is root outside after one fault in the kernel',
    holds: ({ last }) => /^[1-9]\d*(:[1-9]\d*)?$/.test(argumentsOf(within(last, 'USER').at(-1))),
  },
  'DL3004 no sudo': { why: 'it is for people', holds: file => !runs(file, /\bsudo\b/) },
  'DL3006 DL3007 images by version': {
    why: 'tomorrow it is another image',
    holds: ({ stages }) =>
      stages.every(({ from }, index) => isStageBefore(stages, index, from.getImage()) || isPinned(from)),
  },
  'DL3008 DL3009 DL3015 apt-get: pinned, nothing recommended, lists removed': {
    why: 'images grow, and two builds differ',
    holds: file => all(file, 'RUN').map(argumentsOf).filter(isAptInstall).every(isTidyApt),
  },
  'DL3012 one HEALTHCHECK': {
    why: 'only the last counts; without one nobody sees that it hangs',
    holds: ({ last }) => within(last, 'HEALTHCHECK').length === 1,
  },
  'DL3020 COPY, not ADD': {
    why: 'ADD also fetches and unpacks',
    holds: file => all(file, 'ADD').length === 0,
  },
  'DL3022 DL3024 COPY --from a stage above, by its own name': {
    why: 'it is taken for an image and pulled from a registry',
    holds: ({ stages }) =>
      new Set(stageNames(stages)).size === stageNames(stages).length &&
      stages.every((stage, index) =>
        within(stage, 'COPY')
          .map(line => flag(line, 'from'))
          .every(name => name === undefined || isStageBefore(stages, index, name)),
      ),
  },
  'DL3025 CMD, ENTRYPOINT and HEALTHCHECK in exec form': {
    why: 'a shell in between keeps the stop signal to itself',
    holds: ({ last }) =>
      [...within(last, 'CMD'), ...within(last, 'ENTRYPOINT')].every(isExecForm) &&
      within(last, 'HEALTHCHECK').every(line => /\bCMD\s+\[/.test(argumentsOf(line))),
  },
  'DL4003 one CMD': { why: 'only the last counts', holds: ({ last }) => within(last, 'CMD').length === 1 },
  'more than one stage': {
    why: 'compiler and sources are in what runs',
    holds: ({ stages }) => stages.length > 1,
  },
  'npm ci, not npm install': {
    why: 'what is installed is not what was tested',
    holds: file => runs(file, /\bnpm ci\b/) && !runs(file, /\bnpm (i|install|add|update)\b/),
  },
  "npm's cache in a cache mount": {
    why: 'each change of a dependency fetches all of them again',
    holds: file =>
      all(file, 'RUN')
        .filter(line => /\bnpm ci\b/.test(argumentsOf(line)))
        .every(line => /^type=cache,target=\/root\/\.npm$/.test(flag(line, 'mount') ?? '')),
  },
  'no scripts of packages': {
    why: 'that is how most poisoned packages do their work',
    holds: file => npmCi(file).every(command => command.includes('--ignore-scripts')),
  },
  'manifests before the code': {
    why: 'each change of the code installs everything again',
    holds: ({ stages }) => stages.every(stage => !isBefore(stage, /^COPY (?!--from).*\. /, /\bnpm ci\b/)),
  },
  'only production dependencies in the last stage': {
    why: 'the compiler and the test tools are in what runs',
    holds: ({ stages, last }) =>
      within(last, 'RUN').every(line => !/\bnpm\b/.test(argumentsOf(line))) &&
      within(last, 'COPY')
        .filter(line => words(line).some(word => word.includes('node_modules')))
        .every(line => installsForProduction(stages, flag(line, 'from'))),
  },
  'only what was built in the last stage': {
    why: 'sources, and whatever else lies in the folder, are in what runs',
    holds: ({ last }) => within(last, 'COPY').every(line => flag(line, 'from') !== undefined),
  },
  'no secret in ARG or ENV': {
    why: '`docker history` shows it',
    holds: file =>
      [...all(file, 'ARG'), ...all(file, 'ENV')].every(line => !SECRET_WORD.test(argumentsOf(line))),
  },
  'code that belongs to root': {
    why: 'an intruder changes the program',
    holds: ({ last }) => [...within(last, 'COPY')].every(line => isRoot(flag(line, 'chown'))),
  },
  'node starts, not npm or a shell': {
    why: 'npm and shells keep the stop signal to themselves',
    holds: ({ last }) => within(last, 'ENTRYPOINT').length === 0 && programOf(last) === 'node',
  },
  'a heap that fits the memory limit': {
    why: "Node's own choice is as large as the limit: the kernel ends it before it collects its garbage",
    holds: ({ last }) =>
      within(last, 'ENV').some(line => /--max-old-space-size-percentage=7\d\b/.test(argumentsOf(line))),
  },
  'NODE_ENV is production': {
    why: 'libraries run in their slow and talkative mode',
    holds: ({ last }) => within(last, 'ENV').some(line => /\bNODE_ENV=production\b/.test(argumentsOf(line))),
  },
} as const satisfies Record<string, Rule>;

export type DockerfileRule = keyof typeof DOCKERFILE_RULES;

/** The rules that a Dockerfile breaks. @throws Error if it has no FROM */
export function brokenDockerfileRules(text: string): DockerfileRule[] {
  const file = readDockerfile(text);
  return (Object.keys(DOCKERFILE_RULES) as DockerfileRule[]).filter(
    name => !DOCKERFILE_RULES[name].holds(file),
  );
}

/** What must not get into an image, and so must not be sent to the builder: paths of a project with everything in it. */
export const NEVER_IN_AN_IMAGE = [
  '.git/config',
  '.env',
  '.env.production',
  'services/orders/.env',
  '.npmrc',
  'secrets/db_admin_password',
  'node_modules/fastify/package.json',
  'services/orders/node_modules/pg/package.json',
  'dist/server.js',
  'services/orders/dist/server.js',
];

/** Those of `paths` that a .dockerignore lets through. Reads what is generated: names, `*` within one, and `**` before one. */
export function letThrough(dockerignore: string, paths: readonly string[]): string[] {
  const patterns = dockerignore
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(patternOf);
  return paths.filter(path => !patterns.some(pattern => pattern.test(path)));
}

const SECRET_WORD = /PASSW|SECRET|TOKEN|CREDENTIAL|(^|_)KEY\b/i;

function readDockerfile(text: string): DockerfileCase {
  const file: Dockerfile = DockerfileParser.parse(text);
  const instructions = file.getInstructions();
  const stages = file.getFROMs().map((from, index, froms): Stage => {
    const start = instructions.findIndex(line => sameLine(line, from));
    const next = froms[index + 1];
    const end = next ? instructions.findIndex(line => sameLine(line, next)) : instructions.length;
    return { from, instructions: instructions.slice(start + 1, end) };
  });
  const last = stages.at(-1);
  if (!last) throw new Error('the Dockerfile has no FROM');
  return { stages, last, instructions };
}

function sameLine(a: Instruction, b: Instruction): boolean {
  return a.getRange().start.line === b.getRange().start.line;
}

function within({ instructions }: Pick<Stage, 'instructions'>, keyword: string): Instruction[] {
  return instructions.filter(line => line.getKeyword() === keyword);
}

const all = within;

function argumentsOf(line: Instruction | undefined): string {
  return line?.getArgumentsContent() ?? '';
}

/** Arguments without flags. */
function words(line: Instruction): string[] {
  return line
    .getArguments()
    .map(argument => argument.getValue())
    .filter(word => !word.startsWith('--'));
}

function flag(line: Instruction, name: string): string | undefined {
  const flags = line instanceof ModifiableInstruction ? line.getFlags() : [];
  return flags.find(candidate => candidate.getName() === name)?.getValue() ?? undefined;
}

function runs(file: DockerfileCase, command: RegExp): boolean {
  return all(file, 'RUN').some(line => command.test(argumentsOf(line)));
}

function npmCi(file: DockerfileCase): string[] {
  return all(file, 'RUN')
    .map(argumentsOf)
    .filter(command => /\bnpm ci\b/.test(command));
}

/** Whether an instruction like the first comes before one like the second. */
function isBefore(stage: Stage, first: RegExp, second: RegExp): boolean {
  const texts = stage.instructions.map(line => `${line.getKeyword()} ${argumentsOf(line)}`);
  const index = texts.findIndex(text => first.test(`${text} `));
  return index >= 0 && texts.slice(index).some(text => second.test(text));
}

function stageNames(stages: readonly Stage[]): string[] {
  return stages.flatMap(({ from }) => from.getBuildStage() ?? []);
}

function isStageBefore(stages: readonly Stage[], index: number, name: string | null): boolean {
  return stages.slice(0, index).some(({ from }) => from.getBuildStage() === name);
}

function isPinned(from: From): boolean {
  return from.getImageDigest() !== null || !['latest', '', null].includes(from.getImageTag());
}

function installsForProduction(stages: readonly Stage[], name: string | undefined): boolean {
  const stage = stages.find(({ from }) => from.getBuildStage() === name);
  const commands = stage ? within(stage, 'RUN').map(argumentsOf) : [];
  return commands.some(command => /\bnpm ci\b.*--omit=dev\b|\bnpm prune\b.*--omit=dev\b/.test(command));
}

function isExecForm(line: Instruction): boolean {
  return line instanceof JSONInstruction && line.getOpeningBracket() !== null;
}

function programOf(stage: Stage): string | undefined {
  const [command] = within(stage, 'CMD');
  return command instanceof JSONInstruction ? command.getJSONStrings()[0]?.getJSONValue() : undefined;
}

function isRoot(owner: string | undefined): boolean {
  return owner === undefined || /^(root|0)(:(root|0))?$/.test(owner);
}

function isAptInstall(command: string): boolean {
  return /\bapt(-get)?\b.*\binstall\b/s.test(command);
}

function isTidyApt(command: string): boolean {
  return (
    command.includes('--no-install-recommends') &&
    command.includes('rm -rf /var/lib/apt/lists/*') &&
    /\binstall\b[^;&|]*[a-z0-9.+-]+=\S+/.test(command)
  );
}

function patternOf(line: string): RegExp {
  const source = line
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**/', '(?:.*/)?')
    .replaceAll(/(?<![.)])\*/g, '[^/]*');
  return new RegExp(`^${source}(/|$)`);
}

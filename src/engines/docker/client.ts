/** The docker command, for one run: every container, network, volume and image bears the run's project name. */
import { hostname } from 'node:os';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import { isAlive } from '../../processes/table.ts';
import type { Launch } from '../run/launch.ts';
import type { Lifecycle } from '../run/lifecycle.ts';

/** On every container: the machine and the process that started the run. A run without its process is nobody's any more. */
export const OWNER_LABEL = 'create-backend-stage.owner';
const OWNER = hostname();
export const ownerLabel = () => `${OWNER}/${process.pid}`;

/** The part of `docker inspect` that is read here. */
export interface Container {
  readonly Name: string;
  readonly State: {
    readonly Running: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly Healthcheck?: { readonly Test?: readonly string[] } };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
    /** By the container's port, such as `3000/tcp`: where the host listens for it, if it does. */
    readonly Ports: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    >;
  };
}

/** A container that has ended. */
export interface ContainerEnd {
  readonly node: string;
  readonly copy: number;
  readonly exitCode: number;
}

interface Settings {
  readonly project: string;
  /** Compose files, later ones over earlier ones. */
  readonly files: readonly string[];
  /** The variables by which compose.yaml takes its host ports. */
  readonly ports: Readonly<Record<string, string>>;
}

/** A step of a Dockerfile, in the words of BuildKit's plain progress: `#8 [app build 4/6] RUN …`. */
const BUILD_STEP = /^#\d+ (\[.+ \d+\/\d+\] .*)/;
/** What Compose says before it has done something; what it says afterwards is enough. */
const PASSING = /\s(Creating|Created|Starting|Waiting|Recreate|Running)$/;

/** Compose moves the cursor even where nobody looks. */
function withoutEscapes(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
  return line.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '');
}

/** BuildKit puts the step's number, and often the time, before each line. */
function withoutNumber(line: string): string {
  return line.replace(/^#\d+ ([\d.]+ )?/, '');
}

/** A build step is named again whenever another one came between, and a container whenever it is looked at. */
function onceEach(say: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return line => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
}

/** Complaints of Docker that say nothing of the project: of a port, the disk, or the way to a registry. */
const LACKS =
  /port is already allocated|address already in use|no space left on device|failed to (resolve|fetch|copy)|TLS handshake timeout|no such host|i\/o timeout|connection refused/i;

function failed(command: string, printed: readonly string[], logTail: readonly string[]): EngineError {
  const last = printed.at(-1) ?? 'it said nothing';
  return new EngineError(`${command} failed: ${last}`, {
    logTail,
    ...(LACKS.test(last) ? { lacks: 'machine' } : {}),
  });
}

export class Docker {
  readonly project: string;
  readonly #lifecycle: Lifecycle;
  readonly #files: readonly string[];
  readonly #env: Record<string, string>;

  constructor(lifecycle: Lifecycle, { project, files, ports }: Settings) {
    this.project = project;
    this.#lifecycle = lifecycle;
    this.#files = files.flatMap(file => ['-f', file]);
    // Docker's own settings (host, context, proxy) are the user's; which project is meant is not.
    const own = Object.entries(process.env).filter(([key]) => !key.startsWith('COMPOSE_'));
    this.#env = { ...(Object.fromEntries(own) as Record<string, string>), ...ports };
  }

  launch(args: readonly string[]): Launch {
    return { command: 'docker', args, cwd: this.#lifecycle.runDirectory.path, env: this.#env, kind: 'other' };
  }

  /** @returns what docker printed. @throws EngineError with its complaint */
  async run(...args: string[]): Promise<readonly string[]> {
    const { code, lines } = await this.#lifecycle.complete(this.launch(args));
    if (code === 0) return lines;
    throw new EngineError(`docker ${args[0]}: ${lines.at(-1) ?? `exit code ${code}`}`, { logTail: lines });
  }

  /** Whether it went well, for what is allowed to fail. */
  async try(...args: string[]): Promise<boolean> {
    return (await this.#lifecycle.complete(this.launch(args))).code === 0;
  }

  /** Builds the images. @throws EngineError with what the build printed last */
  async build(onProgress: (line: string) => void): Promise<void> {
    const args = ['build', '--progress', 'plain'];
    const onStep = onceEach(onProgress);
    const printed = await this.#compose(args, line => {
      const [, step] = BUILD_STEP.exec(line) ?? [];
      if (step) onStep(step);
    });
    if (printed) throw failed('docker compose build', printed.map(withoutNumber), printed.slice(-LOG_TAIL));
  }

  /**
   * Starts everything, and waits until it is healthy.
   * @param explain what the container that is to blame printed
   * @throws EngineError
   */
  async up(
    onProgress: (line: string) => void,
    explain: () => Promise<readonly string[] | undefined>,
  ): Promise<void> {
    const args = ['up', '--no-build', '--wait', '--quiet-pull'];
    const printed = await this.#compose(
      args,
      onceEach(line => {
        if (!PASSING.test(line)) onProgress(line);
      }),
    );
    if (printed) throw failed('docker compose up', printed, (await explain()) ?? printed.slice(-LOG_TAIL));
  }

  /** @throws EngineError */
  async scale(service: string, copies: number): Promise<void> {
    const scale = ['--scale', `${service}=${copies}`];
    const args = ['up', '--no-build', '--no-recreate', '--wait', ...scale];
    const printed = await this.#compose(args, () => {});
    if (printed) throw failed('docker compose up', printed, printed.slice(-LOG_TAIL));
  }

  /** @returns what compose printed, if it failed */
  async #compose(
    args: readonly string[],
    onLine: (line: string) => void,
  ): Promise<readonly string[] | undefined> {
    const printed: string[] = [];
    const launch = this.launch(['compose', ...this.#files, '-p', this.project, ...args]);
    const child = this.#lifecycle.launch(launch, text => {
      const line = withoutEscapes(text).replaceAll(`${this.project}-`, '').trim();
      if (line === '') return;
      printed.push(line);
      onLine(line);
    });
    return (await child.exit) === 0 ? undefined : printed;
  }

  /** Takes down and removes a run, by the labels that Compose gives: needs neither its files nor the project's. */
  undo(project = this.project): Launch {
    const all = ['down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '0'];
    return this.launch(['compose', '-p', project, ...all]);
  }

  /** Takes down what runs left whose process did not live to do so, nor its watchdog. */
  async sweep(): Promise<void> {
    const format = `{{.Label "${OWNER_LABEL}"}} {{.Label "com.docker.compose.project"}}`;
    const args = ['ps', '--all', '--filter', `label=${OWNER_LABEL}`, '--format', format];
    const left = (await this.run(...args)).flatMap(line => {
      const [, host, pid, project] = /^(.*)\/(\d+) (\S+)$/.exec(line) ?? [];
      return project && host === OWNER && !isAlive(Number(pid)) ? [project] : [];
    });
    for (const project of new Set(left)) await this.#lifecycle.complete(this.undo(project));
  }

  /**
   * What the project's owner runs from the same folder, for services that its compose files no longer have: a start without
   * `--remove-orphans` leaves such containers running. @returns a line for each, naming container and service
   */
  async leftOver(): Promise<string[]> {
    const label = (name: string) => `{{.Label "com.docker.compose.${name}"}}`;
    const ps = (filter: string, ...fields: string[]) =>
      this.run('ps', '--filter', `label=com.docker.compose.${filter}`, '--format', fields.join('\t'));
    const [folder] = await ps(`project=${this.project}`, label('project.working_dir'));
    if (!folder) return [];
    const services = new Set(await this.run('compose', ...this.#files, 'config', '--services'));
    const all = await ps(`project.working_dir=${folder}`, '{{.Names}}', label('service'), label('project'));
    return all.flatMap(line => {
      const [name = '', service = '', project] = line.split('\t');
      // Runs of this tool have projects of their own, and end by themselves.
      const isOwners = project !== this.project && !project?.startsWith('create-backend-stage-');
      return isOwners && !services.has(service) ? [`${name} (service ${service})`] : [];
    });
  }

  /** The containers of these names, as far as there are any. */
  async inspect(names: readonly string[]): Promise<Container[]> {
    const args = ['inspect', '--type', 'container', '--format', '{{json .}}', ...names];
    const { lines } = await this.#lifecycle.complete(this.launch(args));
    return lines.flatMap(line => (line.startsWith('{') ? [JSON.parse(line) as Container] : []));
  }

  /** Tells of each container of the run that ends, also of those that have ended since. */
  followEnds(since: Date, onEnd: (end: ContainerEnd) => void): void {
    const label = 'com.docker.compose';
    const values = ['service', 'container-number'].map(
      name => `{{index .Actor.Attributes "${label}.${name}"}}`,
    );
    const args = ['events', '--since', String(Math.floor(since.getTime() / 1000))];
    const filters = ['--filter', `label=${label}.project=${this.project}`, '--filter', 'event=die'];
    const format = ['--format', `${values.join(' ')} {{.Actor.Attributes.exitCode}}`];
    this.#lifecycle.launch(this.launch([...args, ...filters, ...format]), line => {
      const [, node, copy, exitCode] = /^(\S+) (\d+) (\d+)$/.exec(line) ?? [];
      if (node) onEnd({ node, copy: Number(copy) - 1, exitCode: Number(exitCode) });
    });
  }

  /** Hands on every line of every container, from its first one. */
  follow(onLog: (node: string, copy: number, line: string) => void): void {
    const args = ['compose', ...this.#files, '-p', this.project, 'logs', '--follow', '--no-color'];
    this.#lifecycle.launch(this.launch(args), text => {
      const [, node, copy, line] = /^(\S+)-(\d+)\s*\| ?(.*)$/.exec(withoutEscapes(text)) ?? [];
      if (node && line !== undefined) onLog(node, Number(copy) - 1, line);
    });
  }
}

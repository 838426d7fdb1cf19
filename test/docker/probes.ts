/**
 * What can be seen of running containers, from outside (`docker inspect`) and from inside (`docker exec`). Each probe returns its
 * findings, one line each, and an empty list when all is well: good and careless projects are judged by the same code.
 */
import { execa } from 'execa';

/** The part of `docker inspect` that is read here. */
export interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly Init: boolean | null;
    readonly CapAdd: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly NetworkMode: string;
    readonly PidMode: string;
    readonly IpcMode: string;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number | null;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  };
  readonly Mounts: readonly { readonly Type: string; readonly Destination: string; readonly RW: boolean }[];
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

/** What compose.yaml promises that a container may use up at most. */
export interface Limits {
  readonly cpus: string;
  readonly memory: string;
  readonly pids: number;
}

/** The container's service and number, such as `app-2`. */
export function nameOf(container: Container): string {
  return `${serviceOf(container)}-${container.Config.Labels['com.docker.compose.container-number']}`;
}

export function serviceOf(container: Container): string {
  return container.Config.Labels['com.docker.compose.service'] ?? '';
}

/** The container's address on one of the project's networks, named as in compose.yaml. */
export function addressOf(container: Container, network: string): string | undefined {
  const found = Object.entries(container.NetworkSettings.Networks).find(([name]) =>
    name.endsWith(`_${network}`),
  );
  return found?.[1].IPAddress;
}

/** What the engine was told about a container, as far as no look inside can tell. */
export function settingFindings(container: Container, limits: Limits): string[] {
  const { HostConfig: host, Config: config, State: state } = container;
  const mebibytes = Number.parseInt(limits.memory, 10);
  const faults: [boolean, string][] = [
    [host.Privileged, 'is privileged'],
    [(host.CapAdd ?? []).length > 0, `is given ${host.CapAdd?.join(', ')}`],
    [!host.ReadonlyRootfs, 'has a writable root file system'],
    [!/^[1-9]\d*:[1-9]\d*$/.test(config.User), `runs as "${config.User}", not as a number other than 0`],
    [host.Init !== true, 'has no init'],
    [host.Memory !== mebibytes * 1024 * 1024, `may use ${host.Memory} bytes of memory, not ${limits.memory}`],
    [host.NanoCpus !== Number(limits.cpus) * 1e9, `may use ${host.NanoCpus / 1e9} CPUs, not ${limits.cpus}`],
    [host.PidsLimit !== limits.pids, `may have ${host.PidsLimit} processes, not ${limits.pids}`],
    [!('max-size' in host.LogConfig.Config), 'has logs without end'],
    [[host.NetworkMode, host.PidMode, host.IpcMode].includes('host'), 'shares a namespace with the host'],
    [
      container.Mounts.some(mount => mount.Type === 'bind' && mount.RW),
      'may write to a file or folder of the host',
    ],
    [
      container.Mounts.some(mount => mount.Destination.endsWith('docker.sock')),
      'has the Docker socket, which is as good as root',
    ],
    [state.Running && state.Health === undefined, 'has no health check'],
    [
      state.Running && state.Health !== undefined && state.Health.Status !== 'healthy',
      `is ${state.Health?.Status}`,
    ],
    [!state.Running && state.ExitCode !== 0, `ended with exit code ${state.ExitCode}`],
    [container.RestartCount > 0, `was restarted ${container.RestartCount} times`],
  ];
  return named(container, faults);
}

/** Values of secrets where `docker inspect` shows them to whoever may ask Docker: environment, command, labels. */
export function secretFindings(container: Container, secrets: ReadonlyMap<string, string>): string[] {
  const shown = JSON.stringify(container);
  return named(
    container,
    [...secrets].map(([name, value]) => [
      shown.includes(value),
      `shows the secret ${name} in docker inspect`,
    ]),
  );
}

/** Only the shell's own commands and cat, touch: images have little else. */
const LOOK_AROUND = `
for process in /proc/[0-9]*; do
  status=$(cat $process/status 2>/dev/null) && echo "$status" && echo
done
echo ---
for folder in / /etc /usr/local; do
  LC_ALL=C touch $folder/.probe 2>&1 && echo "$folder: written"
done
echo ---
while read -r device point kind options rest; do
  case "$options" in rw,*) echo "$point $kind";; esac
done < /proc/mounts
`;

/** Kernel's own file systems and what Docker always mounts: none of them outlives the container or is the image's. */
const HARMLESS = /^\/(?:proc|sys|dev)(?:\/|$)|^\/etc\/(?:hosts|hostname|resolv\.conf)$/;

/**
 * What processes really may do, read from the kernel inside a running container: all of them, as process 1 is Docker's init.
 * @param writable folders that are meant to be written to
 */
export async function processFindings(container: Container, writable: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('docker', ['exec', container.Id, 'sh', '-c', LOOK_AROUND], {
    reject: false,
  });
  const [processes = '', writes = '', mounts = ''] = stdout.split('---\n');
  const statuses = processes.split('\n\n').filter(each => each.includes('CapEff'));
  const writeAttempts = writes.split('\n').filter(line => line.includes(': '));
  return [
    ...named(container, [
      [statuses.length < 2, `shows ${statuses.length} processes: the probe could not look`],
      [writeAttempts.length === 0, 'let the probe try no write'],
    ]),
    ...statuses.flatMap(status => named(container, statusFaults(status))),
    ...named(
      container,
      writeAttempts.map(line => [!line.includes('Read-only file system'), `is not read-only: ${line}`]),
    ),
    ...named(
      container,
      mounts.split('\n').flatMap((line): [boolean, string][] => {
        const [point = '', kind = ''] = line.split(' ');
        if (point === '' || HARMLESS.test(point)) return [];
        return [[!writable.includes(point), `has a writable ${kind} at ${point}`]];
      }),
    ),
  ];
}

function statusFaults(status: string): [boolean, string][] {
  const field = (name: string) =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? ['?'];
  const who = `process ${field('Pid')[0]} (${field('Name')[0]})`;
  const none = (name: string) => [...field(name)].every(each => /^0+$/.test(each));
  return [
    [[...field('Uid'), ...field('Gid')].includes('0'), `${who} runs as root`],
    [!none('CapEff'), `${who} has capabilities ${field('CapEff')[0]}`],
    [!none('CapBnd'), `${who} could get capabilities ${field('CapBnd')[0]}`],
    [field('NoNewPrivs')[0] !== '1', `${who} may gain rights`],
    [field('Seccomp')[0] !== '2', `${who} has no seccomp filter`],
  ];
}

/** The host's ports that lead into the project. @param allowed service → container ports that are meant to be published */
export function publishedFindings(
  containers: readonly Container[],
  allowed: Readonly<Record<string, readonly number[]>>,
): string[] {
  return containers.flatMap(container => {
    const expected = (allowed[serviceOf(container)] ?? []).map(port => `${port}/tcp`);
    const published = Object.entries(container.NetworkSettings.Ports)
      .filter(([, bindings]) => bindings !== null && bindings.length > 0)
      .map(([port]) => port);
    return named(container, [
      ...published.map((port): [boolean, string] => [!expected.includes(port), `publishes its port ${port}`]),
      ...expected.map((port): [boolean, string] => [
        container.State.Running && !published.includes(port),
        `does not publish its port ${port}`,
      ]),
    ]);
  });
}

/** One attempt to get from a container to somewhere else. */
export interface Reach {
  readonly host: string;
  readonly port: number;
  /** Whether the way is meant to be open. */
  readonly open: boolean;
  /** What is there, for the finding. */
  readonly what: string;
}

/**
 * Whether each way leads there or not. Names first and on their own: on a network without a way out, a name that is not there is
 * answered late or never. node where there is no bash. A refusal means that the way is open.
 */
const TRY_WAYS = `
try() {
  case $1 in *[a-z]*) timeout 1 getent hosts "$1" >/dev/null || { echo "$1 $2 unknown"; return; };; esac
  if command -v bash >/dev/null; then
    said=$(timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1) && result=open || case $said in *refused*) result=open;; *) result=cut;; esac
  else
    result=$(node -e '
      const say = word => { console.log(word); process.exit(); };
      require("node:net").connect(process.argv[2], process.argv[1], () => say("open")).on("error", e => say(e.code === "ECONNREFUSED" ? "open" : "cut"));
      setTimeout(say, 1000, "cut");' "$1" "$2")
  fi
  echo "$1 $2 $result"
}
while [ $# -gt 0 ]; do try "$1" "$2" & shift 2; done
wait
`;
/** More at once would come near the container's own limit of processes. */
const AT_ONCE = 8;

/** Which of these ways are open that should not be, and the other way round. */
export async function reachFindings(container: Container, ways: readonly Reach[]): Promise<string[]> {
  const findings: string[] = [];
  for (let at = 0; at < ways.length; at += AT_ONCE) {
    const batch = ways.slice(at, at + AT_ONCE);
    const results = await tryWays(container, batch);
    for (const { host, port, open, what } of batch) {
      const result = results.get(`${host} ${port}`) ?? 'not tried';
      const isName = /[a-z]/.test(host);
      const expected = open ? 'open' : isName ? 'unknown' : 'cut';
      if (result !== expected)
        findings.push(`${nameOf(container)}: ${what} at ${host}:${port} is ${result}, not ${expected}`);
    }
  }
  return findings;
}

/** For each `host port`: open, cut, or unknown where the name is. */
export async function tryWays(
  container: Container,
  ways: readonly Pick<Reach, 'host' | 'port'>[],
): Promise<Map<string, string>> {
  const targets = ways.flatMap(({ host, port }) => [host, String(port)]);
  const { stdout } = await execa('docker', ['exec', container.Id, 'sh', '-c', TRY_WAYS, 'sh', ...targets]);
  return new Map(
    stdout.split('\n').map(line => {
      const [host, port, result = ''] = line.split(' ');
      return [`${host} ${port}`, result];
    }),
  );
}

/** How containers ended that were asked to: by themselves, or killed when their time was over (137) or by the signal (143). */
export function endFindings(containers: readonly Container[]): string[] {
  return containers.flatMap(container =>
    named(container, [
      [container.State.Running, 'still runs'],
      [container.State.ExitCode !== 0, `ended with exit code ${container.State.ExitCode}`],
    ]),
  );
}

function named(container: Container, faults: readonly [boolean, string][]): string[] {
  return faults.flatMap(([isSo, what]) => (isSo ? [`${nameOf(container)}: ${what}`] : []));
}

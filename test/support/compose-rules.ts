/**
 * The hardening list: what must be so in every compose.yaml that is generated, one line a rule. Sources: OWASP's Docker
 * Security Cheat Sheet (rules 1 to 8 and 12) and the CIS Docker Benchmark (section 5), as far as a compose file decides them.
 */
import { join } from 'node:path';
import { type BlueprintNode, nodeNamed } from '../../src/blueprint/blueprint.ts';
import { TIMEOUTS } from '../../src/journey/timeouts.ts';
import type { ComposeCase, ComposeConfig, ComposeService } from './compose-config.ts';

interface Rule {
  /** What goes wrong without it. */
  readonly why: string;
  /** The services, or parts of the file, that break it. */
  readonly brokenBy: (file: ComposeCase) => readonly string[];
}

type ServiceCheck = (service: ComposeService, node: BlueprintNode, file: ComposeCase) => boolean;

/** A rule about each service. */
function each(holds: ServiceCheck, why: string): Rule {
  const isBroken =
    (file: ComposeCase) =>
    ([name, service]: [string, ComposeService]) =>
      !holds(service, nodeNamed(file.blueprint, name), file);
  return {
    why,
    brokenBy: file =>
      Object.entries(file.config.services)
        .filter(isBroken(file))
        .map(([name]) => name),
  };
}

/** A rule about the file. */
function whole(holds: (file: ComposeCase) => boolean, why: string): Rule {
  return { why, brokenBy: file => (holds(file) ? [] : ['compose.yaml']) };
}

export const HARDENING = {
  'a user who is not root': each(
    ({ user }) => /^[1-9]\d*:[1-9]\d*$/.test(user ?? ''),
    'a fault in the kernel makes root in a container root outside; only a number can be checked by an orchestrator',
  ),
  'a root that nobody writes to': each(
    ({ read_only }) => read_only === true,
    'an intruder changes the program',
  ),
  'tmpfs that runs nothing and has an end': each(
    ({ tmpfs = [] }) =>
      tmpfs.some(mount => mount.startsWith('/tmp:')) &&
      tmpfs.every(mount => ['noexec', 'nosuid', 'nodev'].every(has(mount)) && /[:,]size=\d+m/.test(mount)),
    'an intruder runs what he downloaded, or fills the memory of the machine',
  ),
  'every capability dropped': each(
    ({ cap_drop }) => cap_drop?.join() === 'ALL',
    'a container has rights over the network and over files of others',
  ),
  'no capability added': each(({ cap_add = [] }) => cap_add.length === 0, 'see above'),
  'no new privileges': each(
    ({ security_opt = [] }) => security_opt.join() === 'no-new-privileges:true',
    'a setuid program in the image makes root of anybody; `seccomp:unconfined` belongs here too',
  ),
  'an init process': each(({ init }) => init === true, 'children left behind stay zombies'),
  'an end to memory': each(
    ({ deploy }) => Number(deploy?.resources?.limits?.memory) > 0,
    'one leak takes the whole machine down',
  ),
  'an end to processors': each(
    ({ deploy }) => Number(deploy?.resources?.limits?.cpus) > 0,
    'one loop slows everything else',
  ),
  'an end to processes': each(
    ({ deploy }) => Number(deploy?.resources?.limits?.pids) > 0,
    'a fork bomb takes the whole machine down',
  ),
  'a health check, unless it ends by itself': each(
    ({ healthcheck }, { kind }) =>
      kind === 'job'
        ? healthcheck?.disable === true
        : healthcheck?.test?.[0] === 'CMD' &&
          seconds(healthcheck.interval) > 0 &&
          seconds(healthcheck.timeout) > 0 &&
          Number(healthcheck.retries) > 0,
    '`up --wait` and whatever depends on it go on too early',
  ),
  'a restart policy': each(
    ({ restart }, { kind }) => restart === (kind === 'job' ? 'no' : 'unless-stopped'),
    'a crash is for ever; and a job that failed would be tried for ever',
  ),
  'time to stop': each(
    ({ stop_grace_period }) => seconds(stop_grace_period) >= TIMEOUTS.stopGracePeriod,
    'requests that are being answered are cut off',
  ),
  'logs that end': each(
    ({ logging }) =>
      logging?.driver === 'json-file' &&
      /^\d+m$/.test(logging.options?.['max-size'] ?? '') &&
      Number(logging.options?.['max-file']) > 0,
    'logs fill the disk',
  ),
  'an image by version, or built here': each(
    ({ image, build }) => (image === undefined ? build !== undefined : isPinned(image)),
    'tomorrow it is another program',
  ),
  'no privileged container': each(
    ({ privileged, devices = [] }) => privileged !== true && devices.length === 0,
    'it is root on the machine',
  ),
  'no namespace of the machine': each(
    service => [service.network_mode, service.pid, service.ipc, service.userns_mode].every(isOwn),
    'it sees the processes and the network of the machine, or of another container',
  ),
  'no Docker socket': each(
    ({ volumes = [] }) => volumes.every(({ source }) => !source?.includes('docker.sock')),
    'whoever reaches the socket is root on the machine',
  ),
  'no name of its own': each(({ container_name }) => container_name === undefined, 'it cannot be scaled'),
  'configuration that is only read': each(
    ({ volumes = [] }) => volumes.every(({ type, read_only }) => type === 'volume' || read_only === true),
    "an intruder changes the project's own files",
  ),
  'networks by name': each(
    ({ networks = {} }, node) => sameItems(Object.keys(networks), node.networks),
    'what shares the default network reaches everything',
  ),
  'internal networks': whole(
    ({ config: { networks } }) =>
      Object.entries(networks).every(([name, { internal = false }]) => internal === (name !== 'edge')),
    'an intruder calls home, or takes the data out',
  ),
  'a database that only the inside reaches': whole(
    ({ config, blueprint }) =>
      blueprint.nodes
        .filter(({ kind }) => kind === 'postgres')
        .every(({ name }) => Object.keys(config.services[name]?.networks ?? {}).join() === 'data'),
    'whatever has a port open to the world is one step away from the data',
  ),
  'one front door': each(
    ({ ports = [] }, node, { blueprint }) =>
      sameItems(ports.map(portText), expectedPorts(node, blueprint.frontDoor)),
    'other machines reach what was never meant for them',
  ),
  'no port of the machine for what is scaled': each(
    ({ ports = [], deploy }) => ports.length === 0 || (deploy?.replicas ?? 1) === 1,
    'the second copy finds the port taken',
  ),
  'as many copies as asked for': each(
    ({ deploy }, node) => deploy?.replicas === (node.kind === 'program' ? node.replicas : undefined),
    '`--replicas` does nothing',
  ),
  'data in a named volume, where the image keeps it': each(
    ({ volumes = [] }, { kind }) =>
      kind !== 'postgres' ||
      (volumes.length === 1 && volumes[0]?.type === 'volume' && isNamedData(volumes[0])),
    'the data are gone with the container',
  ),
  'no secret in the environment': each(
    ({ environment = {} }) => Object.entries(environment).every(isHarmless),
    '`docker inspect`, error reports and child processes show it',
  ),
  'secrets in files of the project': whole(
    ({ config: { secrets = {} }, folder }) =>
      Object.entries(secrets).every(([name, { file }]) => file === join(folder, 'secrets', name)),
    'they are in the shell history or in git',
  ),
  'no more secrets than it needs': each(
    ({ secrets = [] }, node) =>
      sameItems(
        secrets.map(({ source }) => source),
        node.secrets,
      ),
    'one service that is taken over gives away all others',
  ),
  'a start in order': each(
    ({ depends_on = {} }, { needs }) =>
      sameItems(
        Object.entries(depends_on).map(([node, { condition }]) => `${node} ${condition}`),
        needs.map(({ node, condition }) => `${node} ${CONDITIONS[condition]}`),
      ),
    'programs fail until what they need is there',
  ),
  'migrations before programs': each(
    ({ environment = {}, depends_on = {} }, { kind }) =>
      kind !== 'program' ||
      environment.PGHOST === undefined ||
      Object.values(depends_on).some(({ condition }) => condition === CONDITIONS.completed),
    'a program meets a database that is older than itself',
  ),
  'the hardening by its anchor': whole(
    ({ written }) =>
      written['x-hardened'] !== undefined &&
      Object.values(written.services).every(service => service['<<'] === written['x-hardened']),
    'the next change of it forgets a service',
  ),
  'no exception without its reason': whole(
    file => unexplained(file).length === 0,
    'nobody dares to take it away again, or everybody copies it',
  ),
  'a name, and no version': whole(
    ({ config, written, blueprint }) => config.name === blueprint.project && written.version === undefined,
    'Compose takes the folder for a name, and warns about the version',
  ),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof HARDENING;

/** Every breach of the list, such as `db: an init process (children left behind stay zombies)`. */
export function breaches(file: ComposeCase): string[] {
  return brokenRules(file).flatMap(name =>
    HARDENING[name].brokenBy(file).map(where => `${where}: ${name} (${HARDENING[name].why})`),
  );
}

/** The names of the rules that do not hold. */
export function brokenRules(file: ComposeCase): RuleName[] {
  return (Object.keys(HARDENING) as RuleName[]).filter(name => HARDENING[name].brokenBy(file).length > 0);
}

const CONDITIONS = { healthy: 'service_healthy', completed: 'service_completed_successfully' } as const;
/** The words by which a variable tells that it holds a secret. Its file's name is none. */
const SECRET_WORD = /PASSW|SECRET|TOKEN|CREDENTIAL|(^|_)KEY(_|$)/;
const CREDENTIALS_IN_URL = /:\/\/[^/@\s]*:[^/@\s]*@/;

function has(mount: string) {
  return (option: string) => mount.split(/[:,]/).includes(option);
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join() === b.toSorted().join();
}

/** Of Compose's durations, those that are generated: `30s`, `1m30s`. */
function seconds(duration = ''): number {
  const [, minutes = 0, rest = 0] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(rest);
}

function isPinned(image: string): boolean {
  const [, tag = ''] = /:([^:/@]+)(?:@|$)/.exec(image) ?? [];
  return image.includes('@sha256:') || (tag !== '' && tag !== 'latest');
}

function isOwn(namespace: string | undefined): boolean {
  return namespace === undefined || namespace === 'private';
}

function portText({ published, target, protocol }: NonNullable<ComposeService['ports']>[number]): string {
  return `${published}:${target}/${protocol}`;
}

function expectedPorts(node: BlueprintNode, frontDoor: ComposeCase['blueprint']['frontDoor']): string[] {
  if (node.name !== frontDoor.node) return [];
  if (node.kind !== 'nginx') return [`${frontDoor.publishedPort}:${node.port}/tcp`];
  return [`${frontDoor.publishedPort}:${node.tlsPort}/tcp`, `${frontDoor.redirectPort}:${node.port}/tcp`];
}

function isNamedData({ source, target }: NonNullable<ComposeService['volumes']>[number]): boolean {
  return source !== undefined && target === '/var/lib/postgresql';
}

function isHarmless([key, value]: [string, string | null]): boolean {
  if (CREDENTIALS_IN_URL.test(value ?? '')) return false;
  if (key.endsWith('_FILE')) return /^\/run\/secrets\/\w+$/.test(value ?? '');
  return !SECRET_WORD.test(key);
}

/** Keys of services that go against the anchor and have no comment in the line above. */
function unexplained({ written, text }: ComposeCase): string[] {
  const lines = text.split('\n');
  return Object.entries(written.services).flatMap(([name, service]) => {
    const start = lines.indexOf(`  ${name}:`);
    return Object.keys(written['x-hardened'] ?? {})
      .filter(key => key in service)
      .filter(key => {
        const line = lines.findIndex((text, index) => index > start && text.startsWith(`    ${key}:`));
        return !lines[line - 1]?.trim().startsWith('#');
      })
      .map(key => `${name}.${key}`);
  });
}

/** For cases that break a rule on purpose. @throws Error if there is no such service */
export function serviceOf(config: ComposeConfig, name: string): ComposeService {
  const found = config.services[name];
  if (!found) throw new Error(`no service called ${name}`);
  return found;
}

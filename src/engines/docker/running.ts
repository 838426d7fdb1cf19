/** A project that Compose runs, as guarantees see it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Blueprint, copyCount, nodeNamed } from '../../blueprint/blueprint.ts';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import type { Endpoint, Mail, PartEnd, Running } from '../engine.ts';
import type { Lifecycle } from '../run/lifecycle.ts';
import { accepts, HEALTHY_WITHIN_MS, waitUntil } from '../run/wait.ts';
import { roleOf, runSql, serverOf } from '../sql.ts';
import type { Container, ContainerEnd, Docker } from './client.ts';
import { tunnelTo } from './tunnel.ts';

/** How old what was seen of the containers may be. Whoever waits for a change asks many times a second. */
const LOOK_MS = 200;
const PROBE_PAUSE_MS = 150;

/** The mail server's own list, over its HTTP API, from inside its container: no network leads there. */
const MAILBOX = 'http://127.0.0.1:1080/email';
const FORGET_MAILS = `fetch('${MAILBOX}/all', { method: 'DELETE' }).then(({ ok }) => process.exit(ok ? 0 : 1));`;
const READ_MAILS = `const api = '${MAILBOX}';
fetch(api).then(answer => answer.json()).then(all => Promise.all(all.map(async mail => ({
  from: mail.envelope.from.address ?? '',
  to: mail.envelope.to.map(each => each.address),
  raw: await (await fetch(api + '/' + mail.id + '/source')).text(),
})))).then(mails => console.log(JSON.stringify(mails)));`;

interface Parts {
  readonly lifecycle: Lifecycle;
  readonly docker: Docker;
  readonly blueprint: Blueprint;
  readonly frontDoor: Running['frontDoor'];
  readonly certificate: string | undefined;
}

export class DockerRunning implements Running {
  readonly engine = 'docker';
  readonly blueprint: Blueprint;
  readonly certificate: string | undefined;
  readonly frontDoor: Running['frontDoor'];
  readonly #lifecycle: Lifecycle;
  readonly #docker: Docker;
  readonly #paused = new Set<string>();
  readonly #created = new Date();
  #containers = new Map<string, Container>();
  #looked = 0;
  #look: Promise<void> | undefined;
  #isReachable: boolean | undefined;

  constructor({ lifecycle, docker, blueprint, frontDoor, certificate }: Parts) {
    this.blueprint = blueprint;
    this.certificate = certificate;
    this.frontDoor = frontDoor;
    this.#lifecycle = lifecycle;
    this.#docker = docker;
  }

  /** The container's name, as Compose gives it. */
  #name(node: string, copy = 0): string {
    if (copy >= copyCount(nodeNamed(this.blueprint, node)))
      throw new EngineError(`the run has no copy ${copy} of ${node}`);
    return `${this.#docker.project}-${node}-${copy + 1}`;
  }

  #names(node: string): string[] {
    const copies = copyCount(nodeNamed(this.blueprint, node));
    return Array.from({ length: copies }, (_, copy) => this.#name(node, copy));
  }

  /** Sees all containers anew. */
  async look(): Promise<void> {
    const began = performance.now();
    const all = await this.#docker.inspect(this.blueprint.nodes.flatMap(({ name }) => this.#names(name)));
    this.#containers = new Map(all.map(each => [each.Name.slice(1), each]));
    this.#looked = began;
    this.#isReachable ??= await this.#reaches(this.blueprint.frontDoor.node);
  }

  /** Linux hosts reach their containers; where those run in a virtual machine, nothing leads there. */
  async #reaches(node: string): Promise<boolean> {
    const door = this.#endpoint(node);
    return door !== undefined && (await accepts(door.port, door.host));
  }

  /** One that was seen a moment ago, after whatever was done since. */
  async #container(name: string): Promise<Container | undefined> {
    if (performance.now() - this.#looked > LOOK_MS) {
      this.#look ??= this.look().finally(() => {
        this.#look = undefined;
      });
      await this.#look;
    }
    return this.#containers.get(name);
  }

  /** Does something to a container. What was seen of it before counts no more. */
  async #act(...args: string[]): Promise<void> {
    try {
      await this.#docker.run(...args);
    } catch (error) {
      // It has ended by itself.
      if (!/is not running/.test(String(error))) throw error;
    }
    await this.#look;
    this.#looked = 0;
  }

  #endpoint(node: string, copy = 0): Endpoint | undefined {
    const found = nodeNamed(this.blueprint, node);
    const port = found.kind === 'nginx' ? found.tlsPort : found.port;
    const networks = this.#containers.get(this.#name(node, copy))?.NetworkSettings.Networks ?? {};
    const host = Object.values(networks).find(({ IPAddress }) => IPAddress !== '')?.IPAddress;
    return host === undefined ? undefined : { host, port };
  }

  address(node: string, copy?: number): Endpoint | undefined {
    return this.#isReachable ? this.#endpoint(node, copy) : undefined;
  }

  published(node: string, copy?: number): readonly Endpoint[] {
    const ports = this.#containers.get(this.#name(node, copy))?.NetworkSettings.Ports ?? {};
    return Object.values(ports).flatMap(list =>
      (list ?? []).map(({ HostIp, HostPort }) => ({ host: HostIp, port: Number(HostPort) })),
    );
  }

  async kill(node: string, copy?: number): Promise<void> {
    await this.resume(node, copy);
    await this.#act('kill', this.#name(node, copy));
  }

  async terminate(node: string, copy?: number): Promise<void> {
    await this.#act('kill', '--signal', 'TERM', this.#name(node, copy));
  }

  async exited(node: string, copy: number, withinMs: number): Promise<number | null> {
    const name = this.#name(node, copy);
    const ended = async () => (await this.#container(name))?.State.Running === false;
    if (!(await waitUntil(ended, this.#lifecycle.closing, withinMs)))
      throw new EngineError(`${name} was still running after ${withinMs} ms`);
    const code = this.#containers.get(name)?.State.ExitCode ?? 0;
    // Docker's way to tell of a signal, as a shell does.
    return code > 128 ? null : code;
  }

  async firstEnd(): Promise<PartEnd> {
    const isJob = (node: string) => nodeNamed(this.blueprint, node).kind === 'job';
    const { node, copy, exitCode } = await new Promise<ContainerEnd>(resolve => {
      this.#docker.followEnds(this.#created, end => {
        if (!isJob(end.node)) resolve(end);
      });
    });
    const logTail = (await this.logs(node, copy)).slice(-LOG_TAIL);
    return { node, copy, exitCode: exitCode > 128 ? null : exitCode, logTail };
  }

  async start(node: string, copy?: number): Promise<void> {
    const name = this.#name(node, copy);
    await this.#act('start', name);
    let container = await this.#container(name);
    const settled = async () => {
      if (container?.State.Running === false || (container && (await this.#isHealthy(container))))
        return true;
      await sleep(PROBE_PAUSE_MS);
      container = await this.#container(name);
      return false;
    };
    const inTime = await waitUntil(settled, this.#lifecycle.closing);
    if (inTime && container?.State.Running) return;
    throw new EngineError(
      container?.State.Running
        ? `${node} was not healthy within ${HEALTHY_WITHIN_MS / 1000} s`
        : `${node} ended with exit code ${container?.State.ExitCode} before it was healthy`,
      { logTail: (await this.logs(node, copy)).slice(-LOG_TAIL) },
    );
  }

  /** Its own health check, run at once: Docker itself asks only every few seconds. */
  async #isHealthy({ Name, Config }: Container): Promise<boolean> {
    const [kind, ...test] = Config.Healthcheck?.Test ?? [];
    if (kind !== 'CMD' && kind !== 'CMD-SHELL') return true;
    const command = kind === 'CMD' ? test : ['sh', '-c', ...test];
    return this.#docker.try('exec', Name.slice(1), ...command);
  }

  async restart(node: string, copy?: number): Promise<void> {
    await this.kill(node, copy);
    await this.start(node, copy);
  }

  async pause(node: string, copy?: number): Promise<void> {
    const name = this.#name(node, copy);
    this.#paused.add(name);
    await this.#act('pause', name);
  }

  async resume(node: string, copy?: number): Promise<void> {
    const name = this.#name(node, copy);
    if (this.#paused.delete(name)) await this.#act('unpause', name);
  }

  async reload(node: string): Promise<void> {
    await this.#act('kill', '--signal', 'HUP', this.#name(node));
  }

  async scale(node: string, copies: number): Promise<void> {
    await this.#docker.scale(node, copies);
    this.#looked = 0;
  }

  leftOver(): Promise<readonly string[]> {
    return this.#docker.leftOver();
  }

  async logs(node: string, copy?: number): Promise<readonly string[]> {
    const names = copy === undefined ? this.#names(node) : [this.#name(node, copy)];
    return (await Promise.all(names.map(name => this.#docker.run('logs', name)))).flat();
  }

  /** What a container printed last that ended badly or is not healthy, if one did. */
  async failedLog(): Promise<readonly string[] | undefined> {
    await this.look();
    const all = [...this.#containers.values()];
    const failed =
      all.find(({ State }) => State.ExitCode !== 0) ??
      all.find(({ State }) => State.Health && State.Health.Status !== 'healthy');
    return failed && this.#docker.run('logs', '--tail', String(LOG_TAIL), failed.Name.slice(1));
  }

  async pid(node: string, copy?: number): Promise<number | undefined> {
    return (await this.#container(this.#name(node, copy)))?.State.Pid || undefined;
  }

  async sql<Row = Record<string, unknown>>(
    database: string,
    text: string,
    options: { values?: readonly unknown[]; as?: 'admin' | 'owner' | 'app' } = {},
  ): Promise<Row[]> {
    const { user, secret } = roleOf(this.blueprint, database, options.as ?? 'admin');
    const server = serverOf(this.blueprint, database);
    const password = await this.secret(secret);
    const ask = (endpoint: Endpoint) =>
      runSql<Row>({ ...endpoint, database, user, password }, text, options.values);
    const direct = this.address(server);
    if (direct) return ask(direct);
    const { port } = nodeNamed(this.blueprint, server);
    return tunnelTo(this.#docker.launch(['exec', '-i', this.#name(server)]), port, ask);
  }

  secret(name: string): Promise<string> {
    return this.#lifecycle.runDirectory.secret(name);
  }

  replaceSecret(name: string, text: string): Promise<void> {
    return this.#lifecycle.runDirectory.replaceSecret(name, text);
  }

  async mails(): Promise<readonly Mail[]> {
    const lists = await this.#atMailboxes(READ_MAILS);
    return lists.flatMap(lines => JSON.parse(lines.at(-1) ?? '[]') as Mail[]);
  }

  async forgetMails(): Promise<void> {
    await this.#atMailboxes(FORGET_MAILS);
  }

  /** @returns the lines that the script prints at each */
  #atMailboxes(script: string) {
    const servers = this.blueprint.nodes.filter(({ kind }) => kind === 'mail');
    return Promise.all(
      servers.map(({ name }) => this.#docker.run('exec', this.#name(name), 'node', '-e', script)),
    );
  }

  down(): Promise<void> {
    return this.#lifecycle.down();
  }
}

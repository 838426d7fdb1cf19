/** A booted project, as guarantees see it. */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { EngineError } from '../../errors.ts';
import type { Endpoint, Mail, PartEnd, Running } from '../engine.ts';
import { LOOPBACK } from '../run/ports.ts';
import { roleOf, runSql, serverOf } from '../sql.ts';
import type { Booted } from './boot.ts';
import { portsOf, type RunContext } from './context.ts';
import type { Copy } from './copy.ts';
import { MailCopy } from './mail.ts';

export class NativeRunning implements Running {
  readonly engine = 'native';
  readonly blueprint: Blueprint;
  readonly certificate: string | undefined;
  readonly frontDoor: Running['frontDoor'];
  readonly #context: RunContext;
  readonly #copies: Booted['copies'];
  readonly #down: () => Promise<void>;

  constructor({ context, copies, certificate }: Booted, down: () => Promise<void>) {
    this.blueprint = context.blueprint;
    this.certificate = certificate;
    this.frontDoor = frontDoorOf(context);
    this.#context = context;
    this.#copies = copies;
    this.#down = down;
  }

  address(node: string, copy = 0): Endpoint | undefined {
    const ports = this.#context.ports.get(node)?.[copy];
    return ports && { host: LOOPBACK, port: ports.main };
  }

  published(node: string, copy?: number): readonly Endpoint[] {
    const own = this.address(node, copy);
    return own ? [own] : [];
  }

  #copy(node: string, copy = 0): Copy {
    const found = this.#copies.get(node)?.[copy];
    if (!found) throw new EngineError(`the run has no copy ${copy} of ${node}`);
    return found;
  }

  async kill(node: string, copy?: number): Promise<void> {
    await this.#copy(node, copy).kill();
  }

  async terminate(node: string, copy?: number): Promise<void> {
    await this.#copy(node, copy).terminate();
  }

  async exited(node: string, copy: number, withinMs: number): Promise<number | null> {
    return this.#copy(node, copy).exited(withinMs);
  }

  async firstEnd(): Promise<PartEnd> {
    const all = [...this.#copies].flatMap(([node, copies]) =>
      copies.map((each, copy) => ({ node, copy, each })),
    );
    const { node, copy, each, exitCode } = await Promise.race(
      all.flatMap(part => part.each.exit?.then(exitCode => ({ ...part, exitCode })) ?? []),
    );
    await each.readLog?.();
    return { node, copy, exitCode, logTail: each.log.tail() };
  }

  async start(node: string, copy?: number): Promise<void> {
    await this.#copy(node, copy).start();
  }

  async restart(node: string, copy?: number): Promise<void> {
    await this.#copy(node, copy).restart();
  }

  async pause(node: string, copy?: number): Promise<void> {
    await this.#copy(node, copy).pause();
  }

  async resume(node: string, copy?: number): Promise<void> {
    await this.#copy(node, copy).resume();
  }

  async reload(node: string): Promise<void> {
    await this.#copy(node).reload?.();
  }

  async logs(node: string, copy?: number): Promise<readonly string[]> {
    const copies = copy === undefined ? (this.#copies.get(node) ?? []) : [this.#copy(node, copy)];
    await Promise.all(copies.map(each => each.readLog?.()));
    return copies.flatMap(each => each.log.lines);
  }

  async pid(node: string, copy?: number): Promise<number | undefined> {
    return this.#copy(node, copy).pid;
  }

  async sql<Row = Record<string, unknown>>(
    database: string,
    text: string,
    options: { values?: readonly unknown[]; as?: 'admin' | 'owner' | 'app' } = {},
  ): Promise<Row[]> {
    const { user, secret } = roleOf(this.blueprint, database, options.as ?? 'admin');
    const login = {
      host: LOOPBACK,
      port: portsOf(this.#context, serverOf(this.blueprint, database)).main,
      database,
      user,
      password: await this.secret(secret),
    };
    return runSql<Row>(login, text, options.values);
  }

  secret(name: string): Promise<string> {
    return this.#context.runDirectory.secret(name);
  }

  replaceSecret(name: string, text: string): Promise<void> {
    return this.#context.runDirectory.replaceSecret(name, text);
  }

  async mails(): Promise<readonly Mail[]> {
    return this.#mailboxes().flatMap(({ mails }) => mails);
  }

  async forgetMails(): Promise<void> {
    for (const { mails } of this.#mailboxes()) mails.length = 0;
  }

  #mailboxes(): MailCopy[] {
    return [...this.#copies.values()].flat().filter(copy => copy instanceof MailCopy);
  }

  down(): Promise<void> {
    return this.#down();
  }
}

function frontDoorOf(context: RunContext): Running['frontDoor'] {
  const { node, scheme, redirectPort } = context.blueprint.frontDoor;
  const { main, redirect } = portsOf(context, node);
  const door = { scheme, host: LOOPBACK, port: main };
  return redirectPort !== undefined && redirect !== undefined ? { ...door, redirectPort: redirect } : door;
}

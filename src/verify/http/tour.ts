/**
 * A tour of the operations that an OpenAPI document describes. Each is asked that can be asked with what the document gives as examples,
 * what `stage.yaml` has as probes, and what earlier answers named. Nothing is changed or taken away that this run did not make.
 */

import type { World } from '../guarantee.ts';
import { newUuid } from '../random.ts';
import { programs } from '../system/nodes.ts';
import type { HttpResponse } from './client.ts';
import { type Contract, namesLogins } from './contract.ts';
import { directTo } from './direct.ts';
import { DocumentPaths } from './document-paths.ts';
import { type BodyExample, bodiesOf, encoded, type Parameter, parametersOf } from './examples.ts';
import { isObject, nameOf, type Operation } from './openapi.ts';
import { ANONYMOUS, type Probes, type Session, type Written } from './probes.ts';
import { type Filled, Things } from './things.ts';

const LOGOUT = /^(sessions?|log-?(out|off)|sign-?(out|off))$/i;
const STREAM = 'text/event-stream';

interface Request {
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyExample;
}

export interface Seen {
  /** Why an operation was not asked, by its name. */
  readonly unasked: ReadonlyMap<string, string>;
  /** Operations that were asked and have refused whatever they were asked, with the last status. */
  readonly refused: ReadonlyMap<string, number>;
  /** What probes of `stage.yaml` ask, and the document does not describe. */
  readonly undocumented: ReadonlySet<string>;
}

export class Tour {
  readonly #world: World;
  readonly #contract: Contract;
  readonly #paths: DocumentPaths;
  readonly #things = new Things();
  readonly #unasked = new Map<string, string>();
  readonly #refused = new Map<string, number>();
  readonly #accepted = new Set<string>();
  readonly #undocumented = new Set<string>();
  /** By the name of the login; the writer's comes first. */
  readonly #loggedIn = new Map<string, Session>();

  constructor(world: World, contract: Contract) {
    this.#world = world;
    this.#contract = contract;
    this.#paths = new DocumentPaths(world, contract.api);
  }

  /** @throws Broken at the first answer that is not as the document says */
  async go(): Promise<Seen> {
    const { all, isLogin, isLogout } = this.#sorted();
    const plain = all.filter(each => !isLogin(each) && !isLogout(each));
    const of = (method: string) => plain.filter(each => each.method === method);
    const lists = of('GET').filter(({ path }) => !path.includes('{'));
    await this.#probeRead();
    for (const each of lists) await this.#get(each);
    await this.#logIn();
    await this.#probeWrite();
    for (const each of of('POST')) await this.#send(each);
    // Lists are another thing once something is in them, and somebody asks who may see it.
    for (const each of lists) await this.#get(each);
    for (const each of of('GET').filter(get => !lists.includes(get))) await this.#get(each);
    for (const each of [...of('PUT'), ...of('PATCH')]) await this.#send(each);
    for (const each of of('DELETE').toReversed()) await this.#remove(each);
    for (const each of all.filter(isLogout)) await this.#logOut(each);
    return { unasked: this.#unasked, refused: this.#refused, undocumented: this.#undocumented };
  }

  #sorted() {
    const { logins } = this.#world.probes.facts.probes;
    const paths = Object.keys(logins).map(name => this.#paths.of(this.#world.probes.loginPath(name)));
    const isLogin = ({ method, pattern }: Operation) =>
      method === 'POST' && paths.some(path => pattern.test(path));
    const isLogout = ({ method, path }: Operation) => {
      const isThere = method === 'DELETE' && paths.some(each => path === each || path.startsWith(`${each}/`));
      const last = path.split('/').at(-1) ?? '';
      return isThere || (['DELETE', 'POST'].includes(method) && !path.includes('{') && LOGOUT.test(last));
    };
    const { api } = this.#contract;
    const all = api.operations.filter(each => {
      const item = each.pointer.slice(0, each.pointer.lastIndexOf('/'));
      const isElsewhere = [item, each.pointer].some(at => Array.isArray(api.at(`${at}/servers`)));
      if (isElsewhere) this.#skip(each, 'it has a server of its own');
      return !isElsewhere;
    });
    return { all, isLogin, isLogout: (each: Operation) => !isLogin(each) && isLogout(each) };
  }

  async #probeRead(): Promise<void> {
    const { probes } = this.#world;
    if (!probes.facts.probes.read) return;
    const response = await probes.read();
    if (probes.isRead(response)) this.#judgeProbe('GET', probes.readPath, response);
  }

  async #logIn(): Promise<void> {
    const { probes } = this.#world;
    const { logins, write } = probes.facts.probes;
    const names = Object.keys(logins).toSorted(
      (one, other) => Number(other === write?.as) - Number(one === write?.as),
    );
    for (const name of names) {
      const response = await loginAnswer(this.#world, name);
      if (!response) continue;
      this.#judgeProbe('POST', probes.loginPath(name), response);
      const session = await this.#session(name);
      if (session) this.#loggedIn.set(name, session);
    }
  }

  /** A login that is wrong is told as that, before any check. */
  async #session(name?: string): Promise<Session | undefined> {
    const { probes, signal } = this.#world;
    if (Object.keys(probes.facts.probes.logins).length === 0) return undefined;
    try {
      return await probes.login(name);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async #probeWrite(): Promise<void> {
    const { probes } = this.#world;
    const { write } = probes.facts.probes;
    if (!write) return;
    const session = write.as === undefined ? ANONYMOUS : this.#loggedIn.get(write.as);
    if (!session) return;
    if (write.as !== undefined) {
      const request = await probes.newWrite();
      this.#judgeProbe(write.method, request.path, await probes.write(ANONYMOUS, { request }));
    }
    const request = await probes.newWrite();
    const response = await probes.write(session, { request });
    if (!probes.isWritten(response)) return;
    const operation = this.#judgeProbe(write.method, request.path, response);
    const path = this.#paths.of(request.path);
    if (operation && write.method === 'POST') this.#noteMade(path, response);
    else if (operation && write.path.includes('{')) this.#notePlace(path, true);
    await this.#probeReadBack(session, response);
  }

  async #probeReadBack(session: Session, response: HttpResponse): Promise<void> {
    const { probes } = this.#world;
    const { path, from } = readBackOf(probes, response, session) ?? {};
    if (path === undefined || from === undefined) return;
    const answer = await this.#world.door.get(path, { from, headers: session.headers });
    const place = from === 'root' ? this.#paths.ofAddress(path) : this.#paths.of(path);
    if (answer.status !== 200 || place === undefined) return;
    if (this.#judgeAt('GET', place, answer)) this.#notePlace(place, false);
  }

  /** An answer that is not as `stage.yaml` says is told as a probe that is wrong, and comes to nothing here. */
  #judgeProbe(method: string, path: string, response: HttpResponse): Operation | undefined {
    return this.#judgeAt(method, this.#paths.of(path), response);
  }

  #judgeAt(method: string, pathname: string, response: HttpResponse): Operation | undefined {
    const operation = this.#contract.api.operationOf(method, pathname);
    if (operation) this.#judge(operation, response, pathname);
    else this.#undocumented.add(`${method} ${pathname}`);
    return operation;
  }

  async #get(operation: Operation): Promise<void> {
    const { content } = this.#contract.api.object(`${operation.pointer}/responses/200`);
    const isStream = isObject(content) && Object.keys(content).some(type => type.startsWith(STREAM));
    if (isStream) return this.#skip(operation, 'its answer has no end');
    const [way] = this.#ways(operation);
    if (!way) return;
    for (const request of this.#requests(operation, way.path)) await this.#ask(operation, request);
  }

  /** Sends each example of a body. What was there before is not changed. */
  async #send(operation: Operation): Promise<void> {
    const bodies = bodiesOf(this.#contract.api, operation);
    if (typeof bodies === 'string') return this.#skip(operation, bodies);
    const way = this.#ways(operation).find(each => operation.method === 'POST' || each.isOwn);
    if (!way) return this.#skip(operation, 'it would change what this run did not make');
    const [request] = this.#requests(operation, way.path);
    if (!request) return;
    for (const body of bodies) {
      if (body.schema) this.#contract.judgeExample(operation, body.schema, body.value);
      const response = await this.#ask(operation, { ...request, body });
      if (response && response.status < 300 && operation.method === 'POST') {
        this.#noteMade(way.path, response);
      }
    }
  }

  async #remove(operation: Operation): Promise<void> {
    if (!operation.path.includes('{'))
      return this.#skip(operation, 'it would take away what this run did not make');
    const way = this.#ways(operation).find(each => each.isOwn);
    if (!way) return this.#skip(operation, 'it would take away what this run did not make');
    const [request] = this.#requests(operation, way.path);
    if (request) await this.#ask(operation, request);
  }

  /** Ends a session that nobody else uses. */
  async #logOut(operation: Operation): Promise<void> {
    if (operation.path.includes('{')) return this.#skip(operation, 'it ends the session of somebody');
    const session = await this.#session();
    if (!session) return this.#skip(operation, 'there is no session to end');
    const [request] = this.#requests(operation, operation.path);
    if (request) await this.#once(operation, request, session);
  }

  /** How the path can be filled in. */
  #ways(operation: Operation): Filled[] {
    const parameters = parametersOf(this.#contract.api, operation);
    const given = (name: string) =>
      parameters.find(each => each.in === 'path' && each.name === name)?.example?.value;
    const ways = this.#things.fill(operation.path, given);
    if (ways.length === 0) this.#skip(operation, 'no answer named what its path needs');
    return ways;
  }

  /** The request with what it needs alone; and, where the document has examples of more, one with these too. */
  #requests(operation: Operation, path: string): Request[] {
    const all = parametersOf(this.#contract.api, operation).filter(each =>
      ['query', 'header'].includes(each.in),
    );
    const missing = all.find(each => each.isRequired && !this.#canSend(each));
    if (missing) {
      this.#skip(operation, `no example of its parameter ${missing.name}`);
      return [];
    }
    const needed = all.filter(each => each.isRequired);
    const sendable = all.filter(each => each.isRequired || this.#canSend(each));
    const sets = sendable.length > needed.length ? [needed, sendable] : [needed];
    return sets.map(parameters => ({ path, ...this.#filledIn(parameters) }));
  }

  #canSend({ name, in: place, example }: Parameter): boolean {
    if (place === 'header' && this.#isKey(name)) return true;
    return example !== undefined && !isObject(example.value);
  }

  /** The header that names an attempt: it is new each time by its nature. */
  #isKey(name: string): boolean {
    return name.toLowerCase() === this.#world.probes.facts.probes.write?.key?.toLowerCase();
  }

  #filledIn(parameters: readonly Parameter[]): Pick<Request, 'query' | 'headers'> {
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    for (const { name, in: place, example } of parameters) {
      const values = [example?.value].flat().map(String);
      if (place === 'query') for (const value of values) query.append(name, value);
      else headers[name.toLowerCase()] = this.#isKey(name) ? newUuid(this.#world.random) : values.join(',');
    }
    return { query: query.toString(), headers };
  }

  /** Asks as nobody, and as somebody where that makes a difference. @returns the best answer */
  async #ask(operation: Operation, request: Request): Promise<HttpResponse | undefined> {
    const anonymous = await this.#once(operation, request, ANONYMOUS);
    if (!anonymous) return undefined;
    const mattersWho = namesLogins(this.#contract.api, operation);
    // What was carried out is not asked for once more: it is another request then.
    const isDone = operation.method !== 'GET' && anonymous.status < 400;
    if (isDone || (!isRefusal(anonymous) && !mattersWho)) return anonymous;
    let best = anonymous;
    for (const session of this.#loggedIn.values()) {
      best = (await this.#once(operation, request, session)) ?? best;
      if (!isRefusal(best)) return best;
    }
    return best;
  }

  async #once(operation: Operation, request: Request, session: Session): Promise<HttpResponse | undefined> {
    this.#world.signal.throwIfAborted();
    const { client, close, options } = this.#clientFor(operation);
    if (!client) {
      this.#skip(operation, 'it is hidden behind the front door');
      return undefined;
    }
    try {
      const { path, query, headers, body } = request;
      const url = `${options.prefix}${path}${query ? `?${query}` : ''}`;
      const response = await client.request(operation.method, url, {
        ...(options.from && { from: options.from }),
        ...(body && { body: encoded(body) }),
        headers: { ...headers, ...(body && { 'content-type': body.type }), ...session.headers },
      });
      this.#judge(operation, response, path);
      return response;
    } finally {
      close();
    }
  }

  /** A program's health is asked of itself, at its root: the front door need not show it. */
  #clientFor(operation: Operation) {
    const { door, running, blueprint, probes } = this.#world;
    const isDoor = (name: string) => blueprint.frontDoor.node === name;
    const owner = programs(blueprint).find(({ name }) => {
      const { live, ready } = probes.facts.programs[name] ?? {};
      return [live, ready].some(
        each => each === operation.path || each === this.#paths.prefix + operation.path,
      );
    });
    const atDoor = { client: door, close: () => {} };
    if (!owner) return { ...atDoor, options: { prefix: this.#paths.prefix, from: undefined } };
    const { live, ready } = probes.facts.programs[owner.name] ?? {};
    const prefix = [live, ready].includes(operation.path) ? '' : this.#paths.prefix;
    const options = { prefix, from: 'root' as const };
    if (isDoor(owner.name)) return { ...atDoor, options };
    const client = directTo({ running }, owner);
    return { client, close: () => client?.close(), options };
  }

  #judge(operation: Operation, response: HttpResponse, path: string): void {
    this.#contract.judge(operation, response);
    const name = nameOf(operation);
    this.#unasked.delete(name);
    if (response.status >= 400) {
      if (!this.#accepted.has(name)) this.#refused.set(name, response.status);
      return;
    }
    this.#accepted.add(name);
    this.#refused.delete(name);
    if (operation.method === 'GET' && jsonOf(response) !== undefined)
      this.#things.noteList(path, jsonOf(response));
  }

  /** Remembers what an accepted POST made: by its answer, and by its `Location`. */
  #noteMade(path: string, response: HttpResponse): void {
    const body = jsonOf(response);
    const inner = isObject(body) && Object.values(body).length === 1 ? Object.values(body)[0] : undefined;
    for (const each of [body, inner]) if (isObject(each)) this.#things.noteOwn(path, each);
    const { location } = response.headers;
    const place = location === undefined ? undefined : this.#paths.ofAddress(location);
    if (place !== undefined) this.#notePlace(place, place.slice(0, place.lastIndexOf('/')) === path);
  }

  /** A path that ends where the document has a `{…}` is that of one thing. */
  #notePlace(pathname: string, isOwn: boolean): void {
    const { operations } = this.#contract.api;
    const path = operations.find(each => each.pattern.test(pathname))?.path ?? '';
    const name = /\/\{([^}/]+)\}$/.exec(path)?.[1];
    if (name === undefined) return;
    const cut = pathname.lastIndexOf('/');
    const thing = { [name]: decodeURIComponent(pathname.slice(cut + 1)) };
    if (isOwn) this.#things.noteOwn(pathname.slice(0, cut), thing);
    else this.#things.noteList(pathname.slice(0, cut), [thing]);
  }

  /** The first reason stands, unless it is asked after all. */
  #skip(operation: Operation, why: string): void {
    const name = nameOf(operation);
    const isAsked = this.#accepted.has(name) || this.#refused.has(name);
    if (!isAsked && !this.#unasked.has(name)) this.#unasked.set(name, why);
  }
}

function isRefusal({ status }: HttpResponse): boolean {
  return status === 401 || status === 403;
}

/** What a login answers. @returns undefined where a secret that it needs is not there: that is told as a probe that is wrong */
export async function loginAnswer(
  { door, probes }: Pick<World, 'door' | 'probes'>,
  name: string,
): Promise<HttpResponse | undefined> {
  const body = await probes.loginBody(name).catch(() => undefined);
  if (body === undefined) return undefined;
  const response = await door.post(probes.loginPath(name), body);
  return probes.facts.probes.logins[name]?.status.includes(response.status) ? response : undefined;
}

/** Where a write is read again; undefined where it does not say: that is told as a probe that is wrong. */
function readBackOf(probes: Probes, response: HttpResponse, session: Session): Written['readBack'] {
  try {
    return probes.writtenBy(response, session).readBack;
  } catch {
    return undefined;
  }
}

function jsonOf(response: HttpResponse): unknown {
  if (!/json/.test(response.headers['content-type'] ?? '') || response.text === '') return undefined;
  try {
    return response.json();
  } catch {
    return undefined;
  }
}

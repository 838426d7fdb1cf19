/** The program asked as `stage.yaml` says: the one way in which checks know what it is about. */
import type { LoginProbe, StageFile, WriteProbe } from '../../stage-file/stage-file.ts';
import { expect, expectStatus } from '../expect.ts';
import { Broken } from '../outcome.ts';
import { describe, type HttpClient, type HttpResponse, type RequestOptions } from './client.ts';
import type { Placeholders } from './placeholders.ts';

/** What shows a program who is asking: the headers of a login. */
export interface Session {
  readonly headers: Readonly<Record<string, string>>;
}

export const ANONYMOUS: Session = { headers: {} };

/** One write, filled in and not sent yet: sent twice, it is the same request. */
export interface FilledWrite {
  readonly path: string;
  readonly body: unknown;
}

/** What an accepted write left behind. */
export interface Written {
  readonly id: string;
  readonly session: Session;
  readonly readBack: { readonly path: string; readonly from: 'base' | 'root' } | undefined;
}

interface WriteOptions extends Pick<RequestOptions, 'timeoutMs' | 'headers'> {
  /** A request made before by `newWrite`; absent: a new one. */
  readonly request?: FilledWrite;
  /** The value of the header by which a repeated request finds the first one's effect. */
  readonly key?: string;
}

export class Probes {
  readonly facts: StageFile;
  readonly #client: HttpClient;
  readonly #placeholders: Placeholders;

  constructor(facts: StageFile, client: HttpClient, placeholders: Placeholders) {
    this.facts = facts;
    this.#client = client;
    this.#placeholders = placeholders;
  }

  /** The same probes, asked through another client: one copy, or another address. */
  through(client: HttpClient): Probes {
    return new Probes(this.facts, client, this.#placeholders);
  }

  /** The path that `read` asks, filled in; without its query: what it is about. */
  get readPath(): string {
    return this.#placeholders.next().path(this.#read.get);
  }

  get #read() {
    const { read } = this.facts.probes;
    if (!read) throw new Error('asked for the read probe, which stage.yaml does not have');
    return read;
  }

  get #write(): WriteProbe {
    const { write } = this.facts.probes;
    if (!write) throw new Error('asked for the write probe, which stage.yaml does not have');
    return write;
  }

  /** The path that `write` sends to, as the file has it. */
  get writePath(): string {
    return this.#write.path;
  }

  get writeMethod(): string {
    return this.#write.method;
  }

  /** Whether an answer to `read` is one that the file calls good. */
  isRead = ({ status }: Pick<HttpResponse, 'status'>): boolean => this.#read.status.includes(status);

  /** Whether a write was accepted. */
  isWritten = ({ status }: Pick<HttpResponse, 'status'>): boolean => this.#write.status.includes(status);

  /** Asks `read`, once. @returns whatever comes back */
  read(options: RequestOptions = {}): Promise<HttpResponse> {
    return this.#client.get(this.readPath, options);
  }

  /** @throws Broken unless `read` is answered as the file says */
  async expectRead(options: RequestOptions = {}): Promise<HttpResponse> {
    const response = await this.read(options);
    expectStatus(response, ...this.#read.status);
    return response;
  }

  /** Logs in as the writer, where writing needs a login. @throws Broken if that fails */
  async writer(): Promise<Session> {
    const { as } = this.#write;
    return as === undefined ? ANONYMOUS : await this.login(as);
  }

  /** @param name one of the file's logins; absent: the first. @throws Broken unless it gives a session */
  async login(name = Object.keys(this.facts.probes.logins)[0] ?? ''): Promise<Session> {
    const probe = this.#loginNamed(name);
    const response = await this.#client.post(
      this.#placeholders.next().path(probe.path),
      await this.loginBody(name),
    );
    expectStatus(response, ...probe.status);
    return sessionOf(probe, response);
  }

  /** What a login sends. @param change makes another text of each text, of a secret one too */
  async loginBody(
    name = Object.keys(this.facts.probes.logins)[0] ?? '',
    change?: (text: string) => string,
  ): Promise<unknown> {
    const filling = this.#placeholders.next();
    const body = await filling.body(this.#loginNamed(name).body ?? {});
    return change ? mapTexts(body, change) : body;
  }

  /** Where a login is sent. */
  loginPath(name = Object.keys(this.facts.probes.logins)[0] ?? ''): string {
    return this.#placeholders.next().path(this.#loginNamed(name).path);
  }

  /**
   * Where a check may post what the program has to refuse: a login, or else the write.
   * @returns the path, and a session that gets past the door
   */
  async postable(): Promise<{ readonly path: string; readonly session: Session }> {
    const [login] = Object.keys(this.facts.probes.logins);
    if (login !== undefined) return { path: this.loginPath(login), session: ANONYMOUS };
    const { path } = await this.newWrite();
    return { path, session: await this.writer() };
  }

  #loginNamed(name: string): LoginProbe {
    const probe = this.facts.probes.logins[name];
    if (!probe) throw new Error(`asked for the login ${name}, which stage.yaml does not have`);
    return probe;
  }

  /** A write that is like no other, filled in and not sent. */
  async newWrite(): Promise<FilledWrite> {
    const filling = this.#placeholders.next();
    const { path, body } = this.#write;
    return { path: filling.path(path), body: body === undefined ? undefined : await filling.body(body) };
  }

  /** Writes, once. @returns whatever comes back */
  async write(session: Session, options: WriteOptions = {}): Promise<HttpResponse> {
    const { method, key: header } = this.#write;
    const { request = await this.newWrite(), key, headers, timeoutMs } = options;
    return await this.#client.request(method, request.path, {
      body: request.body,
      headers: {
        ...session.headers,
        ...headers,
        ...(key === undefined || header === undefined ? {} : { [header.toLowerCase()]: key }),
      },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** Writes. @throws Broken unless it is accepted, and says under which id */
  async expectWritten(session: Session, options: WriteOptions = {}): Promise<Written> {
    const response = await this.write(session, options);
    expectStatus(response, ...this.#write.status);
    return this.writtenBy(response, session);
  }

  /** What an accepted write says about what it left. @throws Broken if it names neither an id nor a place */
  writtenBy(response: HttpResponse, session: Session): Written {
    const location = locationOf(response);
    const id = idOf(response) ?? lastPart(location);
    expect(id !== undefined, `${describe(response)}: it has neither an id nor a Location`);
    return { id, session, readBack: this.#readBackOf(response, location) };
  }

  #readBackOf(response: HttpResponse, location: string | undefined): Written['readBack'] {
    const { readBack } = this.#write;
    if (readBack === undefined) return undefined;
    if (readBack.includes('{location}')) {
      expect(location, `${describe(response)}: it has no Location to read back from`);
      const path = readBack.replaceAll('{location}', location);
      const { basePath } = this.#client;
      return { path, from: basePath !== '' && path.startsWith(`${basePath}/`) ? 'root' : 'base' };
    }
    const body: unknown = readBack.includes('{body.') ? response.json() : undefined;
    const path = readBack.replaceAll(/\{body\.([^}]+)\}/g, (_, field: string) => {
      const value = valueAt(body, field);
      expect(value !== undefined, `${describe(response)}: it has no ${field}, which readBack needs`);
      return encodeURIComponent(String(value));
    });
    return { path, from: 'base' };
  }

  /** Asks for what was written. @returns whatever comes back */
  readBack({ readBack, session }: Written, options: RequestOptions = {}): Promise<HttpResponse> {
    if (!readBack) throw new Error('asked to read back, which stage.yaml does not say how to do');
    return this.#client.get(readBack.path, {
      ...options,
      from: readBack.from,
      headers: { ...session.headers, ...options.headers },
    });
  }

  /** Asks for what was written. @throws Broken unless it is there */
  async expectThere(written: Written): Promise<HttpResponse> {
    const response = await this.readBack(written);
    expect(
      response.status === 200 && holds(response, written.id),
      `${describe(response)}, which is not what was written under the id ${written.id}`,
    );
    return response;
  }

  /** The state of what was written, where the file says in which field it stands. */
  async stateOf(written: Written): Promise<string> {
    const { settles } = this.#write;
    const response = await this.expectThere(written);
    const thing = thingIn(response.json(), written.id);
    return String(valueAt(thing, settles?.field ?? ''));
  }

  /** Another client's look at a path of the API. @param path as the file has it */
  get(path: string, session: Session = ANONYMOUS): Promise<HttpResponse> {
    return this.#client.get(this.#placeholders.next().path(path), { headers: session.headers });
  }
}

/** The headers that carry a session from now on. @throws Broken if the answer gives none */
function sessionOf({ cookie, bearer }: LoginProbe, response: HttpResponse): Session {
  if (cookie !== undefined) {
    const set = response.headers['set-cookie']?.find(each => each.startsWith(`${cookie}=`));
    if (set) return { headers: { cookie: set.split(';')[0] ?? '' } };
    throw new Broken(`${describe(withoutBody(response))} without a cookie called ${cookie}`);
  }
  const token = valueAt({ body: response.json() }, bearer ?? '');
  if (typeof token === 'string' && token !== '') return { headers: { authorization: `Bearer ${token}` } };
  throw new Broken(`${describe(withoutBody(response))} without a token at ${bearer}`);
}

/** What a login answers may be a secret. */
function withoutBody(response: HttpResponse): HttpResponse {
  return { ...response, text: '' };
}

/** The path of an answer's Location: never another host. */
function locationOf(response: HttpResponse): string | undefined {
  const { location } = response.headers;
  if (location === undefined) return undefined;
  if (location.startsWith('/')) return location;
  return URL.canParse(location) ? new URL(location).pathname + new URL(location).search : undefined;
}

function lastPart(location: string | undefined): string | undefined {
  const part = location?.split('?')[0]?.split('/').at(-1);
  return part ? decodeURIComponent(part) : undefined;
}

function idOf(response: HttpResponse): string | undefined {
  if (response.text === '' || !/json/.test(response.headers['content-type'] ?? '')) return undefined;
  const id = valueAt(response.json(), 'id');
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** Whether an answer's JSON has the id anywhere: the thing itself, or a list with it. */
export function holds(response: HttpResponse, id: string): boolean {
  if (!/json/.test(response.headers['content-type'] ?? '')) return false;
  return thingIn(response.json(), id) !== undefined;
}

/** The innermost object that has the id as one of its values. */
function thingIn(value: unknown, id: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const values: unknown[] = Object.values(value);
  const inside = values.map(each => thingIn(each, id)).find(found => found !== undefined);
  if (inside !== undefined) return inside;
  return values.some(each => each === id || (typeof each === 'number' && String(each) === id))
    ? value
    : undefined;
}

/** The value at a dotted path, such as `body.token`. */
export function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
          ? (inner as Record<string, unknown>)[key]
          : undefined,
      value,
    );
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map(each => mapTexts(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]));
}

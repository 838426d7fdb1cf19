/** A program as its clients reach it: plain HTTP requests, one at a time, never repeated behind the caller's back. */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Endpoint, Running } from '../../engines/engine.ts';
import { messageOf } from '../../errors.ts';
import { TIMEOUTS } from '../../journey/timeouts.ts';
import { Broken } from '../outcome.ts';
import { type Pace, paceOf } from './pace.ts';

/** No program takes longer over an answer. */
export const REQUEST_TIMEOUT_MS = TIMEOUTS.programHandler * 1000;

export interface HttpResponse {
  /** Method and path, for messages. */
  readonly request: string;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** From sending to the last byte. */
  readonly ms: number;
  /** The body as JSON. @throws Broken if it is not. */
  json<T = unknown>(): T;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text goes as it is; anything else as JSON, with its content type. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
  /** Where `path` starts: at the API's base path (the default), or at the address's root. */
  readonly from?: 'base' | 'root';
}

export interface SlowRequest extends RequestOptions {
  /** Called when headers and half of the body are on their way; the other half follows when it is done. */
  readonly midway: () => Promise<void>;
}

interface ClientSettings {
  readonly endpoint: Endpoint;
  readonly scheme: 'http' | 'https';
  readonly basePath: string;
  readonly host: string;
  readonly certificate?: string | undefined;
  readonly servername?: string | undefined;
  /** The address that connections come from; absent: the system's choice. */
  readonly from?: string;
  /** Waited for before each request; absent: none. */
  readonly pace?: Pace;
}

/** A client of one address. Connections are kept; `close` ends them all, and whatever waits on them fails. */
export class HttpClient {
  readonly #settings: ClientSettings;
  #agent: http.Agent;
  #closed = false;
  readonly #inFlight = new Set<http.ClientRequest>();

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#agent = newAgent(settings);
  }

  /**
   * A client for the front door of a running project.
   * @param from the address to come from; absent: the system's choice
   * @param certificate what to trust (PEM, one or several); absent: the one that the project came up with
   */
  static frontDoor(running: Running, from?: string, certificate = running.certificate): HttpClient {
    const { frontDoor, blueprint } = running;
    const { domain, basePath } = blueprint.frontDoor;
    return new HttpClient({
      endpoint: frontDoor,
      scheme: frontDoor.scheme,
      basePath,
      host: `${domain}:${frontDoor.port}`,
      certificate,
      servername: domain,
      pace: paceOf(running, from),
      ...(from === undefined ? {} : { from }),
    });
  }

  /** A client for one copy of a program, past every proxy. */
  static direct(endpoint: Endpoint, basePath: string): HttpClient {
    const host = `${endpoint.host}:${endpoint.port}`;
    return new HttpClient({ endpoint, scheme: 'http', basePath, host });
  }

  /** What the API's paths begin with at this address. */
  get basePath(): string {
    return this.#settings.basePath;
  }

  get(path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    return this.request('GET', path, options);
  }

  post(path: string, body: unknown, options: RequestOptions = {}): Promise<HttpResponse> {
    return this.request('POST', path, { ...options, body });
  }

  /**
   * Sends one request, once. `path` goes over the wire as it is.
   * @throws Error naming the request, if no whole answer comes within the time limit or the connection fails.
   */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    const payload = encode(options.body);
    return await this.#send(method, path, options, payload, async request => {
      request.end(payload.text);
    });
  }

  /** Sends a request whose body comes in two halves, with `midway` between them. */
  async slowly(method: string, path: string, options: SlowRequest): Promise<HttpResponse> {
    const payload = encode(options.body);
    const text = payload.text ?? '';
    const half = Math.floor(text.length / 2);
    const lengthKnown = { ...payload, length: Buffer.byteLength(text) };
    return await this.#send(method, path, options, lengthKnown, async request => {
      request.write(text.slice(0, half));
      await options.midway();
      request.end(text.slice(half));
    });
  }

  /** Sends bytes that need not be HTTP over a connection of their own. @returns what came back until it was closed. */
  async raw(bytes: string, timeoutMs = REQUEST_TIMEOUT_MS): Promise<string> {
    const { host, port } = this.#settings.endpoint;
    return await new Promise((resolve, reject) => {
      const socket = net.connect(port, host);
      let received = '';
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error(`the server kept a malformed request open for ${timeoutMs / 1000} s`));
      }, timeoutMs);
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        received += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(received);
      });
      socket.on('connect', () => socket.write(bytes, 'latin1'));
    });
  }

  /** Drops the kept connections: the next request opens its own. */
  forget(): void {
    this.#agent.destroy();
    this.#agent = newAgent(this.#settings);
  }

  /** Ends all connections. Requests under way fail, and so do later ones. */
  close(): void {
    this.#closed = true;
    for (const request of this.#inFlight) request.destroy(new Error('the client was closed'));
    this.#agent.destroy();
  }

  async #send(
    method: string,
    path: string,
    options: RequestOptions,
    payload: Payload,
    write: (request: http.ClientRequest) => Promise<void>,
  ): Promise<HttpResponse> {
    const name = `${method} ${path.length > 80 ? `${path.slice(0, 77)}...` : path}`;
    await this.#settings.pace?.();
    if (this.#closed) throw new Error(`${name}: the client was closed`);
    const { endpoint, scheme, basePath, host } = this.#settings;
    const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    const started = performance.now();
    const request = (scheme === 'https' ? https : http).request({
      host: endpoint.host,
      port: endpoint.port,
      ...(this.#settings.from === undefined ? {} : { localAddress: this.#settings.from }),
      method,
      path: options.from === 'root' ? path : basePath + path,
      agent: this.#agent,
      headers: headersOf(host, options, payload),
    });
    this.#inFlight.add(request);
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    try {
      const answer = received(request);
      const [{ status, headers, text }] = await Promise.all([answer, written(request, write, answer)]);
      return response(name, status, headers, text, performance.now() - started);
    } catch (error) {
      throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
      this.#inFlight.delete(request);
    }
  }
}

/** `PUT /thing answered 500: {"title":…`, cut to one readable line. */
export function describe(response: HttpResponse): string {
  const body = response.text.replaceAll(/\s+/g, ' ').slice(0, 160);
  return `${response.request} answered ${response.status}${body ? ` (${body})` : ''}`;
}

interface Payload {
  readonly text: string | undefined;
  readonly type: string | undefined;
  readonly length?: number;
}

function encode(body: unknown): Payload {
  if (body === undefined) return { text: undefined, type: undefined };
  if (typeof body === 'string') return { text: body, type: undefined };
  return { text: JSON.stringify(body), type: 'application/json' };
}

function headersOf(host: string, options: RequestOptions, payload: Payload): Record<string, string> {
  const headers: Record<string, string> = { host, accept: '*/*' };
  if (payload.type) headers['content-type'] = payload.type;
  if (payload.length !== undefined) headers['content-length'] = String(payload.length);
  return { ...headers, ...options.headers };
}

function newAgent(settings: ClientSettings): http.Agent {
  const common = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 256 };
  if (settings.scheme === 'http') return new http.Agent(common);
  // SNI takes names only; an address in its place is a TLS error.
  const { servername = '' } = settings;
  return new https.Agent({
    ...common,
    // Made once: for each connection anew it would take longer than the handshake.
    secureContext: createSecureContext({ ca: settings.certificate }),
    servername: net.isIP(servername) ? '' : servername,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

function received(request: http.ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', incoming => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('aborted', () => reject(new Error('the answer was cut off')));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
  });
}

async function written(
  request: http.ClientRequest,
  write: (request: http.ClientRequest) => Promise<void>,
  answer: Promise<Answer>,
): Promise<void> {
  // An answer that comes before the body is complete ends the writing: nobody reads the rest.
  await Promise.race([write(request), answer]);
}

function response(
  request: string,
  status: number,
  headers: http.IncomingHttpHeaders,
  text: string,
  ms: number,
): HttpResponse {
  return {
    request,
    status,
    headers,
    text,
    ms,
    json<T>(): T {
      try {
        return JSON.parse(text) as T;
      } catch {
        throw new Broken(`${request} answered ${status} with a body that is not JSON: ${text.slice(0, 120)}`);
      }
    },
  };
}

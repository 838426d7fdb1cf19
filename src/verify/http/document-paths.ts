/** Where the paths of an OpenAPI document lie at the program: `servers` may put a prefix before all of them. */
import type { World } from '../guarantee.ts';
import { isObject, type OpenApi } from './openapi.ts';

const ANYWHERE = 'http://localhost';

export class DocumentPaths {
  /** What stands before a path of the document at the program. */
  readonly prefix: string;
  readonly #basePath: string;

  constructor({ door, probes }: Pick<World, 'door' | 'probes'>, api: OpenApi) {
    this.#basePath = door.basePath;
    const { servers } = api.document;
    const named = (Array.isArray(servers) ? servers : []).map(each => this.#prefixOf(each));
    this.prefix = mostDescribed([...named, ''], probedBy(probes), api);
  }

  /** A path of the program as the document has it. A query is ignored. */
  of(path: string): string {
    const [pathname = path] = path.split('?');
    return pathname.startsWith(this.prefix) ? pathname.slice(this.prefix.length) : pathname;
  }

  /** An address that an answer gave, such as a `Location`, as the document has it. */
  ofAddress(address: string): string | undefined {
    if (!URL.canParse(address, ANYWHERE)) return undefined;
    return this.of(this.#withoutBase(new URL(address, ANYWHERE).pathname));
  }

  /** The path of a server, without what the front door puts before every path. */
  #prefixOf(server: unknown): string {
    const { url, variables } = isObject(server) ? server : {};
    const filled = String(url ?? '').replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
      const variable = isObject(variables) ? variables[name] : undefined;
      return isObject(variable) ? String(variable.default) : '';
    });
    if (!URL.canParse(filled, ANYWHERE)) return '';
    return this.#withoutBase(new URL(filled, ANYWHERE).pathname.replace(/\/+$/, ''));
  }

  #withoutBase(path: string): string {
    const base = this.#basePath;
    return base !== '' && (path === base || path.startsWith(`${base}/`)) ? path.slice(base.length) : path;
  }
}

type Asked = readonly [method: string, path: string];

/** What is known to be there. */
function probedBy(probes: World['probes']): Asked[] {
  const { read, write, logins } = probes.facts.probes;
  return [
    ...(read ? [['GET', probes.readPath] as const] : []),
    ...(write ? [[write.method, write.path] as const] : []),
    ...Object.keys(logins).map(name => ['POST', probes.loginPath(name)] as const),
  ];
}

/** Of these prefixes the one with which the document describes most of what is known; of several the first. */
function mostDescribed(prefixes: readonly string[], known: readonly Asked[], api: OpenApi): string {
  const described = (prefix: string) =>
    known.filter(([method, path]) => {
      const [pathname = path] = path.split('?');
      return pathname.startsWith(prefix) && api.operationOf(method, pathname.slice(prefix.length));
    }).length;
  const [best = ''] = prefixes.toSorted((one, other) => described(other) - described(one));
  return best;
}

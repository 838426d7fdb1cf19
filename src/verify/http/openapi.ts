/** The project's own `openapi.yaml` as data: its operations, and what its references lead to. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CORE_SCHEMA, load, mergeTag, YAMLException } from 'js-yaml';
import { Broken, NotPromised } from '../outcome.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly method: string;
  /** As the document has it, such as `/things/{id}`. */
  readonly path: string;
  readonly pattern: RegExp;
  /** Where the document has it. */
  readonly pointer: string;
}

const FILE = 'openapi.yaml';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** What stands there is data, and a `$ref` in it leads nowhere. */
const LITERALS: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'const', 'enum']);

/** An OpenAPI document, 3.0 or 3.1. */
export class OpenApi {
  readonly document: Json;
  readonly operations: readonly Operation[];

  constructor(document: Json) {
    this.document = document;
    this.operations = this.#operations();
  }

  /**
   * Reads `openapi.yaml` at the project's root.
   * @throws NotPromised if there is none, or one of another kind; Broken if it is no YAML or refers to what is not there
   */
  static async of(directory: string): Promise<OpenApi> {
    const text = await readFile(join(directory, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new NotPromised(`the project has no ${FILE}: with one, every answer would be held against it`);
    });
    const document = parsed(text);
    if (!isObject(document) || !/^3\.[01](\.|$)/.test(String(document.openapi))) {
      throw new NotPromised(`${FILE} is not OpenAPI 3.0 or 3.1: answers can be held against these`);
    }
    const api = new OpenApi(document);
    api.#expectReferences(document, '');
    return api;
  }

  /** Whether it is of the older kind, whose schemas are not quite JSON Schema. */
  get isOld(): boolean {
    return String(this.document.openapi).startsWith('3.0');
  }

  /** What stands at a JSON pointer; undefined where nothing does. */
  at(pointer: string): unknown {
    return pointer
      .split('/')
      .slice(1)
      .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((value, part) => {
        if (typeof value !== 'object' || value === null) return undefined;
        const key = [part, decoded(part)].find(each => Object.hasOwn(value, each));
        return key === undefined ? undefined : (value as Json)[key];
      }, this.document);
  }

  /** Where the references at a pointer lead in the end. One into another file is not followed. */
  followed(pointer: string, seen: readonly string[] = []): string {
    const target = localTarget(this.at(pointer));
    return target === undefined || seen.includes(target) ? pointer : this.followed(target, [...seen, target]);
  }

  /** What the references at a pointer lead to, if it is an object. */
  object(pointer: string): Json {
    const value = this.at(this.followed(pointer));
    return isObject(value) ? value : {};
  }

  /** The operation that a request asks: one whose path is spelt out goes before one with `{…}`. */
  operationOf(method: string, pathname: string): Operation | undefined {
    return this.operations.find(each => each.method === method && each.pattern.test(pathname));
  }

  #operations(): Operation[] {
    return Object.keys(this.object('/paths'))
      .flatMap(path => {
        const item = this.followed(`/paths/${escapePointer(path)}`);
        const has = this.object(item);
        return METHODS.filter(method => isObject(has[method])).map(method => ({
          method: method.toUpperCase(),
          path,
          pattern: patternOf(path),
          pointer: `${item}/${method}`,
        }));
      })
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  }

  #expectReferences(value: unknown, pointer: string): void {
    if (typeof value !== 'object' || value === null) return;
    const target = localTarget(value);
    if (target !== undefined && this.at(target) === undefined) {
      throw new Broken(`${FILE} refers to #${target}, which it does not have (at ${pointer || '/'})`);
    }
    for (const [key, each] of Object.entries(value)) {
      if (!LITERALS.has(key) || isMap(pointer)) {
        this.#expectReferences(each, `${pointer}/${escapePointer(key)}`);
      }
    }
  }
}

/** `GET /things/{id}`, as messages name it. */
export function nameOf({ method, path }: Pick<Operation, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

export function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    throw new Broken(`${FILE} is not YAML: ${error.reason} (line ${line + 1}, column ${column + 1})`);
  }
}

/** There a key is a name that the document gives, and no keyword. */
function isMap(pointer: string): boolean {
  return /\/(properties|patternProperties|\$defs|schemas|responses)$/.test(pointer);
}

function localTarget(value: unknown): string | undefined {
  const target = isObject(value) ? value.$ref : undefined;
  return typeof target === 'string' && target.startsWith('#/') ? target.slice(1) : undefined;
}

/** A `$ref` is a URI: what cannot stand in one is encoded there. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function patternOf(path: string): RegExp {
  const literal = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

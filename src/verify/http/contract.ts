/** The project's own OpenAPI file, as the judge of real responses. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OutputUnit, Validator } from '@cfworker/json-schema';
import { load } from 'js-yaml';
import { Broken } from '../guarantee.ts';
import type { HttpResponse } from './client.ts';

const DOCUMENT_ID = 'https://shop.example/openapi.json';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly pattern: RegExp;
}

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document that judges responses, and remembers which operations it has seen. */
export class Contract {
  readonly operations: readonly Operation[];
  readonly #document: Json;
  readonly #validators = new Map<string, Validator>();
  readonly #seen = new Set<string>();
  #responses = 0;

  constructor(document: Json) {
    this.#document = document;
    this.operations = operationsOf(document);
  }

  /** Reads `openapi.yaml` at the project's root. @throws Broken if it is missing or is not one OpenAPI 3.1 document. */
  static async of(directory: string): Promise<Contract> {
    const text = await readFile(join(directory, 'openapi.yaml'), 'utf8').catch(() => {
      throw new Broken('the project has no openapi.yaml');
    });
    const document: unknown = load(text);
    if (!isObject(document) || !String(document.openapi).startsWith('3.1')) {
      throw new Broken('openapi.yaml is not an OpenAPI 3.1 document');
    }
    return new Contract(document);
  }

  /** How many responses were judged, and how many of the documented operations they belong to. */
  get figures(): { responses: number; operations: number } {
    return { responses: this.#responses, operations: this.#seen.size };
  }

  /** Documented operations that no response has come from. */
  unseen(): string[] {
    return this.operations.map(nameOf).filter(name => !this.#seen.has(name));
  }

  /** The methods that the document knows at a path, such as `GET`. */
  methodsOf(path: string): string[] {
    return this.operations.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  }

  /** Whether the document has this path, as it is written there. */
  documents(path: string): boolean {
    return this.operations.some(operation => operation.path === path);
  }

  /**
   * @param path the request's path without base path; a query is ignored
   * @throws Broken unless the operation documents this status, this content type and this body
   */
  judge(method: string, path: string, response: HttpResponse): void {
    const pathname = path.split('?')[0] ?? path;
    const operation = this.operations.find(each => each.method === method && each.pattern.test(pathname));
    if (!operation) throw new Broken(`openapi.yaml does not describe ${method} ${pathname}`);
    this.#responses += 1;
    this.#seen.add(nameOf(operation));
    const pointer = this.#responsePointer(operation, response);
    this.#judgeHeaders(pointer, response);
    this.#judgeBody(operation, pointer, response);
  }

  #responsePointer(operation: Operation, response: HttpResponse): string {
    const base = `/paths/${escapePointer(operation.path)}/${operation.method.toLowerCase()}/responses`;
    const documented = this.#at(base);
    const { status } = response;
    const key = [String(status), `${Math.floor(status / 100)}XX`, 'default'].find(
      each => isObject(documented) && each in documented,
    );
    if (!key) {
      throw new Broken(
        `${response.request} answered ${status}, which openapi.yaml does not document for ${nameOf(operation)}`,
      );
    }
    return this.#followed(`${base}/${key}`);
  }

  #judgeHeaders(pointer: string, response: HttpResponse): void {
    const documented = this.#at(`${pointer}/headers`);
    for (const name of isObject(documented) ? Object.keys(documented) : []) {
      const header = this.#followed(`${pointer}/headers/${escapePointer(name)}`);
      const value = response.headers[name.toLowerCase()];
      const text = Array.isArray(value) ? value[0] : value;
      if (text === undefined) {
        if (this.#at(`${header}/required`) !== true) continue;
        throw new Broken(`${response.request} answered ${response.status} without the header ${name}`);
      }
      if (
        this.#at(`${header}/schema`) !== undefined &&
        !this.#validator(`${header}/schema`).validate(text).valid
      ) {
        throw new Broken(
          `${response.request} answered ${response.status} with ${name}: ${text}, which is not what openapi.yaml says`,
        );
      }
    }
  }

  #judgeBody(operation: Operation, pointer: string, response: HttpResponse): void {
    const documented = this.#at(`${pointer}/content`);
    const type = (response.headers['content-type'] ?? '').split(';')[0] ?? '';
    if (!isObject(documented)) {
      if (response.text !== '') {
        throw new Broken(
          `${response.request} answered ${response.status} with a body; openapi.yaml documents none`,
        );
      }
      return;
    }
    if (!(type in documented)) {
      const wanted = Object.keys(documented).join(' or ');
      throw new Broken(
        `${response.request} answered ${response.status} as ${type || 'no type'}, not ${wanted} as openapi.yaml says`,
      );
    }
    const { valid, errors } = this.#validator(`${pointer}/content/${escapePointer(type)}/schema`).validate(
      response.json(),
    );
    if (!valid) {
      const detail = `body${complaintOf(errors)}`;
      throw new Broken(
        `${response.request} answered ${response.status}, but not as openapi.yaml says for ${nameOf(operation)}: ${detail}`,
      );
    }
  }

  #validator(pointer: string): Validator {
    const known = this.#validators.get(pointer);
    if (known) return known;
    const fragment = encodeURI(pointer);
    const validator = new Validator({ $ref: `${DOCUMENT_ID}#${fragment}` }, '2020-12');
    validator.addSchema(this.#document, DOCUMENT_ID);
    this.#validators.set(pointer, validator);
    return validator;
  }

  #followed(pointer: string): string {
    const value = this.#at(pointer);
    const target = isObject(value) ? value.$ref : undefined;
    return typeof target === 'string' && target.startsWith('#/') ? this.#followed(target.slice(1)) : pointer;
  }

  #at(pointer: string): unknown {
    return pointer
      .split('/')
      .slice(1)
      .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), this.#document);
  }
}

/** The innermost error says what is wrong; those around it only that something is. */
function complaintOf(errors: readonly OutputUnit[]): string {
  const innermost = errors.findLast(error => error.keyword !== 'false');
  return innermost ? `${innermost.instanceLocation.slice(1)} ${innermost.error}` : ' is wrong';
}

function operationsOf(document: Json): Operation[] {
  const paths = isObject(document.paths) ? document.paths : {};
  return Object.entries(paths)
    .flatMap(([path, item]) =>
      METHODS.filter(method => isObject(item) && method in item).map(method => ({
        method: method.toUpperCase(),
        path,
        pattern: new RegExp(
          `^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`,
        ),
      })),
    )
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
}

function nameOf(operation: Operation): string {
  return `${operation.method} ${operation.path}`;
}

function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

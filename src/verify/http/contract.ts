/** The project's own OpenAPI file, as the judge of real responses. */
import { type OutputUnit, Validator } from '@cfworker/json-schema';
import { Broken } from '../outcome.ts';
import type { HttpResponse } from './client.ts';
import { escapePointer, isObject, type Json, nameOf, type OpenApi, type Operation } from './openapi.ts';
import { schemasOf } from './schemas.ts';

const DOCUMENT_ID = 'https://verify.invalid/openapi.json';

/** Judges responses by a document, and remembers which operations it has seen. */
export class Contract {
  readonly api: OpenApi;
  readonly #answers: Schemas;
  readonly #requests: Schemas;
  readonly #seen = new Set<string>();
  #responses = 0;

  constructor(api: OpenApi) {
    this.api = api;
    this.#answers = new Schemas(schemasOf(api, 'writeOnly'));
    this.#requests = new Schemas(schemasOf(api, 'readOnly'));
  }

  /** How many responses were judged, and how many of the documented operations they belong to. */
  get figures(): { responses: number; operations: number } {
    return { responses: this.#responses, operations: this.#seen.size };
  }

  /** @throws Broken unless the operation documents this status, this content type, these headers and this body */
  judge(operation: Operation, response: HttpResponse): void {
    this.#responses += 1;
    this.#seen.add(nameOf(operation));
    const pointer = this.#responsePointer(operation, response);
    if (pointer === undefined) return;
    this.#judgeHeaders(pointer, response);
    this.#judgeBody(operation, pointer, response);
  }

  /** @throws Broken if what the document gives as an example is not what the schema beside it says */
  judgeExample(operation: Operation, pointer: string, example: unknown): void {
    const complaint = this.#requests.complaint(pointer, example);
    if (complaint === undefined) return;
    throw new Broken(
      `openapi.yaml's example of what to send to ${nameOf(operation)} is not what it says: body${complaint}`,
    );
  }

  /** A `default` does not excuse a failure of the program. */
  #statusKey(operation: Operation, status: number): string | undefined {
    const documented = this.api.object(`${operation.pointer}/responses`);
    const keys = [String(status), `${Math.floor(status / 100)}XX`, ...(status < 500 ? ['default'] : [])];
    return keys.find(key => Object.hasOwn(documented, key));
  }

  #responsePointer(operation: Operation, response: HttpResponse): string | undefined {
    const { status } = response;
    const key = this.#statusKey(operation, status);
    if (key) {
      const responses = this.api.followed(`${operation.pointer}/responses`);
      return this.api.followed(`${responses}/${key}`);
    }
    if ((status === 401 || status === 403) && needsLogin(this.api, operation)) return undefined;
    if (status === 404 && !operation.path.includes('{')) {
      throw new Broken(`openapi.yaml describes ${nameOf(operation)}, which answers 404`);
    }
    throw new Broken(
      `${response.request} answered ${status}, which openapi.yaml does not document for ${nameOf(operation)}`,
    );
  }

  #judgeHeaders(pointer: string, response: HttpResponse): void {
    const documented = this.api.at(`${pointer}/headers`);
    for (const name of isObject(documented) ? Object.keys(documented) : []) {
      // The specification has it judged as `content` alone.
      if (name.toLowerCase() === 'content-type') continue;
      const header = this.api.followed(`${pointer}/headers/${escapePointer(name)}`);
      const sent = response.headers[name.toLowerCase()];
      if (sent === undefined) {
        if (this.api.at(`${header}/required`) !== true) continue;
        throw new Broken(`${response.request} answered ${response.status} without the header ${name}`);
      }
      if (this.api.at(`${header}/schema`) === undefined) continue;
      const fits = readings(sent).some(
        value => this.#answers.complaint(`${header}/schema`, value) === undefined,
      );
      if (fits) continue;
      // A cookie may be a key to somebody's data.
      const shown = Array.isArray(sent) ? '' : `: ${sent}`;
      throw new Broken(
        `${response.request} answered ${response.status} with ${name}${shown}, which is not what openapi.yaml says`,
      );
    }
  }

  #judgeBody(operation: Operation, pointer: string, response: HttpResponse): void {
    const documented = this.api.at(`${pointer}/content`);
    const mayHaveBody = ![204, 205, 304].includes(response.status);
    if (!isObject(documented) || Object.keys(documented).length === 0 || !mayHaveBody) return;
    const type = mediaTypeOf(response.headers['content-type'] ?? '');
    const key = rangesOf(type)
      .map(range => Object.keys(documented).find(each => mediaTypeOf(each) === range))
      .find(each => each !== undefined);
    if (key === undefined) {
      const wanted = Object.keys(documented).join(' or ');
      throw new Broken(
        `${response.request} answered ${response.status} as ${type || 'no type'}, not ${wanted} as openapi.yaml says`,
      );
    }
    const media = this.api.followed(`${pointer}/content/${escapePointer(key)}`);
    if (!isJson(type) || this.api.at(`${media}/schema`) === undefined) return;
    const complaint = this.#answers.complaint(`${media}/schema`, response.json());
    if (complaint === undefined) return;
    throw new Broken(
      `${response.request} answered ${response.status}, but not as openapi.yaml says for ${nameOf(operation)}: body${complaint}`,
    );
  }
}

/** The schemas of a document, each made ready once. */
class Schemas {
  readonly #document: Json;
  readonly #validators = new Map<string, Validator>();

  constructor(document: Json) {
    this.#document = document;
  }

  /**
   * What is wrong with a value, by the schema at a pointer. A schema that lies in another file, or has a pattern of another language's
   * making, says nothing.
   */
  complaint(pointer: string, value: unknown): string | undefined {
    try {
      const { valid, errors } = this.#validator(pointer).validate(value);
      return valid ? undefined : complaintOf(errors);
    } catch {
      return undefined;
    }
  }

  #validator(pointer: string): Validator {
    const known = this.#validators.get(pointer);
    if (known) return known;
    const validator = new Validator({ $ref: `${DOCUMENT_ID}#${encodeURI(pointer)}` }, '2020-12');
    validator.addSchema(this.#document, DOCUMENT_ID);
    this.#validators.set(pointer, validator);
    return validator;
  }
}

/** Whether the document says that an operation takes logins, be it that it takes nobody without one. */
export function namesLogins(api: OpenApi, operation: Operation): boolean {
  return demandsOf(api, operation).some(demands => demands > 0);
}

/** Whether it takes nobody for an answer. */
function needsLogin(api: OpenApi, operation: Operation): boolean {
  const all = demandsOf(api, operation);
  return all.length > 0 && all.every(demands => demands > 0);
}

/** How many proofs each of the ways to be let in demands. */
function demandsOf(api: OpenApi, { pointer }: Operation): number[] {
  const security = api.at(`${pointer}/security`) ?? api.document.security;
  return Array.isArray(security) ? security.map(each => (isObject(each) ? Object.keys(each).length : 0)) : [];
}

/** Whether a media type is JSON, with or without a name of its own before it. */
export function isJson(type: string): boolean {
  return /[/+]json$/.test(type);
}

/** A media type without its parameters. */
export function mediaTypeOf(text: string): string {
  return (text.split(';')[0] ?? '').trim().toLowerCase();
}

function rangesOf(type: string): string[] {
  return [type, `${type.split('/')[0]}/*`, '*/*'];
}

/** What a header may stand for: text, or the number or truth that it spells. */
function readings(sent: string | string[]): unknown[] {
  return [sent].flat().flatMap((text): unknown[] => {
    if (/^-?\d+(\.\d+)?$/.test(text)) return [text, Number(text)];
    return text === 'true' || text === 'false' ? [text, text === 'true'] : [text];
  });
}

/** The innermost error says what is wrong; those around it only that something is. */
function complaintOf(errors: readonly OutputUnit[]): string {
  const innermost = errors.findLast(error => error.keyword !== 'false');
  return innermost ? `${innermost.instanceLocation.slice(1)} ${innermost.error}` : ' is wrong';
}

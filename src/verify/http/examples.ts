/** What an OpenAPI document gives as examples of what to send: nothing else is ever sent. */
import { isJson, mediaTypeOf } from './contract.ts';
import { escapePointer, isObject, type Json, type OpenApi, type Operation } from './openapi.ts';

/** A value in a box: an example may well be null. */
interface Given {
  readonly value: unknown;
}

export interface BodyExample extends Given {
  readonly type: string;
  /** The schema that it has to fit; absent where it was put together from examples of its parts. */
  readonly schema?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly isRequired: boolean;
  /** Undefined where the document gives none. */
  readonly example: Given | undefined;
}

const FORM = 'application/x-www-form-urlencoded';
const MOST_EXAMPLES = 5;
/** Schemas may contain themselves. */
const DEEPEST = 8;

/** The parameters of an operation, those of its path included. */
export function parametersOf(api: OpenApi, { pointer }: Operation): Parameter[] {
  const item = pointer.slice(0, pointer.lastIndexOf('/'));
  const found = new Map<string, Parameter>();
  for (const list of [`${item}/parameters`, `${pointer}/parameters`]) {
    const all = api.at(list);
    for (const index of Array.isArray(all) ? all.keys() : []) {
      const parameter = parameterAt(api, `${list}/${index}`);
      found.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  }
  return [...found.values()];
}

function parameterAt(api: OpenApi, pointer: string): Parameter {
  const at = api.followed(pointer);
  const { name, in: place, required } = api.object(at);
  return {
    name: String(name),
    in: String(place),
    isRequired: required === true,
    example: namedExamples(api, at)[0] ?? exampleOf(api, `${at}/schema`, { isNeeded: true, depth: 0 }),
  };
}

/**
 * The bodies that the document gives for an operation.
 * @returns those, or why there are none
 */
export function bodiesOf(api: OpenApi, { pointer }: Operation): readonly BodyExample[] | string {
  const body = api.followed(`${pointer}/requestBody`);
  const content = api.object(`${body}/content`);
  const types = Object.keys(content);
  const type =
    types.find(each => isJson(mediaTypeOf(each))) ?? types.find(each => mediaTypeOf(each) === FORM);
  if (types.length === 0) return 'no example says that it may be sent';
  if (type === undefined) return `its body is ${types.join(' or ')}`;
  const media = api.followed(`${body}/content/${escapePointer(type)}`);
  const schema = `${media}/schema`;
  const whole = [...namedExamples(api, media), ...givenBy(api, schema)].slice(0, MOST_EXAMPLES);
  if (whole.length > 0) return whole.map(each => ({ ...each, type, schema }));
  const parts = exampleOf(api, schema, { isNeeded: true, depth: 0 });
  return parts ? [{ ...parts, type }] : 'no example of its body';
}

/** A body as text, where it is not sent as JSON. */
export function encoded({ type, value }: BodyExample): unknown {
  if (mediaTypeOf(type) !== FORM || !isObject(value)) return value;
  const fields = Object.entries(value).map(([key, each]): [string, string] => [key, String(each)]);
  return new URLSearchParams(fields).toString();
}

/** `example`, or the values of `examples`, as media types and parameters have them. */
function namedExamples(api: OpenApi, pointer: string): Given[] {
  const at = api.object(pointer);
  if (Object.hasOwn(at, 'example')) return [{ value: at.example }];
  if (!isObject(at.examples)) return [];
  return Object.keys(at.examples)
    .map(name => api.object(`${pointer}/examples/${escapePointer(name)}`))
    .filter(each => Object.hasOwn(each, 'value'))
    .map(({ value }) => ({ value }));
}

/** `example`, or the list `examples`, as schemas have them; beside a reference they go before what it leads to. */
function givenBy(api: OpenApi, pointer: string): Given[] {
  const at = api.at(pointer);
  if (!isObject(at)) return [];
  if (Object.hasOwn(at, 'example')) return [{ value: at.example }];
  if (Array.isArray(at.examples) && at.examples.length > 0) return at.examples.map(value => ({ value }));
  const target = api.followed(pointer);
  return target === pointer ? [] : givenBy(api, target);
}

interface Quest {
  /** What may be left out is sent only where there is a real example of it. */
  readonly isNeeded: boolean;
  readonly depth: number;
}

function exampleOf(api: OpenApi, pointer: string, quest: Quest): Given | undefined {
  const [given] = givenBy(api, pointer);
  if (given) return given;
  const at = api.followed(pointer);
  const schema = api.at(at);
  if (!isObject(schema) || quest.depth > DEEPEST) return undefined;
  if (Object.hasOwn(schema, 'const')) return { value: schema.const };
  if (quest.isNeeded && Object.hasOwn(schema, 'default')) return { value: schema.default };
  if (quest.isNeeded && Array.isArray(schema.enum)) return { value: schema.enum[0] };
  return composed(api, at, schema, { ...quest, depth: quest.depth + 1 });
}

function composed(api: OpenApi, at: string, schema: Json, quest: Quest): Given | undefined {
  for (const key of ['oneOf', 'anyOf']) {
    const choices = schema[key];
    for (const index of Array.isArray(choices) ? choices.keys() : []) {
      const choice = exampleOf(api, `${at}/${key}/${index}`, quest);
      if (choice) return choice;
    }
  }
  if (isObject(schema.items) && Number(schema.minItems ?? 0) <= 1) {
    const item = exampleOf(api, `${at}/items`, quest);
    return item && { value: [item.value] };
  }
  if (isObject(schema.properties) || Array.isArray(schema.allOf))
    return composedObject(api, at, schema, quest);
  return undefined;
}

/** An object of examples of its properties. @returns undefined where one that it needs has none, or none has one */
function composedObject(api: OpenApi, at: string, schema: Json, quest: Quest): Given | undefined {
  const { properties, required, allOf } = schema;
  const value: Record<string, unknown> = {};
  for (const index of Array.isArray(allOf) ? allOf.keys() : []) {
    const part = exampleOf(api, `${at}/allOf/${index}`, quest);
    if (part && isObject(part.value)) Object.assign(value, part.value);
  }
  for (const name of isObject(properties) ? Object.keys(properties) : []) {
    const pointer = `${at}/properties/${escapePointer(name)}`;
    if (api.object(pointer).readOnly === true) continue;
    const isNeeded = Array.isArray(required) && required.includes(name);
    const part = exampleOf(api, pointer, { ...quest, isNeeded });
    if (part) value[name] = part.value;
  }
  const names = Array.isArray(required) ? required.map(String) : [];
  const hasAll = names.every(name => Object.hasOwn(value, name) || isReadOnly(api, at, name));
  return hasAll && Object.keys(value).length > 0 ? { value } : undefined;
}

function isReadOnly(api: OpenApi, at: string, name: string): boolean {
  return api.object(`${at}/properties/${escapePointer(name)}`).readOnly === true;
}

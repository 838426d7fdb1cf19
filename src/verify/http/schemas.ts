/** The schemas of an OpenAPI document, as a validator of JSON Schema understands them. */
import { isObject, type Json, type OpenApi } from './openapi.ts';

/** There a key is a name that the document gives, and no keyword. */
const MAPS: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'],
  ...['paths', 'pathItems', 'schemas', 'responses', 'parameters', 'headers', 'requestBodies', 'content'],
]);
/** What says nothing about values, and what a validator would take for schemas with an `id` of their own. */
const DROPPED: ReadonlySet<string> = new Set([
  ...['example', 'examples', 'links', 'callbacks', 'externalDocs', 'info', 'servers', 'tags', 'webhooks'],
  ...['security', 'securitySchemes', 'discriminator', 'xml'],
]);
const LITERALS: ReadonlySet<string> = new Set(['default', 'const', 'enum']);

/** The sort of property that is not there in one direction, whether required or not. */
type Hidden = 'readOnly' | 'writeOnly';

/** @param hidden which properties need not be there: `writeOnly` in answers, `readOnly` in requests */
export function schemasOf(api: OpenApi, hidden: Hidden): Json {
  const clean = (value: unknown, isMap: boolean): unknown => {
    if (Array.isArray(value)) return value.map(each => clean(each, false));
    if (!isObject(value)) return value;
    const entries = Object.entries(value)
      .filter(([key]) => isMap || !(DROPPED.has(key) || key.startsWith('x-')))
      .map(([key, each]) => {
        if (!isMap && LITERALS.has(key)) return [key, each] as const;
        return [key, clean(each, !isMap && MAPS.has(key))] as const;
      });
    const cleaned: Json = Object.fromEntries(entries);
    if (isMap) return cleaned;
    const visible = withoutHidden(cleaned, hidden);
    return api.isOld ? upgraded(visible) : visible;
  };
  return clean(api.document, false) as Json;
}

function withoutHidden(schema: Json, hidden: Hidden): Json {
  const { required, properties } = schema;
  if (!Array.isArray(required) || !isObject(properties)) return schema;
  const isHidden = (name: unknown) => {
    const property = properties[String(name)];
    return isObject(property) && property[hidden] === true;
  };
  return { ...schema, required: required.filter(name => !isHidden(name)) };
}

/** What OpenAPI 3.0 says in words of its own, in those of JSON Schema. */
function upgraded(schema: Json): Json {
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  const limits = {
    ...(exclusiveMinimum !== undefined && limit('minimum', exclusiveMinimum, rest)),
    ...(exclusiveMaximum !== undefined && limit('maximum', exclusiveMaximum, rest)),
  };
  const plain = { ...rest, ...limits };
  return nullable === true ? { anyOf: [{ type: 'null' }, plain] } : plain;
}

function limit(edge: 'minimum' | 'maximum', isExclusive: unknown, schema: Json): Json {
  const name = edge === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
  if (typeof isExclusive !== 'boolean') return { [name]: isExclusive };
  return isExclusive && schema[edge] !== undefined ? { [name]: schema[edge] } : {};
}

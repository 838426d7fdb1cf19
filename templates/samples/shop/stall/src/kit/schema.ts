/** Short forms for the JSON schemas that requests are checked against and answers are written by. */

export const integer = { type: 'integer' } as const;
export const string = { type: 'string' } as const;
export const integerOrNull = { type: ['integer', 'null'] } as const;
export const stringOrNull = { type: ['string', 'null'] } as const;

/** An object with exactly these properties; those that `optional` names may be absent. */
export function object<P extends Record<string, unknown>>(properties: P, optional: (keyof P)[] = []) {
  const required = Object.keys(properties).filter(key => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

export const listOf = (items: object) => ({ type: 'array', items });

/** How much of a list is asked for: up to `limit` entries after the one with the id `after`. Query values are text. */
export const pageQuery = {
  limit: { type: 'string', pattern: '^([1-9][0-9]?|100)$' },
  after: { type: 'string', maxLength: 36 },
} as const;

export interface PageQuery {
  readonly limit?: string;
  readonly after?: string;
}

/** Reads one page by `load`, which is asked for one entry more than fits: that tells whether there is a next page. */
export async function readPage<Entry extends { readonly id: unknown }>(
  { limit = '20' }: PageQuery,
  load: (limit: number) => Promise<Entry[]>,
): Promise<{ items: Entry[]; next: Entry['id'] | null }> {
  const found = await load(Number(limit) + 1);
  const items = found.slice(0, Number(limit));
  return { items, next: found.length > items.length ? (items.at(-1)?.id ?? null) : null };
}

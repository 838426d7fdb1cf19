/** The products and how many there are of each. */
import type { Queries } from '#kit/database';
import { Problem } from '#kit/problem';

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly currency: string;
  readonly available: number;
}

/** So many pieces of one product. */
export interface Line {
  readonly productId: number;
  readonly quantity: number;
}

export interface PricedLine extends Line {
  readonly name: string;
  readonly priceCents: number;
}

export interface ProductStore {
  /** Products after the id `after`, ordered by id; with `q`, those whose name contains it. */
  list(search: { q: string; limit: number; after: number }): Promise<Product[]>;
  find(id: number): Promise<Product | undefined>;
  /**
   * Takes all lines from the stock; belongs in a transaction, or a failure leaves the lines before it taken.
   * @throws Problem 422 for an unknown product, 409 when one is sold out.
   */
  take(lines: readonly Line[]): Promise<PricedLine[]>;
}

const COLUMNS = 'id, name, description, price_cents as "priceCents", currency, available';

export function createProductStore(database: Queries): ProductStore {
  async function takeOne({ productId, quantity }: Line): Promise<PricedLine> {
    const { rows } = await database.query<{ name: string; priceCents: number }>(
      `update products.products set available = available - $2
       where id = $1 and available >= $2
       returning name, price_cents as "priceCents"`,
      [productId, quantity],
    );
    if (rows[0]) return { productId, quantity, ...rows[0] };
    const known = await database.query('select 1 from products.products where id = $1', [productId]);
    if (known.rowCount) throw new Problem(409, `There is not enough of product ${productId}.`);
    throw new Problem(422, `There is no product ${productId}.`);
  }

  return {
    list: async ({ q, limit, after }) => {
      const { rows } = await database.query<Product>(
        `select ${COLUMNS} from products.products
         where id > $1 and name ilike '%' || $2 || '%' order by id limit $3`,
        [after, escapeLike(q), limit],
      );
      return rows;
    },
    find: async id => {
      const { rows } = await database.query<Product>(
        `select ${COLUMNS} from products.products where id = $1`,
        [id],
      );
      return rows[0];
    },
    take: async lines => {
      const taken: PricedLine[] = [];
      // In one order for everybody: two orders that lock the same products the other way round would wait for each other.
      for (const line of lines.toSorted((one, other) => one.productId - other.productId)) {
        taken[lines.indexOf(line)] = await takeOne(line);
      }
      return taken;
    },
  };
}

/** In a pattern, % and _ stand for anything: `q=%` would find all products. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** The products and how many there are of each. In memory: a restart forgets what was sold. */
import { Problem } from '#kit/problem';
import { CATALOGUE } from './catalogue.ts';

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
  /** Takes all lines from the stock, or none. @throws Problem 422 for an unknown product, 409 when one is sold out. */
  take(lines: readonly Line[]): Promise<PricedLine[]>;
  /** Puts back what `take` took. */
  putBack(lines: readonly Line[]): Promise<void>;
}

export function createProductStore(): ProductStore {
  const products = new Map(
    CATALOGUE.map(([name, description, priceCents, available], index) => {
      const id = index + 1;
      return [id, { id, name, description, priceCents, currency: 'EUR', available }];
    }),
  );

  function takeOne({ productId, quantity }: Line): PricedLine {
    const product = products.get(productId);
    if (!product) throw new Problem(422, `There is no product ${productId}.`);
    if (product.available < quantity) throw new Problem(409, `There is not enough of product ${productId}.`);
    product.available -= quantity;
    return { productId, quantity, name: product.name, priceCents: product.priceCents };
  }

  function putBack(lines: readonly Line[]): void {
    for (const { productId, quantity } of lines) {
      const product = products.get(productId);
      if (product) product.available += quantity;
    }
  }

  return {
    list: async ({ q, limit, after }) =>
      [...products.values()]
        .filter(({ id, name }) => id > after && name.toLowerCase().includes(q.toLowerCase()))
        .slice(0, limit),
    find: async id => products.get(id),
    take: async lines => {
      const taken: PricedLine[] = [];
      try {
        for (const line of lines) taken.push(takeOne(line));
      } catch (error) {
        putBack(taken);
        throw error;
      }
      return taken;
    },
    putBack: async lines => putBack(lines),
  };
}

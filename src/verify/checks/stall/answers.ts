import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';

const WITHIN_MS = 30_000;

export const stallAnswers: Guarantee = {
  id: 'stall.answers',
  title: 'answers within 30 s of being started',
  from: 'stall',
  async check({ shop, bootMs }) {
    const response = await shop.get('/products');
    expectStatus(response, 200);
    const { items } = response.json<{ items?: unknown[] }>();
    expect((items?.length ?? 0) > 0, 'GET /products answered 200 with no products');
    expect(
      bootMs <= WITHIN_MS,
      `the front door took ${Math.round(bootMs / 1000)} s to answer, more than 30 s`,
    );
    return kept(`first answer after ${(bootMs / 1000).toFixed(1)} s`, { bootMs });
  },
};

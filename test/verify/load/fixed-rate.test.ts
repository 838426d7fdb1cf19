import { expect, test } from 'vitest';
import { modestRate } from '../../../src/verify/load/fixed-rate.ts';

test('a modest rate is half of what was answered, with a client for each request that may wait', () => {
  expect(modestRate({ sent: 500, seconds: 5 }, 2)).toEqual({ perSecond: 50, clients: 116 });
});

test('a machine that answers next to nothing is still asked', () => {
  expect(modestRate({ sent: 1, seconds: 60 }, 2)).toEqual({ perSecond: 1, clients: 18 });
});

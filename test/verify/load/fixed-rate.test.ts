import { describe, expect, it, test } from 'vitest';
import { modestRate, rateFor } from '../../../src/verify/load/fixed-rate.ts';

const UNLIMITED = { perSecond: Number.POSITIVE_INFINITY, atOnce: Number.POSITIVE_INFINITY };
const ONE_ADDRESS = { perSecond: 76.5, atOnce: 240 };

describe('the rate of a load that meets a fault', () => {
  it('is a part of what the machine did without one', () => {
    const rate = rateFor({ unhindered: 400, least: 50, waits: 1 }, UNLIMITED);
    expect(rate).toEqual({ perSecond: 240, clients: 240 + 16 });
  });

  it('is enough to get anywhere, on however slow a machine', () => {
    expect(rateFor({ unhindered: 20, least: 50, waits: 1 }, UNLIMITED).perSecond).toBe(50);
  });

  it('is never more than the front door lets in', () => {
    expect(rateFor({ unhindered: 400, least: 50, waits: 1 }, ONE_ADDRESS).perSecond).toBe(76.5);
    expect(rateFor({ unhindered: 400, least: 50, waits: 5 }, ONE_ADDRESS).clients).toBe(240);
  });

  it('leaves room for what the fault keeps waiting', () => {
    const { perSecond, clients } = rateFor({ unhindered: 5_000, least: 50, waits: 5 }, UNLIMITED);
    expect(clients).toBe(600);
    expect(clients).toBeGreaterThanOrEqual(perSecond * 5);
  });
});

test('a modest rate is half of what was answered, with a client for each request that may wait', () => {
  expect(modestRate({ sent: 500, seconds: 5 }, 2)).toEqual({ perSecond: 50, clients: 116 });
});

test('a machine that answers next to nothing is still asked', () => {
  expect(modestRate({ sent: 1, seconds: 60 }, 2)).toEqual({ perSecond: 1, clients: 18 });
});

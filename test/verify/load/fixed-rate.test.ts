import { describe, expect, it } from 'vitest';
import { rateFor } from '../../../src/verify/load/fixed-rate.ts';

const UNLIMITED = { perSecond: Number.POSITIVE_INFINITY, atOnce: Number.POSITIVE_INFINITY };

describe('the rate of a load that meets a fault', () => {
  it('is a part of what the machine did without one', () => {
    expect(rateFor(400, UNLIMITED, 1)).toEqual({ perSecond: 240, clients: 240 + 16 });
  });

  it('is enough to get anywhere, on however slow a machine', () => {
    expect(rateFor(20, UNLIMITED, 1).perSecond).toBe(50);
  });

  it('is never more than the front door lets in', () => {
    expect(rateFor(400, { perSecond: 76.5, atOnce: 240 }, 1).perSecond).toBe(76.5);
    expect(rateFor(400, { perSecond: 76.5, atOnce: 240 }, 5).clients).toBe(240);
  });

  it('leaves room for what the fault keeps waiting', () => {
    const { perSecond, clients } = rateFor(5_000, UNLIMITED, 5);
    expect(clients).toBe(600);
    expect(clients).toBeGreaterThanOrEqual(perSecond * 5);
  });
});

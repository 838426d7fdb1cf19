import { describe, expect, it } from 'vitest';
import { rateFor } from '../../../src/verify/load/fixed-rate.ts';

const UNLIMITED = Number.POSITIVE_INFINITY;

describe('the rate of a load that meets a fault', () => {
  it('is a part of what the machine did without one', () => {
    expect(rateFor(400, UNLIMITED, 1)).toEqual({ perSecond: 240, clients: 240 + 16 });
  });

  it('is enough to get anywhere, on however slow a machine', () => {
    expect(rateFor(20, UNLIMITED, 1).perSecond).toBe(50);
  });

  it('is never more than the front door lets in', () => {
    expect(rateFor(400, 76.5, 1).perSecond).toBe(76.5);
  });

  it('leaves room for what the fault keeps waiting', () => {
    const { perSecond, clients } = rateFor(5_000, UNLIMITED, 5);
    expect(clients).toBe(600);
    expect(clients).toBeGreaterThanOrEqual(perSecond * 5);
  });
});

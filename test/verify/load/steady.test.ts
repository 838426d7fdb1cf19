import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/verify/http/client.ts';
import { expectNoneFailed, figuresOf, Load } from '../../../src/verify/load/steady.ts';
import { TooLate } from '../../../src/verify/outcome.ts';

const world = { signal: new AbortController().signal, onProgress: () => {} };

function answer(status = 200): HttpResponse {
  return {
    request: 'GET /',
    status,
    headers: {},
    text: '',
    ms: 0,
    json: () => {
      throw new Error('nobody asks');
    },
  };
}

const PER_SECOND = 200;
const HUNG_MS = 500;
/** So many are due while the first ones hang; half of them is far beyond what a busy machine loses. */
const DUE_MEANWHILE = (PER_SECOND * HUNG_MS) / 1000;

/** The first requests hang for a while, all others are answered at once. */
function firstHang(count: number): (index: number) => Promise<HttpResponse> {
  return async index => {
    if (index < count) await sleep(HUNG_MS);
    return answer();
  };
}

describe('load at a fixed rate', () => {
  it('goes on sending while requests hang, as long as clients are free', async () => {
    const load = new Load(world, { what: 'GETs', clients: 50, perSecond: PER_SECOND, send: firstHang(10) });
    await sleep(HUNG_MS * 0.8);
    expect(load.ended).toBeGreaterThan(DUE_MEANWHILE / 4);
    expect(load.spans.filter(({ endedAt }) => endedAt === Number.POSITIVE_INFINITY)).toHaveLength(10);
    await load.reaches(DUE_MEANWHILE);
    const report = await load.stop();
    expect(report.worstMs).toBeGreaterThanOrEqual(HUNG_MS - 1);
    expect(report.p50Ms).toBeLessThan(HUNG_MS / 2);
  });

  it('counts what nobody was free to send in time as late, and from when it was due', async () => {
    const load = new Load(world, { what: 'GETs', clients: 2, perSecond: PER_SECOND, send: firstHang(2) });
    await sleep(HUNG_MS * 0.8);
    expect(load.ended).toBe(0);
    await load.reaches(DUE_MEANWHILE);
    const report = await load.stop();
    // Those that were due while both clients hung: their own answers came at once, but they came far too late.
    expect(report.late).toBeGreaterThan(DUE_MEANWHILE / 4);
    expect(report.p50Ms).toBeGreaterThan(50);
    expect(figuresOf(report)).toMatchObject({ requests: report.sent, late: report.late });
  });

  it('accounts for each request once, and stops at once', async () => {
    const load = new Load(world, {
      what: 'GETs',
      clients: 8,
      perSecond: PER_SECOND,
      send: async index => {
        if (index % 10 === 3) throw new Error('GET /: read ECONNRESET', { cause: { code: 'ECONNRESET' } });
        return answer(index % 10 === 4 ? 502 : 200);
      },
    });
    await load.reaches(40);
    const report = await load.stop();
    const ended = load.ended;
    await sleep(50);
    expect(load.ended).toBe(ended);
    expect(report.sent).toBe(ended);
    expect(load.spans.map(({ index }) => index)).toEqual(Array.from({ length: ended }, (_, index) => index));
    expect(Object.values(report.outcomes).reduce((sum, count) => sum + count)).toBe(ended);
    expect(report.outcomes['502']).toBeGreaterThanOrEqual(3);
    expect(() => expectNoneFailed(report, 1)).toThrow(/\d+ of \d+ GETs failed/);
  });

  it('is too late, and not broken, where it does not get anywhere', async () => {
    const load = new Load(world, { what: 'GETs', clients: 1, perSecond: 20, send: async () => answer() });
    await expect(load.reaches(1_000, 100)).rejects.toBeInstanceOf(TooLate);
    await load.stop();
  });
});

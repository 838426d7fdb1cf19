import { describe, expect, it } from 'vitest';
import type { Load, Span } from '../../../src/verify/load/steady.ts';
import { NotVerifiable } from '../../../src/verify/outcome.ts';
import { randomFrom } from '../../../src/verify/random.ts';
import {
  harmed,
  onSilent,
  sentAgain,
  stuck,
  Trail,
  underWay,
  untilItHits,
} from '../../../src/verify/system/bites.ts';

const FOREVER = Number.POSITIVE_INFINITY;

/** Request number `index` from its time to its end. */
function spans(...times: [sentAt: number, endedAt: number][]): Span[] {
  return times.map(([sentAt, endedAt], index) => ({ index, sentAt, endedAt }));
}

/** A proxy whose log names a server for each request, and how often it was sent again. */
class FakeLog {
  lines: string[] = [];
  readonly trail = new Trail(
    { running: { logs: async () => this.lines } as never, random: randomFrom(1) },
    'haproxy',
  );

  add(index: number, server: string, retries = '0'): void {
    const id = this.trail.headers(index)['x-request-id'];
    this.lines.push(JSON.stringify({ server, retries, requestId: id }));
  }
}

/** As the engines do: only so many lines are kept. */
function logOf(...entries: [server: string, retries?: string][]): FakeLog {
  const log = new FakeLog();
  for (const [index, [server, retries]] of entries.entries()) log.add(index, server, retries);
  return log;
}

describe('whether a fault hit a request', () => {
  it('counts those that were sent again in its time, and no others', async () => {
    const log = logOf(['app2', '+1'], ['app2', '+1'], ['app2', '0'], ['app2', '+1']);
    const times = spans([0, 9], [5, 12], [11, 12], [21, 22]);
    expect(sentAgain(times, await log.trail.look(), { from: 10, until: 20 })).toBe(1);
  });

  it('is said of a kill that nobody noticed: none', async () => {
    const log = logOf(['app2'], ['app2'], ['app3']);
    const load = { spans: spans([9, 11], [12, 13], [14, 15]), failures: [] } as unknown as Load;
    expect(await harmed(load, log.trail, { from: 10, until: 20 })).toBe(0);
  });

  it('counts what failed, too', async () => {
    const failure = { index: 0, sentAt: 9, endedAt: 11, status: 502, what: 'GET / answered 502' };
    const load = { spans: spans([9, 11]), failures: [failure] } as unknown as Load;
    expect(await harmed(load, logOf(['app1']).trail, { from: 10, until: 20 })).toBe(1);
    expect(await harmed(load, logOf(['app1']).trail, { from: 12, until: 20 })).toBe(0);
  });

  it('remembers what the log has forgotten since', async () => {
    const log = logOf(['app1', '+1']);
    await log.trail.look();
    log.lines = [];
    expect((await log.trail.look()).get(0)).toEqual({ servers: ['app1'], again: 1 });
  });

  it('counts those that were under way at a moment', () => {
    expect(underWay(spans([0, 10], [5, 11], [10, 12], [11, 12], [1, FOREVER]), 10)).toBe(3);
  });

  it('counts those that have been under way for long', () => {
    expect(stuck(spans([0, FOREVER], [5, FOREVER], [9, FOREVER], [0, 8]), 10, 5)).toBe(2);
  });

  describe('by the server that is silent afterwards', () => {
    const last = { from: 10, until: 20 };
    const silence = { from: 20, until: 30 };
    const times = spans([9, 11], [12, 13], [14, 15], [21, 22], [23, 24], [25, 31]);

    it('finds what that had in its last time', async () => {
      const log = logOf(['app1'], ['app2'], ['app1'], ['app2'], ['app3'], ['app1']);
      expect(onSilent(times, await log.trail.look(), last, silence, 2)).toBe(2);
    });

    it('finds nothing where all that answered go on', async () => {
      const log = logOf(['app3'], ['app2'], ['app2'], ['app2'], ['app3'], ['app2']);
      expect(onSilent(times, await log.trail.look(), last, silence, 2)).toBe(0);
    });

    it('takes a copy that just was not asked for no victim', async () => {
      const log = logOf(['app1'], ['app2'], ['app1'], ['app3'], ['app3'], ['app1']);
      expect(onSilent(times, await log.trail.look(), last, silence, 2)).toBe(0);
    });
  });
});

describe('a fault', () => {
  it('is done once where it hits', async () => {
    const held: number[] = [];
    expect(await untilItHits(async ms => held.push(ms))).toBe(1);
    expect(held).toEqual([0]);
  });

  it('is done again, with its victim held ever longer, where it hits nothing', async () => {
    const held: number[] = [];
    const strike = async (ms: number) => {
      held.push(ms);
      return held.length === 3 ? 7 : 0;
    };
    expect(await untilItHits(strike)).toBe(7);
    expect(held).toEqual([0, 300, 600]);
  });

  it('is no verdict where it never hits', async () => {
    let strikes = 0;
    const error = await untilItHits(async () => {
      strikes++;
      return 0;
    }).catch((reason: unknown) => reason);
    expect(strikes).toBe(4);
    expect(error).toBeInstanceOf(NotVerifiable);
    expect(error).toMatchObject({ why: 'machine', message: expect.stringContaining('hit no request') });
  });
});

import { expectWithin, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';

const WITHIN_MS = 30_000;

export const stallAnswers: Guarantee = {
  id: 'stall.answers',
  title: `answers within ${WITHIN_MS / 1000} s of being started`,
  from: 'stall',
  needs: ['probes.read'],
  async check({ probes, bootMs }) {
    await probes.expectRead();
    const seconds = (bootMs / 1000).toFixed(1);
    expectWithin(bootMs, WITHIN_MS, `the first answer came ${seconds} s after the start`);
    return kept(`first answer after ${seconds} s`, { bootMs });
  },
};

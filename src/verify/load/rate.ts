/** How fast an open loop may ask: a load that goes on at its rate whatever happens must be one that can be carried. */
import type { LoadReport } from './steady.ts';

/** Of what was answered unhindered: the rest is for catching up. */
const SHARE = 0.5;

/** @param unhindered a closed loop's report, with nothing in its way @returns requests a second */
export function carriedRate({ sent, seconds }: Pick<LoadReport, 'sent' | 'seconds'>): number {
  return Math.max(1, Math.floor((SHARE * sent) / Math.max(seconds, 0.1)));
}

/** What the pool stage promises, in the order in which it is checked: guarantees first, then drills. */
import type { Guarantee } from '../../guarantee.ts';
import { poolBounded } from './bound.ts';
import { poolCrowd } from './crowd.ts';
import { poolExhausted } from './exhausted.ts';
import { poolNoLeaks } from './no-leaks.ts';
import { poolReconnects } from './reconnects.ts';

export const POOL_CHECKS: readonly Guarantee[] = [
  poolBounded,
  poolExhausted,
  poolNoLeaks,
  poolReconnects,
  poolCrowd,
];

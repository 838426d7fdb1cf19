/** What the balancer stage promises, in the order in which it is checked: guarantees first, then drills. */
import type { Guarantee } from '../../guarantee.ts';
import { balancerAllDown } from './all-down.ts';
import { balancerAllServe } from './all-serve.ts';
import { balancerFailover } from './failover.ts';
import { balancerFavoursFast } from './favours-fast.ts';
import { balancerFreshDoor } from './fresh-door.ts';
import { balancerHang } from './hang-under-load.ts';
import { balancerKill } from './kill-under-load.ts';
import { balancerNoStorm } from './no-retry-storm.ts';
import { balancerRollingRestart } from './rolling-restart.ts';
import { balancerScale } from './scale-under-load.ts';
import { balancerSharedSessions } from './shared-sessions.ts';
import { balancerSpread } from './spread.ts';
import { balancerWritesOnce } from './writes-once.ts';

export const BALANCER_CHECKS: readonly Guarantee[] = [
  balancerAllServe,
  balancerSpread,
  balancerFavoursFast,
  balancerFailover,
  balancerSharedSessions,
  balancerKill,
  balancerWritesOnce,
  balancerHang,
  balancerRollingRestart,
  balancerScale,
  balancerFreshDoor,
  balancerAllDown,
  balancerNoStorm,
];

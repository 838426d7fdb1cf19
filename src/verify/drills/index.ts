/** Every drill, in the order in which the journey makes its promises. */
import type { Guarantee } from '../guarantee.ts';
import { balancerKill } from './balancer-kill.ts';

export const DRILLS: readonly Guarantee[] = [balancerKill];

/** Every drill, in the order in which the journey makes its promises. */
import type { Guarantee } from '../guarantee.ts';
import { balancerAllDown } from './balancer-all-down.ts';
import { balancerFreshDoor } from './balancer-fresh-door.ts';
import { balancerHang } from './balancer-hang.ts';
import { balancerKill } from './balancer-kill.ts';
import { balancerNoStorm } from './balancer-no-storm.ts';
import { balancerOrdersOnce } from './balancer-orders-once.ts';
import { balancerRollingRestart } from './balancer-rolling-restart.ts';
import { balancerScale } from './balancer-scale.ts';
import { databaseCrash } from './database-crash.ts';
import { databaseEndless } from './database-endless.ts';
import { microservicesWorkerKilled } from './microservices-worker-killed.ts';
import { nginxReload } from './nginx-reload.ts';
import { nginxSlowClients } from './nginx-slow-clients.ts';
import { poolCrowd } from './pool-crowd.ts';
import { stallSlowClients } from './stall-slow-clients.ts';

export const DRILLS: readonly Guarantee[] = [
  stallSlowClients,
  databaseCrash,
  databaseEndless,
  poolCrowd,
  balancerKill,
  balancerOrdersOnce,
  balancerHang,
  balancerRollingRestart,
  balancerScale,
  balancerFreshDoor,
  balancerAllDown,
  balancerNoStorm,
  nginxReload,
  nginxSlowClients,
  microservicesWorkerKilled,
];

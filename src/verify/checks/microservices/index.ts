/** What the microservices stage promises, in the order in which it is checked: guarantees first, then drills. */
import type { Guarantee } from '../../guarantee.ts';
import { microservicesOwnDatabase } from './own-database.ts';
import { microservicesPartDown } from './part-down.ts';
import { microservicesRolesApart } from './roles-apart.ts';
import { microservicesSettles } from './settles.ts';
import { microservicesWorkerKilled } from './worker-killed.ts';

export const MICROSERVICES_CHECKS: readonly Guarantee[] = [
  microservicesOwnDatabase,
  microservicesRolesApart,
  microservicesSettles,
  microservicesPartDown,
  microservicesWorkerKilled,
];

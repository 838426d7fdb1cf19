/** Every guarantee, in the order in which the journey makes them. */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { UsageError } from '../../journey/errors.ts';
import { reaches, stageIndex } from '../../journey/stages.ts';
import { DRILLS } from '../drills/index.ts';
import type { Guarantee } from '../guarantee.ts';
import { balancerAllServe } from './balancer-all-serve.ts';
import { balancerFailover } from './balancer-failover.ts';
import { balancerFavoursFast } from './balancer-favours-fast.ts';
import { balancerSharedSessions } from './balancer-shared-sessions.ts';
import { balancerSpread } from './balancer-spread.ts';
import { databaseHostileText } from './database-hostile-text.ts';
import { databaseIdempotency } from './database-idempotency.ts';
import { databaseLeastPrivilege } from './database-least-privilege.ts';
import { databaseSchema } from './database-schema.ts';
import { databaseSurvivesAppKill } from './database-survives-app-kill.ts';
import { databaseSurvivesCrash } from './database-survives-crash.ts';
import { databaseWaits } from './database-waits.ts';
import { microservicesOrderFlow } from './microservices-order-flow.ts';
import { microservicesOwnDatabase } from './microservices-own-database.ts';
import { microservicesPaymentsDown } from './microservices-payments-down.ts';
import { microservicesRolesApart } from './microservices-roles-apart.ts';
import { nginxCaching } from './nginx-caching.ts';
import { nginxHeaders } from './nginx-headers.ts';
import { nginxIdleTimeouts } from './nginx-idle-timeouts.ts';
import { nginxLimits } from './nginx-limits.ts';
import { nginxOneDoor } from './nginx-one-door.ts';
import { nginxRedirect } from './nginx-redirect.ts';
import { nginxRequestId } from './nginx-request-id.ts';
import { nginxRouting } from './nginx-routing.ts';
import { nginxSmuggling } from './nginx-smuggling.ts';
import { nginxSpoofing } from './nginx-spoofing.ts';
import { nginxStatic } from './nginx-static.ts';
import { nginxTls } from './nginx-tls.ts';
import { nginxTraversal } from './nginx-traversal.ts';
import { poolBounded } from './pool-bound.ts';
import { poolExhausted } from './pool-exhausted.ts';
import { poolNoLeaks } from './pool-no-leaks.ts';
import { poolReconnects } from './pool-reconnects.ts';
import { stallAnswers } from './stall-answers.ts';
import { stallContract } from './stall-contract.ts';
import { stallErrors } from './stall-errors.ts';
import { stallGracefulStop } from './stall-graceful-stop.ts';
import { stallHealth } from './stall-health.ts';
import { stallHostileInput } from './stall-hostile-input.ts';
import { stallLog } from './stall-log.ts';

export const GUARANTEES: readonly Guarantee[] = [
  stallAnswers,
  stallContract,
  stallErrors,
  stallHostileInput,
  stallHealth,
  stallLog,
  stallGracefulStop,
  databaseSurvivesAppKill,
  databaseSurvivesCrash,
  databaseLeastPrivilege,
  databaseIdempotency,
  databaseHostileText,
  databaseSchema,
  databaseWaits,
  poolBounded,
  poolExhausted,
  poolNoLeaks,
  poolReconnects,
  balancerAllServe,
  balancerSpread,
  balancerFavoursFast,
  balancerFailover,
  balancerSharedSessions,
  nginxTls,
  nginxRedirect,
  nginxStatic,
  nginxRouting,
  nginxOneDoor,
  nginxHeaders,
  nginxTraversal,
  nginxSpoofing,
  nginxSmuggling,
  nginxCaching,
  nginxLimits,
  nginxRequestId,
  nginxIdleTimeouts,
  microservicesOwnDatabase,
  microservicesRolesApart,
  microservicesOrderFlow,
  microservicesPaymentsDown,
];

/**
 * The guarantees that a blueprint has to keep; with `drill` also those under load and faults.
 * @param only ids to choose from them, drills among them
 * @throws UsageError if one of the ids is unknown, or is not a guarantee of this stage
 */
export function guaranteesOf(
  blueprint: Blueprint,
  { only, drill = only !== undefined }: { readonly only?: readonly string[]; readonly drill?: boolean } = {},
): readonly Guarantee[] {
  const { stage } = blueprint;
  const own = [...GUARANTEES, ...(drill ? DRILLS : [])].filter(
    guarantee =>
      reaches(stage, guarantee.from) &&
      (guarantee.until === undefined || stageIndex(stage) <= stageIndex(guarantee.until)) &&
      (guarantee.applies?.(blueprint) ?? true),
  );
  const foreign = only?.find(id => !own.some(guarantee => guarantee.id === id));
  if (foreign !== undefined) {
    throw new UsageError(
      `${foreign} is not a guarantee of this ${stage} project`,
      `it has ${own.map(each => each.id).join(', ')}`,
    );
  }
  return own.filter(guarantee => only?.includes(guarantee.id) ?? true);
}

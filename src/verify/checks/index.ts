/** Every guarantee, in the order in which the journey makes them. */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { UsageError } from '../../errors.ts';
import { reaches, STAGE_NAMES, type StageName } from '../../journey/stages.ts';
import type { Guarantee } from '../guarantee.ts';
import { BALANCER_CHECKS } from './balancer/index.ts';
import { DATABASE_CHECKS } from './database/index.ts';
import { MICROSERVICES_CHECKS } from './microservices/index.ts';
import { NGINX_CHECKS } from './nginx/index.ts';
import { POOL_CHECKS } from './pool/index.ts';
import { STALL_CHECKS } from './stall/index.ts';

const CHECKS: Readonly<Record<StageName, readonly Guarantee[]>> = {
  stall: STALL_CHECKS,
  database: DATABASE_CHECKS,
  pool: POOL_CHECKS,
  balancer: BALANCER_CHECKS,
  nginx: NGINX_CHECKS,
  microservices: MICROSERVICES_CHECKS,
};

const ALL = STAGE_NAMES.flatMap(stage => CHECKS[stage]);

/** What each run checks. */
export const GUARANTEES: readonly Guarantee[] = ALL.filter(({ drill }) => !drill);

/** What only a run with `--drill` checks, under load and faults. */
export const DRILLS: readonly Guarantee[] = ALL.filter(({ drill }) => drill);

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
    guarantee => reaches(stage, guarantee.from) && (guarantee.applies?.(blueprint) ?? true),
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

import { UsageError } from '../errors.ts';

/** PostgreSQL's own default for superuser_reserved_connections. */
export const SUPERUSER_RESERVED = 3;
/** Kept free for people: psql, a dashboard, a backup. */
export const ADMIN_HEADROOM = 5;
/** The migration job's one connection. */
export const MIGRATOR = 1;
/** While a program is replaced, one copy more than usual is alive. */
export const SURGE = 1;

export interface PoolDemand {
  readonly program: string;
  readonly replicas: number;
  /** The pool's bound in each process. */
  readonly poolMax: number;
  /** Connections that a process holds beside its pool, for a relay or a worker. */
  readonly extra: number;
}

export interface PoolBudget {
  readonly maxConnections: number;
  /** What is left for programs when reserves are taken off. */
  readonly available: number;
  readonly needed: number;
  readonly demands: readonly PoolDemand[];
  /** The arithmetic in words, a line a step: printed as comments where the numbers land. */
  readonly lines: readonly string[];
}

/**
 * How many connections all copies of all programs may open at most, against what the database takes. The rule is
 * Σ (replicas + surge) × (pool + extra) ≤ max_connections − superuser_reserved − headroom − migrator; see "Number Of Database
 * Connections" in the PostgreSQL wiki and node-postgres' guide on pool sizing.
 */
export function poolBudget(maxConnections: number, demands: readonly PoolDemand[]): PoolBudget {
  const available = availableConnections(maxConnections);
  const needed = demands.reduce((sum, demand) => sum + connectionsOf(demand), 0);
  return {
    maxConnections,
    available,
    needed,
    demands,
    lines: arithmetic(maxConnections, available, needed, demands),
  };
}

/** Connections that programs may share out of `maxConnections`. */
export function availableConnections(maxConnections: number): number {
  return maxConnections - SUPERUSER_RESERVED - ADMIN_HEADROOM - MIGRATOR;
}

/** The most that one program's copies open together, one copy more than usual included. */
export function connectionsOf(demand: PoolDemand): number {
  return (demand.replicas + SURGE) * (demand.poolMax + demand.extra);
}

/** The largest pool for a program with `replicas` copies when `others` is already taken; at least 1. */
export function largestPool(maxConnections: number, replicas: number, others = 0, extra = 0): number {
  return Math.max(
    1,
    Math.floor((availableConnections(maxConnections) - others) / (replicas + SURGE)) - extra,
  );
}

/** @throws UsageError when the pools together could open more connections than the database takes. */
export function requireBudget(budget: PoolBudget): void {
  if (budget.needed <= budget.available) return;
  const [first] = budget.demands;
  if (!first) return;
  const others = budget.needed - connectionsOf(first);
  const fits = largestPool(budget.maxConnections, first.replicas, others, first.extra);
  throw new UsageError(
    `--pool-max ${first.poolMax} with ${copies(first.replicas)} needs ${budget.needed} database connections, and ${budget.available} are there for them (${budget.lines[0]})`,
    `use --pool-max ${fits} or less, or fewer --replicas`,
  );
}

function arithmetic(
  maxConnections: number,
  available: number,
  needed: number,
  demands: readonly PoolDemand[],
): string[] {
  const reserve = `${maxConnections} max_connections - ${SUPERUSER_RESERVED} superuser - ${ADMIN_HEADROOM} for people - ${MIGRATOR} migration = ${available} for programs`;
  const uses = demands.map(demand => {
    const each = demand.extra
      ? `(${demand.poolMax} pool + ${demand.extra} beside it)`
      : `${demand.poolMax} pool`;
    return `${demand.program}: (${copies(demand.replicas)} + ${SURGE} while deploying) x ${each} = ${connectionsOf(demand)}`;
  });
  return [reserve, ...uses, `together ${needed} of ${available}`];
}

function copies(count: number): string {
  return count === 1 ? '1 copy' : `${count} copies`;
}

import { expect, test } from 'vitest';
import { availableConnections, poolBudget, requireBudget } from '../../src/journey/pool-budget.ts';

const demand = (replicas: number, poolMax: number, extra = 0) => ({
  program: 'app',
  replicas,
  poolMax,
  extra,
});

test('a database of 100 connections has 91 for programs', () => {
  expect(availableConnections(100)).toBe(91);
});

test('one copy more than usual counts, since a deploy has it', () => {
  expect(poolBudget(100, [demand(3, 20)]).needed).toBe(80);
  expect(poolBudget(100, [demand(1, 8, 2), demand(2, 5)]).needed).toBe(20 + 15);
});

test('the arithmetic is spelt out', () => {
  expect(poolBudget(100, [demand(3, 20)]).lines).toEqual([
    '100 max_connections - 3 superuser - 5 for people - 1 migration = 91 for programs',
    'app: (3 copies + 1 while deploying) x 20 pool = 80',
    'together 80 of 91',
  ]);
});

test('the bound itself is allowed, one more is refused with the number that fits', () => {
  expect(() => requireBudget(poolBudget(100, [demand(6, 13)]))).not.toThrow();
  expect(() => requireBudget(poolBudget(100, [demand(6, 14)]))).toThrow(
    /needs 98 database connections, and 91 are there/,
  );
  try {
    requireBudget(poolBudget(100, [demand(6, 14)]));
  } catch (error) {
    expect((error as { hint: string }).hint).toContain('--pool-max 13 or less');
  }
});

test('the number that the refusal names is accepted', () => {
  for (let replicas = 1; replicas <= 10; replicas++) {
    try {
      requireBudget(poolBudget(100, [demand(replicas, 50)]));
    } catch (error) {
      const fits = Number(/--pool-max (\d+)/.exec((error as { hint: string }).hint)?.[1]);
      expect(() => requireBudget(poolBudget(100, [demand(replicas, fits)]))).not.toThrow();
      expect(() => requireBudget(poolBudget(100, [demand(replicas, fits + 1)]))).toThrow();
    }
  }
});

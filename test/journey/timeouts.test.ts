import { expect, test } from 'vitest';
import { TIMEOUTS } from '../../src/journey/timeouts.ts';
import * as database from '../../templates/samples/shop/database/src/kit/database-timeouts.ts';
import * as http from '../../templates/samples/shop/stall/src/kit/timeouts.ts';

function expectRising(...values: readonly number[]): void {
  for (const [index, value] of values.slice(1).entries()) expect(value).toBeGreaterThan(values[index] ?? 0);
}

test('idle connections live longer the nearer they are to the origin', () => {
  expectRising(TIMEOUTS.nginxUpstreamKeepAlive, TIMEOUTS.haproxyKeepAlive, TIMEOUTS.programKeepAlive);
  expect(TIMEOUTS.nginxClientKeepAlive).toBeLessThan(TIMEOUTS.programKeepAlive);
});

test('deadlines of a request are shorter the nearer they are to the origin', () => {
  expectRising(
    database.LOCK_MS / 1000,
    database.STATEMENT_MS / 1000,
    database.QUERY_MS / 1000,
    TIMEOUTS.programHandler,
    TIMEOUTS.haproxyServer,
    TIMEOUTS.nginxRead,
  );
});

test('a read is ended by the database before the balancer has another copy do it, and three of them before nginx gives up', () => {
  expectRising(database.QUERY_MS / 1000, TIMEOUTS.haproxyRead);
  expectRising(TIMEOUTS.haproxyRead * 3, TIMEOUTS.nginxRead);
});

test('a client may take no longer over its headers than over its request', () => {
  expectRising(http.HEADERS_MS, http.REQUEST_MS);
});

test('a turn in the balancer and the longest answer after it come before nginx gives up', () => {
  expectRising(TIMEOUTS.haproxyQueue + TIMEOUTS.haproxyServer, TIMEOUTS.nginxRead);
});

test('a drain, and the longest request after it, end before the program is cut off', () => {
  expectRising(TIMEOUTS.drain + TIMEOUTS.programHandler, TIMEOUTS.programShutdown, TIMEOUTS.stopGracePeriod);
});

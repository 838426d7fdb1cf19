/** The shop is a sample: nothing that runs, grows or verifies a project knows of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/tool.ts';

/** What would give it away: its paths, tables, addresses and secrets. */
const NAMES =
  /\/(?:products|orders|sessions|search|payments)\b|\b(?:products|orders|payments|receipts|sessions)\.(?:products|orders|order_items|idempotency_keys|payments|receipts|sessions|customers)\b|shop\.example|'(?:shop|orders|payments|search|receipts)'|demo_password|ORDER_DEADLINE/i;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file));
}

test.each([
  'src/verify',
  'src/engines',
  'src/project',
  'src/plan',
  'src/stage-file',
  'src/blueprint',
  'src/pieces',
])('%s does not name the shop', folder => {
  const naming = sources(folder).flatMap(file =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const found = NAMES.exec(line)?.[0];
        return found === undefined ? [] : [`${file}:${index + 1}: ${found}`];
      }),
  );
  expect(sources(folder).length).toBeGreaterThan(0);
  expect(naming).toEqual([]);
});

test('a line that names the shop is found', () => {
  for (const line of ["get('/products?limit=1')", "'orders.orders'", 'demo@shop.example', '/api/orders/1'])
    expect(NAMES.test(line), line).toBe(true);
  for (const line of ["from './order.ts'", 'in journey order', '/openapi.yaml', 'a research.paper'])
    expect(NAMES.test(line), line).toBe(false);
});

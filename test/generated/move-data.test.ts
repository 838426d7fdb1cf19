/** scripts/move-data.mjs of a shop that has grown: on a real PostgreSQL, from the tables of the stage before into those of the services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Login, runSql } from '../../src/engines/sql.ts';
import { defaultAnswers, installedProject } from '../support/generated-project.ts';

const TYPESCRIPT = ['--import', 'tsx', '--conditions=development'];
const [ADA, BOB] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
const [PAID, WHOLE, LATE] = [1, 2, 3].map(digit => `11111111-0000-4000-8000-00000000000${digit}`);

let before: string;
let grown: string;
let server: ChildProcess;
let admin: Login;

beforeAll(async () => {
  [before, grown] = await Promise.all([
    installedProject(defaultAnswers('nginx')),
    installedProject(defaultAnswers('microservices')),
  ]);
  await startServer();
  await migrate(before, 'shop');
  await query('shop', OLD_ROWS);
});

afterAll(async () => {
  server?.stdin?.end();
  if (server?.exitCode === null) await new Promise(resolve => server.once('exit', resolve));
  for (const folder of [before, grown]) await rm(folder, { recursive: true, force: true });
});

/** What the shop has when it grows, with a column and a table of its owner's. */
const OLD_ROWS = `
  alter table orders.orders add column "gift Note" text, add column weight numeric;
  create table orders.labels (id integer primary key generated always as identity, "order" uuid references orders.orders, label text);
  insert into orders.orders (id, customer_id, state, reason, total_cents, currency, created_at, "gift Note", weight) values
    ('${PAID}', '${ADA}', 'paid', null, 15800, 'EUR', '2026-01-31 12:00:00.123456+00', E'a "line",\\nand\\\\one', 0.1234567890123456789),
    ('${WHOLE}', '${BOB}', 'paid', null, 1500, 'EUR', '2026-02-01 12:00:00+00', null, null);
  insert into orders.order_items values ('${PAID}', 1, 1, 'Keyboard', 2, 7900), ('${WHOLE}', 1, 11, 'USB-C cable', 1, 1500);
  insert into orders.idempotency_keys values ('${ADA}', 'my-first-order', 'hash', '${PAID}', '2026-01-31');
  insert into orders.labels ("order", label) select '${PAID}', 'label ' || n from generate_series(1, 2500) n;
  insert into payments.payments values ('${PAID}', 15800, 'EUR', 'captured', 'ref-1', '2026-01-31'), ('${WHOLE}', 1500, 'EUR', 'captured', 'ref-2', '2026-02-01')`;

const OWN_MIGRATION = `-- Up Migration
  alter table orders.orders add column "gift Note" text, add column weight numeric;
  create table orders.labels (id integer primary key generated always as identity, "order" uuid references orders.orders, label text);`;

test('without the databases of the services: what is missing, and what to do', async () => {
  expect(await moveData()).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'move-data: database "orders" does not exist: migrate it (docker compose up --build --wait --remove-orphans; tables and columns of your own: services/orders/migrations), then run this again',
  });
});

test('without a column that the owner has added: nothing is copied in part', async () => {
  await migrate(join(grown, 'services', 'orders'), 'orders');
  const { exitCode, stdout, stderr } = await moveData();
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^move-data: the database "orders" has no column gift Note in orders\.orders: migrate it .*$/,
  );
  expect(await query('orders', 'select id from orders.orders')).toEqual([]);
});

test('orders are copied even where payments cannot be yet', async () => {
  await writeFile(join(grown, 'services/orders/migrations/orders/0003_own.sql'), OWN_MIGRATION);
  await migrate(join(grown, 'services', 'orders'), 'orders');
  await query('postgres', 'create role payments_owner');
  await query('postgres', 'create database payments owner payments_owner');
  const { exitCode, stdout, stderr } = await moveData();
  expect(exitCode).toBe(1);
  expect(stdout.split('\n')).toEqual([
    'orders.orders: 2 of 2 rows copied, 0 there already',
    'orders.order_items: 2 of 2 rows copied, 0 there already',
    'orders.idempotency_keys: 1 of 1 rows copied, 0 there already',
    'orders.labels: 2500 of 2500 rows copied, 0 there already',
  ]);
  expect(stderr).toMatch(
    /^move-data: the database "payments" has no table payments\.payments: migrate it .*$/,
  );
});

test('every row arrives as it was, and a paid order is a completed one that no deadline takes back', async () => {
  await migrate(join(grown, 'services', 'payments'), 'payments');
  expect(await moveData()).toMatchObject({ exitCode: 0, stderr: '' });
  for (const [table, sort, changed] of [
    ['orders.orders', 'id', { state: 'completed', email: null, payment_method: null, deadline_at: null }],
    ['orders.order_items', 'order_id', {}],
    ['orders.idempotency_keys', 'key', {}],
    ['orders.labels', 'id', {}],
    ['payments.payments', 'order_id', { payment_method: null }],
  ] as const) {
    const rows = `select to_jsonb(t) as row from ${table} t order by ${sort}`;
    const old = await query<{ row: object }>('shop', rows);
    expect(await query(table.split('.')[0] ?? '', rows)).toEqual(
      old.map(({ row }) => ({ row: { ...row, ...changed } })),
    );
  }
  // As text: JSON has shorter numbers.
  const exact = `select created_at::text || weight from orders.orders where id = '${PAID}'`;
  expect(await query('orders', exact)).toEqual(await query('shop', exact));
});

test('the next row with a number of its own gets a free one', async () => {
  const next = `insert into orders.labels (label) values ('new') returning id > 2500 as free`;
  expect(await query('orders', next)).toEqual([{ free: true }]);
});

test('again: only what is missing is copied, and what the services have written stays', async () => {
  await query(
    'shop',
    `insert into orders.orders select '${LATE}', customer_id, state, reason, total_cents, currency, created_at
    from orders.orders where id = '${PAID}'`,
  );
  await query(
    'orders',
    `update orders.orders set state = 'returned', email = 'ada@shop.example' where id = '${PAID}'`,
  );
  await query('payments', `update payments.payments set state = 'declined' where order_id = '${WHOLE}'`);
  const { exitCode, stdout } = await moveData();
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'orders.orders: 1 of 3 rows copied, 2 there already',
    'orders.order_items: 0 of 2 rows copied, 2 there already',
    'orders.idempotency_keys: 0 of 1 rows copied, 1 there already',
    'orders.labels: 0 of 2500 rows copied, 2500 there already',
    'payments.payments: 0 of 2 rows copied, 2 there already',
  ]);
  expect(await query('orders', 'select state, email from orders.orders order by id')).toEqual([
    { state: 'returned', email: 'ada@shop.example' },
    { state: 'completed', email: null },
    { state: 'completed', email: null },
  ]);
  expect(await query('payments', 'select state from payments.payments order by order_id')).toEqual([
    { state: 'captured' },
    { state: 'declined' },
  ]);
});

test('a shop that was never smaller has nothing to move', async () => {
  await query('shop', 'drop schema orders, payments cascade');
  expect(await moveData()).toEqual({
    exitCode: 0,
    stdout: 'nothing to move: the database "shop" holds no orders and no payments',
    stderr: '',
  });
});

test('a server that is down is said in one line', async () => {
  const { exitCode, stderr } = await moveData({ PGPORT: '1' });
  expect([exitCode, stderr]).toEqual([1, 'move-data: connect ECONNREFUSED 127.0.0.1:1']);
});

test('with nothing up it says so, and starts nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
  const asked = join(folder, 'asked');
  try {
    // Asked for what runs, it names nothing.
    await writeFile(join(folder, 'docker'), `#!/bin/sh\necho "$@" >> "${asked}"\n`, { mode: 0o755 });
    const { exitCode, stderr } = await moveData({
      ADMIN_PASSWORD_FILE: '',
      PATH: `${folder}${delimiter}${process.env.PATH}`,
    });
    expect([exitCode, stderr]).toEqual([
      1,
      'move-data: the database does not run: docker compose up --build --wait --remove-orphans, then run this again',
    ]);
    expect(await readFile(asked, 'utf8')).toMatch(/^compose ps .*\n$/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function moveData(env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, ['scripts/move-data.mjs'], {
    cwd: grown,
    reject: false,
    env: { ...connection(), ADMIN_PASSWORD_FILE: join(grown, 'secrets', 'admin'), ...env },
  });
  return { exitCode, stdout, stderr };
}

async function migrate(directory: string, database: string): Promise<void> {
  const password = join(grown, 'secrets', 'demo_password');
  await execa(process.execPath, [...TYPESCRIPT, 'src/migrate.ts'], {
    cwd: directory,
    env: {
      ...connection(),
      PGDATABASE: database,
      PGUSER: `${database}_owner`,
      PGPASSWORD_FILE: password,
      ADMIN_PASSWORD_FILE: join(grown, 'secrets', 'admin'),
      APP_ROLE: `${database}_app`,
      APP_PASSWORD_FILE: password,
    },
  });
}

const connection = () => ({ PGHOST: admin.host, PGPORT: String(admin.port) });

function query<Row>(database: string, text: string): Promise<Row[]> {
  return runSql<Row>({ ...admin, database }, text);
}

/** The server that the project's own tests bring along, in a process of its own: it ends with its input. */
async function startServer(): Promise<void> {
  const program = `import { startServer } from './src/kit/testing.ts';
    const { admin, stop } = await startServer();
    console.log(JSON.stringify(admin));
    process.stdin.on('end', stop).resume();`;
  server = spawn(process.execPath, [...TYPESCRIPT, '--input-type=module', '--eval', program], {
    cwd: before,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!server.stdout) throw new Error('a process without output');
  for await (const line of createInterface(server.stdout)) {
    admin = JSON.parse(line);
    break;
  }
  await writeFile(join(grown, 'secrets', 'admin'), admin.password);
}

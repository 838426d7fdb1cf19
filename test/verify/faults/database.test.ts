import type { Fault } from './fault.ts';
import { describeFaults } from './workshop.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'sessions that end with the process',
    breaks: ['database.survives-app-kill'],
    because: /the session is lost/,
    patches: [
      {
        file: 'src/sessions/routes.ts',
        find: "createHash('sha256').update(token)",
        replace: "createHash('sha256').update(token + process.pid)",
      },
    ],
  },
  {
    title: 'orders in a table that a crash empties',
    breaks: ['database.survives-crash'],
    because: /is lost/,
    patches: [
      {
        file: 'migrations/orders/0001_orders.sql',
        find: /create table/g,
        replace: 'create unlogged table',
      },
    ],
  },
  {
    title: 'a program that may act as the owner of its tables',
    breaks: ['database.least-privilege'],
    because: /owns|may drop/,
    patches: [
      {
        file: 'src/kit/migrate.ts',
        find: '  await admin.query(`grant connect',
        replace: "  await admin.query('grant shop_owner to shop_app');\n$&",
      },
    ],
  },
  {
    title: 'an Idempotency-Key that nobody looks at',
    breaks: ['database.idempotency'],
    because: /different orders/,
    patches: [
      {
        file: 'src/orders/routes.ts',
        find: "idempotencyKey: request.headers['idempotency-key']",
        replace: 'idempotencyKey: undefined',
      },
    ],
  },
  {
    title: 'a search that takes % for anything, and a foreign key without an index',
    breaks: ['database.hostile-text', 'database.schema'],
    because: /a search for .* finds/,
    patches: [
      { file: 'src/products/store.ts', find: '[\\\\%_]', replace: '[\\\\]' },
      {
        file: 'migrations/sessions/0001_customers_and_sessions.sql',
        find: /create index sessions_customer_id.*/,
        replace: '',
      },
    ],
  },
  {
    title: 'a character that the database refuses, as an error of the program',
    breaks: ['stall.hostile-input'],
    because: /answered 500/,
    patches: [{ file: 'src/kit/database-errors.ts', find: '22021|22P05', replace: '22022' }],
  },
  {
    title: 'a program that starts only with its database',
    breaks: ['database.waits'],
    because: /while its database is down/,
    patches: [
      {
        file: 'src/server.ts',
        find: 'await serve(',
        replace: 'await database.ping();\n  await serve(',
      },
    ],
  },
];

describeFaults('database', FAULTS);

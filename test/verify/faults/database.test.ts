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
];

describeFaults('database', FAULTS);

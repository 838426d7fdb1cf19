import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const FAULTS: readonly Fault[] = [
  {
    title: "a service that works in another's database, which lets everyone in",
    breaks: ['microservices.own-database', 'microservices.roles-apart'],
    because: /search_app is connected to shop/,
    patches: [
      {
        file: 'packages/kit/src/migrate.ts',
        find: 'await admin.query(`revoke all on database',
        replace: 'await admin.query(`-- revoke all on database',
      },
      {
        file: 'services/search/src/server.ts',
        find: 'const connection = readConfig(connectionVariables);',
        replace: `$&
  const elsewhere = openDatabase({ ...connection, database: 'shop' }, { max: 1 });
  setInterval(() => void elsewhere.ping().catch(() => {}), 200);`,
      },
    ],
  },
  {
    title: 'a receipt that goes to the shop itself',
    breaks: ['microservices.settles'],
    because: /the receipt of order .* went to/,
    patches: [{ file: 'services/receipts/src/mail.ts', find: 'to: order.email', replace: 'to: from' }],
  },
  {
    title: 'a cancelled order that keeps its stock',
    breaks: ['microservices.part-down'],
    because: /the return of the stock did not happen/,
    patches: [
      {
        file: 'services/orders/src/saga.ts',
        find: "await tell(tx, 'shop', 'ReleaseStock', orderId);",
        replace: 'await Promise.resolve();',
      },
    ],
  },
];

describeFaults('microservices', FAULTS);

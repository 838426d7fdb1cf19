import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
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
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
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
];

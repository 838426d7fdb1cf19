import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
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

import type { Fault } from '../fault.ts';

const DATABASE = 'src/kit/database.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a program that dies of a broken idle connection',
    breaks: ['pool.reconnects'],
    because: /was restarted, or died|while the database restarted/,
    patches: [
      { file: DATABASE, find: "pool.on('error', onError);", replace: 'void onError;' },
      {
        file: DATABASE,
        find: "  pool.on('connect', client => client.on('error', () => {}));\n",
        replace: '',
      },
    ],
  },
];

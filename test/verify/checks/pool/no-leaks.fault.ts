import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a failed transaction that nobody ends',
    breaks: ['pool.no-leaks'],
    because: /idle in a transaction/,
    patches: [
      {
        file: 'src/kit/database.ts',
        find: "if (!isUnavailable(error)) await client.query('rollback');",
        replace: '',
      },
    ],
  },
  {
    title: 'a connection that is opened for each request',
    breaks: ['pool.no-leaks'],
    because: /none of \d+ connections lasted/,
    patches: [
      {
        file: 'src/kit/database.ts',
        find: 'client.release(broken)',
        replace: 'client.release(broken ?? true)',
      },
    ],
  },
];

import type { Fault } from '../fault.ts';

const DATABASE = 'src/kit/database.ts';
const MAX = '    max,\n    idleTimeoutMillis';

export const faults: readonly Fault[] = [
  {
    title: 'a pool without its bound, in a crowd',
    breaks: ['pool.crowd'],
    because: /connections of 20/,
    patches: [{ file: DATABASE, find: MAX, replace: MAX.replace('max', 'max: max * 2') }],
  },
  {
    title: 'requests that wait for a connection for ever, in a crowd',
    breaks: ['pool.crowd'],
    because: /an answer took/,
    patches: [
      {
        file: DATABASE,
        find: MAX,
        replace: MAX.replace('max,', 'max,\n    connectionTimeoutMillis: 0,'),
      },
    ],
  },
];

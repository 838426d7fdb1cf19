import type { Fault } from './fault.ts';
import { describeFaults } from './workshop.ts';

const DATABASE = 'src/kit/database.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'a pool without its bound',
    breaks: ['pool.bound'],
    because: /more than the bound of 20/,
    patches: [
      {
        file: DATABASE,
        find: '    max,\n    idleTimeoutMillis',
        replace: '    max: max * 4,\n    idleTimeoutMillis',
      },
    ],
  },
  {
    title: 'requests that wait for a connection for ever',
    breaks: ['pool.exhausted'],
    because: /exhausted|should be 503/,
    patches: [{ file: DATABASE, find: '    max,\n', replace: '    max,\n    connectionTimeoutMillis: 0,\n' }],
  },
  {
    title: 'a refusal without a word about when to come back',
    breaks: ['pool.exhausted'],
    because: /without Retry-After/,
    patches: [{ file: 'src/kit/problem.ts', find: "'retry-after'", replace: "'x-after'" }],
  },
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
  {
    title: 'a failed transaction that nobody ends',
    breaks: ['pool.no-leaks'],
    because: /idle in a transaction/,
    patches: [
      {
        file: DATABASE,
        find: "if (!isUnavailable(error)) await client.query('rollback');",
        replace: '',
      },
    ],
  },
];

describeFaults('pool', FAULTS);

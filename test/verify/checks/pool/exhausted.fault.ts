import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'requests that wait for a connection for ever',
    breaks: ['pool.exhausted'],
    because: /exhausted|should be 503/,
    patches: [
      {
        file: 'src/kit/database.ts',
        find: '    max,\n',
        replace: '    max,\n    connectionTimeoutMillis: 0,\n',
      },
    ],
  },
  {
    title: 'a refusal without a word about when to come back',
    breaks: ['pool.exhausted'],
    because: /without Retry-After/,
    patches: [{ file: 'src/kit/problem.ts', find: "'retry-after'", replace: "'x-after'" }],
  },
];

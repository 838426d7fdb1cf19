import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a pool without its bound',
    breaks: ['pool.bound'],
    because: /more than the bound of 20/,
    patches: [
      {
        file: 'src/kit/database.ts',
        find: '    max,\n    idleTimeoutMillis',
        replace: '    max: max * 4,\n    idleTimeoutMillis',
      },
    ],
  },
];

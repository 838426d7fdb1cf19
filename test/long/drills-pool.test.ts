import { DRILLS } from '../../src/verify/checks/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'a pool without its bound',
    breaks: ['pool.crowd'],
    because: /connections of 20/,
    patches: [
      {
        file: 'src/kit/database.ts',
        find: '    max,\n    idleTimeoutMillis',
        replace: '    max: max * 2,\n    idleTimeoutMillis',
      },
    ],
  },
  {
    title: 'requests that wait for a connection for ever',
    breaks: ['pool.crowd'],
    because: /an answer took/,
    patches: [
      {
        file: 'src/kit/database.ts',
        find: '    max,\n    idleTimeoutMillis',
        replace: '    max,\n    connectionTimeoutMillis: 0,\n    idleTimeoutMillis',
      },
    ],
  },
];

describeFaults('pool', FAULTS, DRILLS);

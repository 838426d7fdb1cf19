import { DRILLS } from '../../src/verify/checks/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'a queue that keeps the jobs of a dead worker for it',
    breaks: ['microservices.worker-killed'],
    because:
      /the receipt of each of \d+ orders did not happen within 60 s: \d+ were sent, and [1-9] jobs are locked/,
    patches: [
      {
        file: 'services/receipts/src/worker.ts',
        find: '    await freeJobsOfTheDead(database);\n',
        replace: '    void freeJobsOfTheDead;\n',
      },
    ],
  },
];

describeFaults('microservices', FAULTS, DRILLS);

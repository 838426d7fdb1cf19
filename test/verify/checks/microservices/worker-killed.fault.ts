import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a queue that keeps the jobs of a dead worker for it',
    breaks: ['microservices.worker-killed'],
    because:
      /the mail about each of \d+ writes did not happen within 60 s: \d+ were sent, and [1-9] jobs are locked/,
    patches: [
      {
        file: 'services/receipts/src/worker.ts',
        find: '    await freeJobsOfTheDead(database);\n',
        replace: '    void freeJobsOfTheDead;\n',
      },
    ],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'sessions that only the copy that made them knows',
    breaks: ['balancer.shared-sessions'],
    because: /is unknown to copy/,
    patches: [
      {
        file: 'src/sessions/routes.ts',
        find: "createHash('sha256').update(token)",
        replace: "createHash('sha256').update(token + process.pid)",
      },
    ],
    foreign: [
      {
        file: 'src/tokens/routes.ts',
        find: "createHash('sha256').update(token)",
        replace: "createHash('sha256').update(token + process.pid)",
      },
    ],
  },
];

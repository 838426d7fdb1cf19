import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'sessions that end with the process',
    breaks: ['database.survives-app-kill'],
    because: /the session is lost/,
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

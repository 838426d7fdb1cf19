import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'no answer to SIGTERM',
    breaks: ['stall.graceful-stop'],
    because: /SIGTERM/,
    patches: [{ file: 'src/kit/shutdown.ts', find: "process.on('SIGTERM', stop);", replace: '' }],
  },
  {
    title: 'an end before what was begun is finished',
    breaks: ['stall.graceful-stop'],
    because: /SIGTERM came was not answered/,
    patches: [
      {
        file: 'src/kit/shutdown.ts',
        find: 'health.draining = true;',
        replace: 'process.exit(0);\n    health.draining = true;',
      },
    ],
  },
];

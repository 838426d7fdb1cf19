import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'idle timeouts as Node has them by itself',
    breaks: ['nginx.idle-timeouts'],
    because: /keeps an idle connection \d+ s, app only 5 s/,
    patches: [
      { file: 'src/kit/timeouts.ts', find: 'KEEP_ALIVE_MS = 72_000', replace: 'KEEP_ALIVE_MS = 5_000' },
    ],
  },
];

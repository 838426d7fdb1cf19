import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'workers that hang up on whatever is under way when nginx reads its configuration anew',
    breaks: ['nginx.reload-under-load'],
    because: /of \d+ GETs failed/,
    patches: [
      {
        file: CONFIG,
        find: /^worker_processes.*$/m,
        replace: '$&\nworker_shutdown_timeout 1ms;',
      },
    ],
  },
];

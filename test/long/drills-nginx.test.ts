import { DRILLS } from '../../src/verify/checks/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const CONFIG = 'nginx/nginx.conf';

const FAULTS: readonly Fault[] = [
  {
    title: 'an nginx that waits a minute for slow clients',
    breaks: ['nginx.slow-clients'],
    because: /400 of 400 slow connections were still open after 15 s/,
    patches: [
      { file: CONFIG, find: 'client_header_timeout 10s;', replace: '' },
      { file: CONFIG, find: 'client_body_timeout 10s;', replace: '' },
    ],
  },
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

describeFaults('nginx', FAULTS, DRILLS);

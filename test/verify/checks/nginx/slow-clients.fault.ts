import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'an nginx that waits a minute for slow clients',
    breaks: ['nginx.slow-clients'],
    because: /400 of 400 slow connections were still open after 15 s/,
    patches: [
      { file: CONFIG, find: 'client_header_timeout 10s;', replace: '' },
      { file: CONFIG, find: 'client_body_timeout 10s;', replace: '' },
    ],
  },
];

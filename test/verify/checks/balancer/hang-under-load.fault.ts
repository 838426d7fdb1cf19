import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer that waits for a hung copy as long as for a busy one',
    breaks: ['balancer.hang-under-load'],
    because: /the slowest of \d+ GETs took 1\d\.\d s|GETs failed/,
    patches: [
      {
        file: 'haproxy/haproxy.cfg',
        find: 'http-request set-timeout server 4s',
        replace: 'http-request set-timeout server 12s',
      },
    ],
  },
  {
    title: 'nginx alone that never gives a hung copy up',
    breaks: ['balancer.hang-under-load'],
    because: /the slowest of|GETs failed/,
    answers: { stage: 'nginx' },
    patches: [
      {
        file: 'nginx/nginx.conf',
        find: 'proxy_next_upstream error timeout;',
        replace: 'proxy_next_upstream error;',
      },
    ],
  },
];

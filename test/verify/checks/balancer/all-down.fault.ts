import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer that speaks HTML where the program speaks JSON',
    breaks: ['balancer.all-down'],
    because: /not application\/problem\+json/,
    patches: [
      {
        file: 'haproxy/haproxy.cfg',
        find: 'http-error status 503 content-type application/problem+json',
        replace: 'http-error status 503 content-type text/html',
      },
    ],
  },
];

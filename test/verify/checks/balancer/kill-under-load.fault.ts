import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer that does not repeat what a killed copy left unanswered',
    breaks: ['balancer.kill-under-load'],
    because: /GETs failed/,
    patches: [
      {
        file: 'haproxy/haproxy.cfg',
        find: 'retry-on conn-failure empty-response response-timeout',
        replace: 'retry-on none',
      },
    ],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer that takes its time to trust a copy',
    breaks: ['balancer.fresh-door'],
    because: /first good answer only after/,
    patches: [
      {
        file: 'haproxy/haproxy.cfg',
        find: 'downinter 250ms fall 2 rise 2',
        replace: 'downinter 2s fall 2 rise 8',
      },
    ],
  },
];

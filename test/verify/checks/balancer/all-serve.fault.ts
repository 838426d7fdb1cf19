import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer that always prefers the same copy',
    breaks: ['balancer.all-serve', 'balancer.spread'],
    because: /a turn for each of 3 copies .* reached 1 of them/,
    patches: [{ file: 'haproxy/haproxy.cfg', find: 'balance roundrobin', replace: 'balance source' }],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer that repeats what a failing program answered',
    breaks: ['balancer.no-retry-storm'],
    because: /30 requests to a failing route became/,
    patches: [{ file: 'haproxy/haproxy.cfg', find: 'response-timeout\n', replace: 'response-timeout 503\n' }],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a balancer with places for the first copies only',
    breaks: ['balancer.scale-under-load'],
    because: /a turn for each of 5 copies did not happen/,
    engine: 'docker',
    patches: [
      { file: 'haproxy/haproxy.cfg', find: 'server-template app 1-10', replace: 'server-template app 1-3' },
    ],
  },
];

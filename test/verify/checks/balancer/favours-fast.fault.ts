import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'taking turns where the fast copies should be favoured',
    breaks: ['balancer.favours-fast'],
    because: /of an equal share|with one slow copy/,
    answers: { strategy: 'least-connections' },
    patches: [{ file: 'haproxy/haproxy.cfg', find: 'balance leastconn', replace: 'balance roundrobin' }],
  },
];

import type { Fault } from './fault.ts';
import { describeFaults } from './workshop.ts';

const CONFIG = 'haproxy/haproxy.cfg';

const FAULTS: readonly Fault[] = [
  {
    title: 'a balancer that always prefers the same copy',
    breaks: ['balancer.all-serve', 'balancer.spread'],
    because: /a turn for each of 3 copies .* reached 1 of them/,
    patches: [{ file: CONFIG, find: 'balance roundrobin', replace: 'balance source' }],
  },
  {
    title: 'taking turns where the fast copies should be favoured',
    breaks: ['balancer.favours-fast'],
    because: /of an equal share|with one slow copy/,
    answers: { strategy: 'least-connections' },
    patches: [{ file: CONFIG, find: 'balance leastconn', replace: 'balance roundrobin' }],
  },
  {
    title: 'no second try on another copy, where nobody checks them',
    breaks: ['balancer.failover'],
    because: /GETs still failed/,
    answers: { stage: 'nginx' },
    patches: [
      {
        file: 'nginx/nginx.conf',
        find: 'proxy_next_upstream error timeout;',
        replace: 'proxy_next_upstream off;',
      },
      {
        file: 'nginx/nginx.conf',
        find: '"~^(?:GET|HEAD|OPTIONS)$" @read_again;',
        replace: '',
      },
    ],
  },
  {
    title: 'sessions that only the copy that made them knows',
    breaks: ['balancer.shared-sessions'],
    because: /is unknown to copy/,
    patches: [
      {
        file: 'src/sessions/routes.ts',
        find: "createHash('sha256').update(token)",
        replace: "createHash('sha256').update(token + process.pid)",
      },
    ],
  },
];

describeFaults('balancer', FAULTS);

import type { Fault } from '../fault.ts';

const NGINX = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'no second try on another copy, where nobody checks them',
    breaks: ['balancer.failover'],
    because: /GETs still failed/,
    answers: { stage: 'nginx' },
    patches: [
      { file: NGINX, find: 'proxy_next_upstream error timeout;', replace: 'proxy_next_upstream off;' },
      { file: NGINX, find: '"~^(?:GET|HEAD|OPTIONS)$" @read_again;', replace: '' },
    ],
  },
];

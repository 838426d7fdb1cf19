import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'a path that is rewritten on its way to the program',
    breaks: ['nginx.routing'],
    because: /GET \/products.* answered 404/,
    patches: [
      { file: CONFIG, find: 'proxy_pass http://app_servers;', replace: 'proxy_pass http://app_servers/;' },
    ],
  },
];

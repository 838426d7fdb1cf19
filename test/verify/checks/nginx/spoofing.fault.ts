import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'what many paste for WebSockets, and for the client behind a proxy',
    breaks: ['nginx.spoofing', 'nginx.smuggling'],
    because: /the client's own x-forwarded-for: 6\.6\.6\.6/,
    patches: [
      {
        file: CONFIG,
        find: 'X-Forwarded-For $remote_addr;',
        replace: 'X-Forwarded-For $proxy_add_x_forwarded_for;',
      },
      {
        file: CONFIG,
        find: 'proxy_set_header Connection "";',
        replace: 'proxy_set_header Connection $http_connection; proxy_set_header Upgrade $http_upgrade;',
      },
    ],
  },
  {
    title: 'a server that answers the first that comes, whatever name it is asked for',
    breaks: ['nginx.spoofing'],
    because: /an unknown Host is answered 200/,
    patches: [{ file: CONFIG, find: 'return 421 "This', replace: 'return 200 "This' }],
  },
];

import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'a path that is read, and written anew, on its way to the program',
    breaks: ['nginx.routing'],
    because: /the program is asked for \/api\/no-such-route\/a\/b/,
    patches: [
      {
        file: CONFIG,
        find: 'proxy_pass http://app_servers;',
        replace: 'proxy_pass http://app_servers/api/;',
      },
    ],
  },
  {
    title: 'a program that is asked for files',
    breaks: ['nginx.routing'],
    because: /GET \/style\.css answered 404 .*, and not by nginx itself/,
    patches: [
      {
        file: CONFIG,
        find: /(location \/ \{\n\s*)try_files \$uri =404;/,
        replace: '$1proxy_pass http://app_servers;',
      },
    ],
  },
];

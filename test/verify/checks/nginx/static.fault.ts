import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'images that the program serves',
    breaks: ['nginx.static'],
    because: /images.*answered 50\d/,
    patches: [
      {
        file: CONFIG,
        find: /(location \/images\/ \{.*\n\s*)try_files \$uri =404;/,
        replace: '$1proxy_pass http://app_servers;',
      },
    ],
  },
];

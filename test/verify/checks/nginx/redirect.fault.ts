import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'a redirect that turns a POST into a GET',
    breaks: ['nginx.redirect'],
    because: /answered 301, not 308/,
    patches: [
      {
        file: CONFIG,
        find: '# $host can only be',
        replace: 'return 301 https://localhost$request_uri;\n    # $host can only be',
      },
    ],
  },
];

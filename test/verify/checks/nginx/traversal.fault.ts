import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'images out of reach of the rules for hidden files and left-overs',
    breaks: ['nginx.traversal'],
    because: /GET \/images\/\.verify-\w+ answered 200/,
    patches: [{ file: CONFIG, find: 'location /images/', replace: 'location ^~ /images/' }],
  },
];

import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'a location with a header of its own, which drops the common ones',
    breaks: ['nginx.headers'],
    because: /the image lacks x-content-type-options/,
    patches: [
      {
        file: CONFIG,
        find: /(location \/images\/ \{.*\n)/,
        replace: '$1      add_header X-Kind image;\n',
      },
    ],
  },
];

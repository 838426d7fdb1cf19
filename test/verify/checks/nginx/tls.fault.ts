import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'old TLS is let in',
    breaks: ['nginx.tls'],
    because: /accepts TLSv1/,
    patches: [
      { file: CONFIG, find: /ssl_protocols [^;]+;/, replace: 'ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;' },
      { file: CONFIG, find: /ssl_ciphers [^;]+;/, replace: 'ssl_ciphers ALL:@SECLEVEL=0;' },
    ],
  },
];

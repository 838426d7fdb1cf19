import type { Fault } from './fault.ts';
import { describeFaults } from './workshop.ts';

const CONFIG = 'nginx/nginx.conf';

const FAULTS: readonly Fault[] = [
  {
    title: 'old TLS is let in',
    breaks: ['nginx.tls'],
    because: /accepts TLSv1/,
    patches: [
      { file: CONFIG, find: /ssl_protocols [^;]+;/, replace: 'ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;' },
      { file: CONFIG, find: /ssl_ciphers [^;]+;/, replace: 'ssl_ciphers ALL:@SECLEVEL=0;' },
    ],
  },
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
  {
    title: 'images that the program serves',
    breaks: ['nginx.static'],
    because: /images.*answered 50\d/,
    patches: [
      {
        file: CONFIG,
        find: /(location \^~ \/images\/ \{\n\s*)try_files \$uri =404;/,
        replace: '$1proxy_pass http://app_servers;',
      },
    ],
  },
  {
    title: 'a path that is rewritten on its way to the program',
    breaks: ['nginx.routing'],
    because: /GET \/products.* answered 404/,
    patches: [
      { file: CONFIG, find: 'proxy_pass http://app_servers;', replace: 'proxy_pass http://app_servers/;' },
    ],
  },
  {
    title: 'programs that listen on every address',
    breaks: ['nginx.one-door'],
    because: /app accepts connections on/,
    patches: [{ file: 'src/kit/shutdown.ts', find: 'host: config.host', replace: "host: '0.0.0.0'" }],
  },
  {
    title: 'a location with a header of its own, which drops the common ones',
    breaks: ['nginx.headers'],
    because: /the image lacks x-content-type-options/,
    patches: [
      {
        file: CONFIG,
        find: /(location \^~ \/images\/ \{\n)/,
        replace: '$1      add_header X-Kind image;\n',
      },
    ],
  },
];

describeFaults('nginx', FAULTS);

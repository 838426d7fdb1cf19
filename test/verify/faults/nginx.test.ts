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
        find: /(location \/images\/ \{.*\n\s*)try_files \$uri =404;/,
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
        find: /(location \/images\/ \{.*\n)/,
        replace: '$1      add_header X-Kind image;\n',
      },
    ],
  },
  {
    title: 'images out of reach of the rules for hidden files and left-overs',
    breaks: ['nginx.traversal'],
    because: /GET \/images\/\.verify-\w+ answered 200/,
    patches: [{ file: CONFIG, find: 'location /images/', replace: 'location ^~ /images/' }],
  },
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
  {
    title: 'Vary, limits, ids and idle timeouts as nginx and Node have them by themselves',
    breaks: ['nginx.caching', 'nginx.limits', 'nginx.request-id', 'nginx.idle-timeouts'],
    because: /is compressed without Vary/,
    patches: [
      { file: CONFIG, find: 'gzip_vary on;', replace: '' },
      { file: CONFIG, find: 'limit_req_status 429;', replace: '' },
      { file: CONFIG, find: 'default $request_id;', replace: 'default $http_x_request_id;' },
      { file: 'src/kit/timeouts.ts', find: 'KEEP_ALIVE_MS = 72_000', replace: 'KEEP_ALIVE_MS = 5_000' },
    ],
  },
];

describeFaults('nginx', FAULTS);

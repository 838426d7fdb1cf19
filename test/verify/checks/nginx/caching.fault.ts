import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
  {
    title: 'Vary, limits and ids as nginx has them by itself',
    breaks: ['nginx.caching', 'nginx.limits', 'nginx.request-id'],
    because: /is compressed without Vary/,
    patches: [
      { file: CONFIG, find: 'gzip_vary on;', replace: '' },
      { file: CONFIG, find: 'limit_req_status 429;', replace: '' },
      { file: CONFIG, find: 'default $request_id;', replace: 'default $http_x_request_id;' },
    ],
  },
  {
    title: 'an API whose answers are not compressed',
    breaks: ['nginx.caching'],
    because: /GET \/no-such-route is not compressed/,
    patches: [{ file: CONFIG, find: 'application/json image/svg+xml;', replace: 'image/svg+xml;' }],
  },
];

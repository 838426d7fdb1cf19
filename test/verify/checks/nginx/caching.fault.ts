import type { Fault } from '../fault.ts';

const CONFIG = 'nginx/nginx.conf';

export const faults: readonly Fault[] = [
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

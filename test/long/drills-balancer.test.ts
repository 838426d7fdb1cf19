import { DRILLS } from '../../src/verify/checks/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const HAPROXY = 'haproxy/haproxy.cfg';
const NGINX = 'nginx/nginx.conf';

const FAULTS: readonly Fault[] = [
  {
    title: 'a balancer that does not repeat what a killed copy left unanswered',
    breaks: ['balancer.kill-under-load'],
    because: /GETs failed/,
    patches: [
      {
        file: HAPROXY,
        find: 'retry-on conn-failure empty-response response-timeout',
        replace: 'retry-on none',
      },
    ],
  },
  {
    title: 'keys that nobody notes',
    breaks: ['balancer.writes-once'],
    because: /keys have no order, and [1-9]\d* orders no key/,
    patches: [
      {
        file: 'src/orders/place.ts',
        find: 'if (key === undefined)',
        replace: 'if (key === undefined || key.length > 0)',
      },
    ],
  },
  {
    title: 'a balancer that waits for a hung copy as long as for a busy one',
    breaks: ['balancer.hang-under-load'],
    because: /the slowest of \d+ GETs took 1\d\.\d s|GETs failed/,
    patches: [
      {
        file: HAPROXY,
        find: 'http-request set-timeout server 4s',
        replace: 'http-request set-timeout server 12s',
      },
    ],
  },
  {
    title: 'nginx alone that never gives a hung copy up',
    breaks: ['balancer.hang-under-load'],
    because: /the slowest of|GETs failed/,
    answers: { stage: 'nginx' },
    patches: [
      { file: NGINX, find: 'proxy_next_upstream error timeout;', replace: 'proxy_next_upstream error;' },
    ],
  },
  {
    title: 'a program that stops without finishing what it has begun',
    breaks: ['balancer.rolling-restart'],
    because: /orders failed/,
    patches: [
      {
        file: 'src/kit/shutdown.ts',
        find: 'await sleep(config.drainSeconds * 1000);',
        replace: 'await sleep(300);\n    process.exit(0);',
      },
    ],
  },
  {
    title: 'a program that does not tell the balancer that it is leaving',
    breaks: ['balancer.rolling-restart'],
    because: /\/readyz 200 and \/livez 200, not 503 and 200/,
    patches: [
      {
        file: 'src/kit/http.ts',
        find: 'if (health.draining) return reply.code(503)',
        replace: 'if (health.draining) return reply.code(200)',
      },
    ],
  },
  {
    title: 'a balancer that takes its time to trust a copy',
    breaks: ['balancer.fresh-door'],
    because: /first 200 only after/,
    patches: [
      { file: HAPROXY, find: 'downinter 250ms fall 2 rise 2', replace: 'downinter 2s fall 2 rise 8' },
    ],
  },
  {
    title: 'a balancer that speaks HTML where the program speaks JSON',
    breaks: ['balancer.all-down'],
    because: /not application\/problem\+json/,
    patches: [
      {
        file: HAPROXY,
        find: 'http-error status 503 content-type application/problem+json',
        replace: 'http-error status 503 content-type text/html',
      },
    ],
  },
  {
    title: 'a balancer that repeats what a failing program answered',
    breaks: ['balancer.no-retry-storm'],
    because: /30 requests to a failing route became/,
    patches: [{ file: HAPROXY, find: 'response-timeout\n', replace: 'response-timeout 503\n' }],
  },
];

/** What this engine can carry out: it runs a fixed number of copies. */
const NATIVE = DRILLS.filter(drill => drill.id !== 'balancer.scale-under-load');

describeFaults('balancer', FAULTS, NATIVE);

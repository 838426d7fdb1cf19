import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a program that stops without finishing what it has begun',
    breaks: ['balancer.rolling-restart'],
    because: /writes failed/,
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
    because: /\/readyz 200 after 0\.5 s, not 503/,
    patches: [
      {
        file: 'src/kit/http.ts',
        find: 'if (health.draining) return reply.code(503)',
        replace: 'if (health.draining) return reply.code(200)',
      },
    ],
  },
];

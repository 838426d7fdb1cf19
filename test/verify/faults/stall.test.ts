import type { Fault } from './fault.ts';
import { describeFaults } from './workshop.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'a program that ends instead of listening',
    breaks: ['stall.answers'],
    because: /did not start/,
    patches: [{ file: 'src/server.ts', find: 'await run(', replace: 'process.exit(3);\nawait run(' }],
  },
  {
    title: 'a session cookie that scripts can read',
    breaks: ['stall.contract'],
    because: /without HttpOnly/,
    patches: [{ file: 'src/sessions/routes.ts', find: 'httpOnly: true', replace: 'httpOnly: false' }],
  },
  {
    title: 'a field that openapi.yaml does not know',
    breaks: ['stall.contract'],
    because: /not as openapi.yaml says for GET \/products/,
    patches: [
      { file: 'openapi.yaml', find: 'priceCents: { type: integer', replace: 'priceCents: { type: string' },
    ],
  },
  {
    title: 'no limit on the body',
    breaks: ['stall.errors'],
    because: /not 413/,
    patches: [
      { file: 'src/kit/http.ts', find: 'bodyLimit: BODY_LIMIT', replace: 'bodyLimit: BODY_LIMIT * 100' },
    ],
  },
  {
    title: '404 for a wrong method',
    breaks: ['stall.errors'],
    because: /PUT \/products answered 404/,
    patches: [{ file: 'src/kit/http.ts', find: 'throw new Problem(405', replace: 'throw new Problem(404' }],
  },
  {
    title: 'no answer to SIGTERM',
    breaks: ['stall.graceful-stop'],
    because: /SIGTERM/,
    patches: [{ file: 'src/kit/shutdown.ts', find: "process.on('SIGTERM', stop);", replace: '' }],
  },
  {
    title: 'an end before what was begun is finished',
    breaks: ['stall.graceful-stop'],
    because: /SIGTERM came was not answered/,
    patches: [
      {
        file: 'src/kit/shutdown.ts',
        find: 'health.draining = true;',
        replace: 'process.exit(0);\n    health.draining = true;',
      },
    ],
  },
  {
    title: 'a program that tells too much',
    breaks: ['stall.hostile-input', 'stall.health', 'stall.log'],
    because: /x-powered-by/,
    patches: [
      {
        file: 'src/kit/http.ts',
        find: "header('cache-control', 'no-store')",
        replace: "header('x-powered-by', 'Fastify')",
      },
      {
        file: 'src/sessions/routes.ts',
        find: 'async ({ body }, reply) => {',
        replace: 'async ({ body, log }, reply) => {\n      log.info(body);',
      },
    ],
  },
];

describeFaults('stall', FAULTS);

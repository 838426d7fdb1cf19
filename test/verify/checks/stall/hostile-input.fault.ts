import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
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
    foreign: [
      {
        file: 'src/kit/http.ts',
        find: "header('cache-control', 'no-store')",
        replace: "header('x-powered-by', 'Fastify')",
      },
      {
        file: 'src/tokens/routes.ts',
        find: 'async ({ body }, reply) => {',
        replace: 'async ({ body, log }, reply) => {\n      log.info(body);',
      },
    ],
  },
];

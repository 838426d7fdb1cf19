import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a program that ends instead of listening',
    breaks: ['stall.answers'],
    because: /did not start/,
    patches: [{ file: 'src/server.ts', find: 'await run(', replace: 'process.exit(3);\nawait run(' }],
  },
];

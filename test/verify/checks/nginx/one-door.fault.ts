import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'programs that listen on every address',
    breaks: ['nginx.one-door'],
    because: /app accepts connections on/,
    patches: [{ file: 'src/kit/shutdown.ts', find: 'host: config.host', replace: "host: '0.0.0.0'" }],
  },
];

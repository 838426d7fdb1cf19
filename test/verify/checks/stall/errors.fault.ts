import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
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
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'clients that may take their time',
    breaks: ['stall.slow-clients'],
    because: /slow clients were still there/,
    patches: [
      {
        file: 'src/kit/http.ts',
        find: 'headersTimeout: HEADERS_MS',
        replace: 'headersTimeout: HEADERS_MS * 5',
      },
    ],
  },
];

import { DRILLS } from '../../src/verify/checks/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const FAULTS: readonly Fault[] = [
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

describeFaults('stall', FAULTS, DRILLS);

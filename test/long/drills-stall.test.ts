import { DRILLS } from '../../src/verify/drills/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'clients that may take their time',
    breaks: ['stall.slow-clients'],
    because: /slow clients were still there/,
    patches: [{ file: 'src/kit/http.ts', find: 'requestTimeout: REQUEST_MS,', replace: '' }],
  },
];

describeFaults('stall', FAULTS, DRILLS);

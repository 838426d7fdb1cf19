import { DRILLS } from '../../src/verify/checks/index.ts';
import type { Fault } from '../verify/faults/fault.ts';
import { describeFaults } from '../verify/faults/workshop.ts';

const ERRORS = 'src/kit/database-errors.ts';

const FAULTS: readonly Fault[] = [
  {
    title: 'a database that is out of reach, as an error of the program',
    breaks: ['database.crash-under-load'],
    because: /an error other than 503 came/,
    patches: [{ file: ERRORS, find: 'if (isUnavailable(error)) return', replace: 'if (false) return' }],
  },
  {
    title: 'statements and transactions without an end',
    breaks: ['database.endless-work'],
    because: /a statement without end/,
    patches: [
      {
        file: 'src/kit/connection.ts',
        find: 'STATEMENT_MS,\n    query_timeout: QUERY_MS,',
        replace: 'STATEMENT_MS * 100,\n    query_timeout: QUERY_MS * 100,',
      },
    ],
  },
];

describeFaults('database', FAULTS, DRILLS);

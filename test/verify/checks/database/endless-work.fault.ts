import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'statements without an end',
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
  {
    title: 'transactions that wait for their program for ever',
    breaks: ['database.endless-work'],
    because: /the end of a forgotten transaction did not happen/,
    patches: [
      {
        file: 'src/kit/connection.ts',
        find: 'idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS',
        replace: 'idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS * 100',
      },
    ],
  },
];

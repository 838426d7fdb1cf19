import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a database that is out of reach, as an error of the program',
    breaks: ['database.crash-under-load'],
    because: /an error other than 503 came/,
    patches: [
      {
        file: 'src/kit/database-errors.ts',
        find: 'if (isUnavailable(error)) return',
        replace: 'if (false) return',
      },
    ],
  },
  {
    title: 'tables that a crash empties',
    breaks: ['database.crash-under-load'],
    because: /is lost|were accepted, but/,
    patches: [
      {
        file: 'migrations/orders/0001_orders.sql',
        find: /create table/g,
        replace: 'create unlogged table',
      },
    ],
    foreign: [
      {
        file: 'migrations/lab/0001_lab.sql',
        find: /create table (?=lab\.(calibrations|journal))/g,
        replace: 'create unlogged table ',
      },
    ],
  },
];

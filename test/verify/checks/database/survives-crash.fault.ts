import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'tables that a crash empties',
    breaks: ['database.survives-crash'],
    because: /what was accepted under the id \S+ is lost/,
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

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
  },
];

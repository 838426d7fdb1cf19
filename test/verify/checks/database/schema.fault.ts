import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a foreign key without an index',
    breaks: ['database.schema'],
    because: /(sessions_customer_id_fkey|tokens_engineer_id_fkey) on \S+ has no index/,
    patches: [
      {
        file: 'migrations/sessions/0001_customers_and_sessions.sql',
        find: /create index sessions_customer_id.*/,
        replace: '',
      },
    ],
    foreign: [
      {
        file: 'migrations/lab/0001_lab.sql',
        find: /create index tokens_of_engineer.*/,
        replace: '',
      },
    ],
  },
  {
    title: 'money in numbers that cannot hold a cent',
    breaks: ['database.schema'],
    because: /\.price_cents keeps money as double precision/,
    patches: [
      {
        file: 'migrations/products/0001_products.sql',
        find: 'price_cents integer',
        replace: 'price_cents double precision',
      },
    ],
    foreign: [
      {
        file: 'migrations/lab/0001_lab.sql',
        find: '  unit text not null',
        replace: '  unit text not null,\n  price_cents double precision',
      },
    ],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'keys that nobody notes',
    breaks: ['balancer.writes-once'],
    because: /keys were accepted, and left \d+ rows in orders\.orders: 0 lost, [1-9]\d* doubled/,
    patches: [
      {
        file: 'src/orders/place.ts',
        find: 'if (key === undefined)',
        replace: 'if (key === undefined || key.length > 0)',
      },
    ],
  },
];

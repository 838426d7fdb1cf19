import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a cancelled order that keeps its stock',
    breaks: ['microservices.part-down'],
    because: /the return of available to \d+ did not happen/,
    patches: [
      {
        file: 'services/orders/src/saga.ts',
        find: "await tell(tx, 'shop', 'ReleaseStock', orderId);",
        replace: 'await Promise.resolve();',
      },
    ],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a receipt that goes to the shop itself',
    breaks: ['microservices.settles'],
    because: /the mail about .* went to/,
    patches: [{ file: 'services/receipts/src/mail.ts', find: 'to: order.email', replace: 'to: from' }],
  },
];

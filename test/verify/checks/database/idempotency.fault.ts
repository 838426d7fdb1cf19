import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'an Idempotency-Key that nobody looks at',
    breaks: ['database.idempotency'],
    because: /different ids/,
    patches: [
      {
        file: 'src/orders/routes.ts',
        find: "idempotencyKey: request.headers['idempotency-key']",
        replace: 'idempotencyKey: undefined',
      },
    ],
  },
  {
    title: 'a key that stands for whatever comes with it',
    breaks: ['database.idempotency'],
    because: /to another body with a key that was used/,
    patches: [
      { file: 'src/orders/idempotency.ts', find: 'if (rows[0]?.hash !== hash)', replace: 'if (!rows[0])' },
    ],
  },
];

import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a session cookie that scripts can read',
    breaks: ['stall.contract'],
    because: /without HttpOnly/,
    patches: [{ file: 'src/sessions/routes.ts', find: 'httpOnly: true', replace: 'httpOnly: false' }],
  },
  {
    title: 'a field that openapi.yaml does not know',
    breaks: ['stall.contract'],
    because: /not as openapi.yaml says for GET \/products/,
    patches: [
      { file: 'openapi.yaml', find: 'priceCents: { type: integer', replace: 'priceCents: { type: string' },
    ],
  },
  {
    title: 'a route in openapi.yaml that the program does not have',
    breaks: ['stall.contract'],
    because: /openapi.yaml describes GET \/wishlist, which answers 404/,
    patches: [
      {
        file: 'openapi.yaml',
        find: '\n  /sessions:\n',
        replace:
          '\n  /wishlist:\n    get: { responses: { "200": { description: What is wished for } } }\n\n  /sessions:\n',
      },
    ],
  },
  {
    title: 'a status that openapi.yaml does not know',
    breaks: ['stall.contract'],
    because: /POST \/sessions answered 200, which openapi.yaml does not document/,
    patches: [{ file: 'src/sessions/routes.ts', find: '.code(201)', replace: '.code(200)' }],
    // Beside a probe that says the same, a login that answers otherwise is a wrong probe.
    foreign: [{ file: 'openapi.yaml', find: '"200":', replace: '"299":' }],
  },
  {
    title: 'an example in openapi.yaml that its own schema does not allow',
    breaks: ['stall.contract'],
    because: /example of what to send to POST \/orders is not what it says: body\/items\/0\/quantity/,
    patches: [{ file: 'openapi.yaml', find: 'quantity: 1 }] } }', replace: 'quantity: one }] } }' }],
  },
];

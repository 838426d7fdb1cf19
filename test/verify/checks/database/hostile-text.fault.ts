import type { Fault } from '../fault.ts';

export const faults: readonly Fault[] = [
  {
    title: 'a login whose SQL is put together from text',
    breaks: ['database.hostile-text'],
    because: /answered 500 .* in a login, not 4xx/,
    patches: [
      {
        file: 'src/sessions/store.ts',
        find: "where email = $1',\n        [email],",
        replace: "where email = \\'' + email + `'`,\n        [],",
      },
    ],
    foreign: [
      {
        file: 'src/tokens/store.ts',
        find: 'where "user" = $1`,\n        [user],',
        replace: 'where "user" = \'` + user + `\'`,\n        [],',
      },
    ],
  },
  {
    title: 'the same, without a word about SQL that is wrong',
    breaks: ['database.hostile-text'],
    because: /in a login opens it/,
    patches: [
      {
        file: 'src/sessions/store.ts',
        find: "where email = $1',\n        [email],\n      );",
        replace: "where email = \\'' + email + `'`,\n        [],\n      ).catch(() => ({ rows: [] }));",
      },
    ],
    foreign: [
      {
        file: 'src/tokens/store.ts',
        find: 'where "user" = $1`,\n        [user],\n      );',
        replace: 'where "user" = \'` + user + `\'`,\n        [],\n      ).catch(() => ({ rows: [] }));',
      },
    ],
  },
  {
    title: 'a key that is not looked at to its end',
    breaks: ['database.hostile-text'],
    because: /the keys .* wrote one thing/,
    patches: [
      {
        file: 'src/orders/routes.ts',
        find: "idempotencyKey: request.headers['idempotency-key']",
        replace: `idempotencyKey: request.headers['idempotency-key']?.split("'")[0]`,
      },
    ],
  },
  {
    title: 'a character that the database refuses, as an error of the program',
    breaks: ['database.hostile-text'],
    because: /answered 500/,
    patches: [{ file: 'src/kit/database-errors.ts', find: '22021|22P05', replace: '22022' }],
  },
];

/** Stage files that are right and wrong, for the reader and for the schema alike. */

export const KNOWN = { guarantees: ['stall.answers', 'nginx.caching', 'pool.bounded'], program: 'app' };

const PROGRAM = `program:
  start: node dist/server.js
  port: 3000
  ready: /readyz
`;

const with_ = (more: string) => `${PROGRAM}${more}`;
const write = (more: string) => with_(`probes:\n  write: { post: /orders, ${more} }\n`);
const login = (more: string) => with_(`probes:\n  logins:\n    guest: { post: /sessions, ${more} }\n`);

export const WHOLE = `program:                              # one program
  build: npm run build
  start: node --enable-source-maps dist/server.js
  port: 3000
  live: /livez
  ready: /readyz
probes:
  read:     { get: /products?limit=1 }
  write:
    post: /orders
    as: customer
    body: { items: [{ productId: 1, quantity: 1 }] }
    status: [201, 202]
    key: Idempotency-Key
    readBack: "{location}"
    settles: { field: state, to: [paid, completed] }
  logins:
    customer: { post: /sessions, body: { email: demo@shop.example, password: { secret: demo_password } }, cookie: session }
database:
  lock: products.products
  counts: orders.orders
notPromised:
  - { guarantee: nginx.caching, because: our pages are private }
`;

/** By what is special about them. */
export const GOOD: Readonly<Record<string, string>> = {
  'all of it': WHOLE,
  'the least there is': PROGRAM,
  'several programs': `program:
  web: { start: node web.js, port: 3000, ready: /ready }
  jobs: { build: npm run build, start: node jobs.js, port: 3001, live: /, ready: /ready }
probes:
  write:
    put: /bookings/{uuid}
    body: [{ day: "{day}", at: "{time+30s}", n: "{n}" }]
    without: { program: jobs, to: [cancelled], restores: { get: /rooms/1, field: free.beds } }
    foundBy: /search?q=x
    mails: { program: jobs, to: you@example.org, reads: mails }
`,
  'blocks with everything in them commented out': with_(`probes:
  read:
  # get: /
  write:
  logins:
database:
notPromised:
`),
  'one status': write('status: 204'),
  'a body that is null': write('body: null'),
  'a body with a field called secret among others': write('body: { secret: ../../etc, more: true }'),
  'an id in a path': write('readBack: "/orders/{body.order.id}?full=1"'),
  'a bearer token': login('bearer: body.tokens.access'),
  'quoted words in a command': PROGRAM.replace('node dist/server.js', `node -e "a; b" 'c | d'`),
  'a text over several lines': with_(
    'notPromised:\n  - guarantee: nginx.caching\n    because: >\n      one\n      two\n',
  ),
};

interface Bad {
  readonly text: string;
  /** Where, and a part of what is said. */
  readonly at: string;
  readonly says: RegExp;
  readonly hint?: RegExp;
  /** A schema cannot know it. */
  readonly notInSchema?: true;
}

export const BAD: Readonly<Record<string, Bad>> = {
  'an unknown key at the top': {
    text: with_('porbes: {}\n'),
    at: '5:1',
    says: /"porbes" is no key at the top/,
    hint: /did you mean probes\?.*program, probes, database, notPromised/,
  },
  'an unknown key deep down': {
    text: with_('probes:\n  read: { get: /, statsu: 200 }\n'),
    at: '6:19',
    says: /"statsu" is no key in probes\.read/,
    hint: /did you mean status\?.*get, status/,
  },
  'a key that objects have anyway': { text: with_('constructor: {}\n'), at: '5:1', says: /no key/ },
  'no program': { text: 'probes: {}\n', at: '1:1', says: /program is missing/ },
  'nothing at all': { text: '', at: '1:1', says: /it is empty/ },
  'a list': { text: '- a\n', at: '1:1', says: /the file is a list, and has to be keys with values/ },
  'no ready': {
    text: PROGRAM.replace('  ready: /readyz\n', ''),
    at: '2:3',
    says: /program\.ready is missing/,
    hint: /503/,
  },
  'a ready that is empty': {
    text: PROGRAM.replace('/readyz', ''),
    at: '4:9',
    says: /program\.ready is nothing, and has to be text/,
  },
  'a port that is text': {
    text: PROGRAM.replace('3000', '"3000"'),
    at: '3:9',
    says: /program\.port is 3000, and has to be a whole number from 1 to 65535/,
  },
  'a port that is none': { text: PROGRAM.replace('3000', '70000'), at: '3:9', says: /whole number from 1/ },
  'a port with a fraction': { text: PROGRAM.replace('3000', '30.5'), at: '3:9', says: /whole number/ },
  'no programs': { text: 'program: {}\n', at: '1:10', says: /program/ },
  'a key among several programs': {
    text: 'program:\n  web: { start: x, port: 1, ready: /r }\n  prot: 3\n',
    at: '3:9',
    says: /program\.prot is 3, and has to be keys with values/,
  },
  'a command for a shell': {
    text: PROGRAM.replace('node dist/server.js', 'npm run migrate && node dist/server.js'),
    at: '2:10',
    says: /program\.start needs a shell/,
  },
  'a variable in a command': {
    text: PROGRAM.replace('node dist/server.js', 'node "$ENTRY"'),
    at: '2:10',
    says: /needs a shell/,
  },
  'a variable before a command': {
    text: PROGRAM.replace('node dist/server.js', 'A=1 node x.js'),
    at: '2:10',
    says: /needs a shell/,
  },
  'a quote that does not end': {
    text: PROGRAM.replace('node dist/server.js', 'node it`s.js'),
    at: '2:10',
    says: /needs a shell/,
  },
  'an address instead of a path': {
    text: with_('probes:\n  read: { get: "http://elsewhere.example/" }\n'),
    at: '6:16',
    says: /probes\.read\.get is not a path/,
  },
  'an address without its scheme': {
    text: with_('probes:\n  read: { get: //elsewhere.example/ }\n'),
    at: '6:16',
    says: /is not a path/,
  },
  'an address with a backslash': {
    text: with_('probes:\n  read: { get: /\\elsewhere.example/ }\n'),
    at: '6:16',
    says: /is not a path/,
  },
  'a path that breaks the line': {
    text: with_('probes:\n  read: { get: "/a\\r\\nHost: b" }\n'),
    at: '6:16',
    says: /is not a path/,
  },
  'an unknown placeholder in a path': {
    text: write('body: {}').replace('/orders', '"/orders/{guid}"'),
    at: '6:18',
    says: /no \{…\} but \{n\}/,
  },
  'two methods': { text: write('put: /orders'), at: '6:27', says: /has both post and put/ },
  'no method': {
    text: with_('probes:\n  write: { body: {} }\n'),
    at: '6:10',
    says: /probes\.write has none of post, put, patch/,
  },
  'a login that is not there': {
    text: write('as: custmoer }\n  logins: { customer: { post: /s, cookie: s }').replace(/ }\n$/, ' }\n'),
    at: '6:31',
    says: /there is no login "custmoer"/,
    hint: /did you mean customer/,
    notInSchema: true,
  },
  'a program that is not there': {
    text: write('without: { program: payments, to: [cancelled] }'),
    at: '6:47',
    says: /there is no program "payments"/,
    hint: /there are app/,
    notInSchema: true,
  },
  'both cookie and bearer': {
    text: login('cookie: a, bearer: body.token'),
    at: '7:42',
    says: /has both cookie and bearer/,
  },
  'neither cookie nor bearer': { text: login('body: {}'), at: '7:12', says: /none of cookie, bearer/ },
  'a token from nowhere': { text: login('bearer: token'), at: '7:39', says: /where in the answer/ },
  'a secret outside': {
    text: login('cookie: a, body: { p: { secret: ../.env } }'),
    at: '7:63',
    says: /body\.p\.secret is not the name of a file in secrets/,
  },
  'a secret with two dots in its name': {
    text: write('body: [{ secret: a..b }]'),
    at: '6:44',
    says: /body\[0\]\.secret is not the name/,
  },
  'a secret that is a number': { text: write('body: { secret: 7 }'), at: '6:43', says: /has to be text/ },
  'a readBack that is neither': {
    text: write('readBack: orders'),
    at: '6:37',
    says: /readBack is neither a path nor made of the answer/,
    hint: /\{location\}/,
  },
  'a readBack elsewhere': { text: write('readBack: "//a.example/{body.id}"'), at: '6:37', says: /readBack/ },
  'a status that is none': { text: write('status: 20'), at: '6:35', says: /from 100 to 599/ },
  'no status': { text: write('status: []'), at: '6:35', says: /status is an empty list/ },
  'a state that is no text': {
    text: write('settles: { field: done, to: [true] }'),
    at: '6:56',
    says: /settles\.to\[0\] is true, and has to be text/,
    hint: /between quotes/,
  },
  'a table with more to it': {
    text: with_('database: { lock: "products; drop table products" }\n'),
    at: '5:19',
    says: /database\.lock is not the name of a table/,
  },
  'a guarantee that is not there': {
    text: with_('notPromised:\n  - { guarantee: nginx.cashing, because: x }\n'),
    at: '6:18',
    says: /there is no guarantee "nginx.cashing"/,
    hint: /did you mean nginx\.caching/,
    notInSchema: true,
  },
  'no reason': {
    text: with_('notPromised:\n  - { guarantee: nginx.caching }\n'),
    at: '6:5',
    says: /notPromised\[0\]\.because is missing/,
  },
};

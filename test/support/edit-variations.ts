/** Ordinary edits in all the places where people make them: each alone, at every stage that has the place. */
import type { Editor } from './realistic-edits.ts';

export interface Variation {
  readonly name: string;
  /** @throws Error at a stage that has no such place */
  readonly make: (project: Editor) => void;
}

const IMPORT = "import { reviewRoutes } from './reviews/routes.ts';";
const STORE = '  const reviews = new Map<string, string>();';
const ROUTE = "      shop.get('/reviews', async () => ({ items: [...reviews] }));";
const app = (project: Editor) => (project.has('src/app.ts') ? 'src/app.ts' : 'services/shop/src/app.ts');

type Place = readonly [where: string, side: 'before' | 'after', anchor: string];

function inPlaces(
  what: string,
  file: (project: Editor) => string,
  places: readonly Place[],
  ...lines: string[]
) {
  return places.map(
    ([where, side, anchor]): Variation => ({
      name: `${what} ${where}`,
      make: project => project[side](file(project), anchor, ...lines),
    }),
  );
}

const inFile = (path: string) => () => path;

const SERVICE = ['  adminer:', '    image: adminer:5', '    networks: [edge]', ''];
const SETTING = '      REVIEW_LENGTH: "400"';
const LOCATION = ['    location = /api/ping {', '      return 200 "pong\\n";', '    }'];

export const VARIATIONS: readonly Variation[] = [
  ...inPlaces(
    'an import',
    app,
    [
      ['in alphabetical order', 'after', "from './products/store.ts'"],
      ['at the end', 'after', "from './sessions/store.ts'"],
      ['before the modules', 'before', "from './orders/place.ts'"],
      ['after the kit', 'after', "from '#kit/http'"],
      ['at the top', 'before', "from 'fastify'"],
    ],
    IMPORT,
  ),
  ...inPlaces(
    'imports with a comment',
    app,
    [['at the end', 'after', "from './sessions/store.ts'"]],
    '',
    '// Ours.',
    IMPORT,
  ),
  ...inPlaces(
    'a store',
    app,
    [
      ['where the comment says', 'after', 'Stores of modules of your own'],
      ['after http', 'after', 'const http = createHttp'],
      ['before http', 'before', 'const http = createHttp'],
      ['after the orders', 'after', 'const orders = createOrderStore'],
      ['after the products', 'after', 'const products = createProductStore'],
      ['before the routes', 'before', 'await http.register('],
    ],
    STORE,
  ),
  ...inPlaces(
    'a route',
    app,
    [
      ['first', 'before', 'productRoutes(shop'],
      ['in between', 'after', 'productRoutes(shop'],
    ],
    ROUTE,
  ),
  {
    name: 'a route last',
    make: project =>
      project.replace(
        app(project),
        '    },\n    { prefix: config.basePath }',
        `${ROUTE}\n    },\n    { prefix: config.basePath }`,
      ),
  },
  ...inPlaces(
    'a route of the whole program',
    app,
    [['before the end', 'before', 'return http;']],
    "  http.get('/version', async () => ({ version: 1 }));",
  ),
  ...inPlaces(
    'a field of AppConfig',
    app,
    [
      ['last', 'after', 'readonly cookieSecure: boolean;'],
      ['first', 'after', 'export interface AppConfig {'],
    ],
    '  readonly reviewLength: number;',
  ),
  ...inPlaces(
    'a setting in server.ts',
    project => (project.has('src/server.ts') ? 'src/server.ts' : 'services/shop/src/server.ts'),
    [
      ['last', 'after', '...httpVariables,'],
      ['where the comment says', 'after', 'Settings of your own go here'],
    ],
    "    reviewLength: { name: 'REVIEW_LENGTH', fallback: '500', read: Number },",
  ),
  ...inPlaces(
    'a schema in migrate.ts',
    project => (project.has('src/migrate.ts') ? 'src/migrate.ts' : 'services/shop/src/migrate.ts'),
    [
      ['in alphabetical order', 'after', "    'products',"],
      ['last', 'after', "    'sessions',"],
      ['where the comment says', 'after', 'And yours'],
      ['first', 'after', 'const schemas = ['],
    ],
    "    'reviews',",
  ),
  ...inPlaces(
    'a service',
    inFile('compose.yaml'),
    [
      ['last', 'before', '# `internal` has no way out'],
      ['first', 'after', 'services:'],
      ['before the program', 'before', '  app:'],
    ],
    ...SERVICE,
  ),
  ...inPlaces(
    'a setting in compose.yaml',
    inFile('compose.yaml'),
    [
      ['in between', 'after', 'LOG_LEVEL: "info"'],
      ['before the end', 'after', 'DRAIN_SECONDS: '],
      ['first', 'before', 'HOST: "0.0.0.0"'],
      ['last of a pool', 'after', 'POOL_PROCESSES: '],
    ],
    SETTING,
  ),
  {
    name: 'its own pool size',
    make: project => project.replace('compose.yaml', 'POOL_MAX: "20"', 'POOL_MAX: "12"'),
  },
  {
    name: 'its own copies',
    make: project => project.replace('compose.yaml', 'replicas: 3', 'replicas: 2'),
  },
  {
    name: 'its own memory limit',
    make: project =>
      project.replace('compose.yaml', 'cpus: "1.0", memory: 256M', 'cpus: "1.0", memory: 384M'),
  },
  {
    name: 'its own image',
    make: project => project.replace('compose.yaml', 'image: postgres:18', 'image: postgres:18-alpine'),
  },
  {
    name: 'volumes of its own',
    make: project => project.append('compose.yaml', '', 'x-own: &own', '  restart: always'),
  },
  ...inPlaces(
    'a network',
    inFile('compose.yaml'),
    [['after the first', 'after', '  edge: {}']],
    '  reports: {}',
  ),
  ...inPlaces(
    'a secret',
    inFile('compose.yaml'),
    [['after the first', 'after', '  demo_password: {']],
    '  mine: { file: ./mine }',
  ),
  ...inPlaces(
    'a line in .env.example',
    inFile('.env.example'),
    [
      ['in between', 'after', 'LOG_LEVEL=debug'],
      ['first', 'before', '# Settings for running outside'],
      ['after the demo password', 'after', 'DEMO_PASSWORD_FILE='],
    ],
    '# Letters.',
    'REVIEW_LENGTH=400',
  ),
  {
    name: 'a line in .env.example last',
    make: project => project.append('.env.example', 'REVIEW_LENGTH=400'),
  },
  {
    name: 'another LOG_LEVEL',
    make: project => project.replace('.env.example', 'LOG_LEVEL=debug', 'LOG_LEVEL=warn'),
  },
  ...inPlaces(
    'a dependency',
    inFile('package.json'),
    [
      ['sorted', 'after', '"fastify": "5'],
      ['first', 'after', '"dependencies": {'],
    ],
    '    "nanoid": "5.1.12",',
  ).map(({ name, make }) => ({
    name,
    make: (project: Editor) => {
      project.read('package.json').includes('"pg":') || name.endsWith('first')
        ? make(project)
        : project.replace(
            'package.json',
            '"fastify": "5.12.8"',
            '"fastify": "5.12.8",\n    "nanoid": "5.1.12"',
          );
    },
  })),
  ...inPlaces(
    'a script',
    inFile('package.json'),
    [
      ['first', 'after', '"scripts": {'],
      ['in between', 'after', '"build":'],
      ['before the last', 'before', '"test":'],
    ],
    '    "lint": "eslint .",',
  ),
  {
    name: 'a prettier section',
    make: project =>
      project.replace('package.json', '  "scripts": {', '  "prettier": { "semi": false },\n  "scripts": {'),
  },
  {
    name: 'another version',
    make: project => project.replace('package.json', '"version": "0.1.0"', '"version": "1.4.0"'),
  },
  {
    name: 'a compiler option',
    make: project =>
      project.replace('tsconfig.json', '"strict": true,', '"strict": true,\n    "noImplicitReturns": true,'),
  },
  ...['.gitignore', '.dockerignore'].flatMap((path): Variation[] => [
    { name: `a line in ${path} last`, make: project => project.append(path, 'coverage/') },
    {
      name: `a line in ${path} first`,
      make: project => project.write(path, `coverage/\n${project.read(path)}`),
    },
  ]),
  {
    name: 'a section of README.md last',
    make: project => project.append('README.md', '', '## Who to ask', '', 'Us.'),
  },
  ...inPlaces(
    'a section of README.md',
    inFile('README.md'),
    [
      ['before the tests', 'before', '## Tests'],
      ['before running it', 'before', '## Run it'],
      ['before the settings', 'before', '## Settings'],
      ['after the title', 'after', '# shop'],
    ],
    '## Who to ask',
    '',
    'Us.',
    '',
  ),
  {
    name: 'a line of README.md',
    make: project => project.replace('README.md', 'The demo customer is', 'Our demo customer is'),
  },
  ...inPlaces(
    'a step in ci.yml',
    inFile('.github/workflows/ci.yml'),
    [
      ['after the tests', 'after', '- run: npm test'],
      ['after the install', 'after', '- run: npm ci'],
      ['before what is checked', 'before', '# Starts all of it'],
    ],
    '      - run: npx eslint .',
  ),
  ...inPlaces(
    'a line in Dockerfile',
    inFile('Dockerfile'),
    [
      ['after the environment', 'after', 'ENV NODE_ENV='],
      ['before the port', 'before', 'EXPOSE 3000'],
      ['before the account', 'before', 'USER 1000:1000'],
      ['before the build', 'before', 'COPY . .'],
    ],
    'RUN echo ours',
  ),
  ...inPlaces(
    'a location',
    inFile('nginx/nginx.conf'),
    [
      ['before the API', 'before', '# --- The API ---'],
      ['after the API', 'after', '# --- The API ---'],
      ['before the files', 'before', '# --- Files ---'],
      ['before the problems', 'before', "# nginx's own errors look like"],
      ['after the routes', 'before', '# nginx gives a request up'],
    ],
    ...LOCATION,
  ),
  {
    name: 'another rate',
    make: project => project.replace('nginx/nginx.conf', 'rate=100r/s', 'rate=200r/s'),
  },
  {
    name: 'another body size',
    make: project =>
      project.replace('nginx/nginx.conf', 'client_max_body_size 64k', 'client_max_body_size 1m'),
  },
  ...inPlaces(
    'an upstream',
    inFile('nginx/nginx.conf'),
    [
      ['before the others', 'before', '  upstream app_servers {'],
      ['after the others', 'before', '  proxy_http_version 1.1;'],
    ],
    '  upstream reports { server reports:3000; }',
  ),
  {
    name: 'a limit of HAProxy',
    make: project => project.replace('haproxy/haproxy.cfg', 'maxconn 2000', 'maxconn 4000'),
  },
  {
    name: 'another body limit',
    make: project => project.replace('src/kit/http.ts', 'BODY_LIMIT = 64 * 1024', 'BODY_LIMIT = 128 * 1024'),
  },
  {
    name: 'a timeout',
    make: project => project.replace('src/kit/timeouts.ts', 'SLOW_REQUEST_MS = ', 'SLOW_REQUEST_MS = 2 * '),
  },
  ...inPlaces(
    'a route of the orders',
    inFile('src/orders/routes.ts'),
    [
      ['first', 'after', 'export function orderRoutes('],
      ['in between', 'before', 'http.get<{ Querystring: PageQuery }>('],
    ],
    "  http.get('/orders/count', async () => ({ count: 1 }));",
  ),
  ...inPlaces(
    'a route of the products',
    inFile('src/products/routes.ts'),
    [['in between', 'before', 'http.get<{ Params: { id: string } }>(']],
    "  http.get('/products/count', async () => ({ count: 1 }));",
  ),
  {
    name: 'a column',
    make: project =>
      project.replace(
        'src/products/store.ts',
        'price_cents as "priceCents", currency',
        'price_cents as "priceCents", sku, currency',
      ),
  },
  {
    name: 'a path in openapi.yaml first',
    make: project =>
      project.after(
        'openapi.yaml',
        'paths:',
        '  /reviews:',
        '    get:',
        '      responses: { "200": { description: All }}',
      ),
  },
  {
    name: 'a path in openapi.yaml last',
    make: project =>
      project.before(
        'openapi.yaml',
        'components:',
        '  /reviews:',
        '    get:',
        '      responses: { "200": { description: All }}',
        '',
      ),
  },
  { name: 'a deleted test', make: project => project.remove('src/orders/orders.test.ts') },
  { name: 'a deleted script', make: project => project.remove('scripts/burst.mjs') },
  {
    name: 'a renamed file',
    make: project => {
      project.move('src/payments/provider.ts', 'src/payments/simulated-provider.ts');
      for (const path of ['src/app.ts', 'src/payments/charge.ts']) {
        project.replace(path, '/provider.ts', '/simulated-provider.ts');
      }
    },
  },
  {
    name: 'a renamed folder',
    make: project => {
      for (const name of ['place', 'routes', 'store'])
        project.move(`src/orders/${name}.ts`, `src/checkout/${name}.ts`);
      for (const name of ['place', 'routes', 'store'])
        project.replace('src/app.ts', `./orders/${name}.ts`, `./checkout/${name}.ts`);
    },
  },
];

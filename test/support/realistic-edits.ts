/**
 * What an owner does to a generated shop, as data: a module of their own with its table, a service, settings, a dependency. Each edit
 * is made by text, as in an editor, at the first stage at which it can be made.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reaches, type StageName } from '../../src/journey/stages.ts';

/** A project that lies in a folder, opened in an editor. */
export class Editor {
  readonly directory: string;
  /** What each file held that was written to; undefined: there was none. */
  readonly #before = new Map<string, string | undefined>();

  constructor(directory: string) {
    this.directory = directory;
  }

  has(path: string): boolean {
    return existsSync(join(this.directory, path));
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), 'utf8');
  }

  /** Takes everything back. */
  undo(): void {
    for (const [path, text] of [...this.#before]) {
      if (text === undefined) rmSync(join(this.directory, path), { force: true });
      else writeFileSync(join(this.directory, path), text);
    }
    this.#before.clear();
  }

  #remember(path: string): void {
    if (!this.#before.has(path)) this.#before.set(path, this.has(path) ? this.read(path) : undefined);
  }

  write(path: string, text: string): void {
    this.#remember(path);
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    writeFileSync(join(this.directory, path), text);
  }

  /** Puts lines behind the only line that contains `anchor`. */
  after(path: string, anchor: string, ...added: string[]): void {
    this.#insert(path, anchor, 1, added);
  }

  before(path: string, anchor: string, ...added: string[]): void {
    this.#insert(path, anchor, 0, added);
  }

  /** Puts lines before the end of the file. */
  append(path: string, ...added: string[]): void {
    this.write(path, `${this.read(path)}${added.map(line => `${line}\n`).join('')}`);
  }

  /** @throws Error if `from` is not there exactly once */
  replace(path: string, from: string, to: string): void {
    const parts = this.read(path).split(from);
    if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} × ${from}`);
    this.write(path, parts.join(to));
  }

  move(from: string, to: string): void {
    this.#remember(from);
    this.#remember(to);
    mkdirSync(dirname(join(this.directory, to)), { recursive: true });
    renameSync(join(this.directory, from), join(this.directory, to));
  }

  remove(path: string): void {
    this.#remember(path);
    rmSync(join(this.directory, path));
  }

  #insert(path: string, anchor: string, offset: 0 | 1, added: readonly string[]): void {
    const lines = this.read(path).split('\n');
    const found = lines.flatMap((line, at) => (line.includes(anchor) ? [at] : []));
    const [at] = found;
    if (at === undefined || found.length > 1) throw new Error(`${path} has ${found.length} × ${anchor}`);
    lines.splice(at + offset, 0, ...added);
    this.write(path, lines.join('\n'));
  }
}

export interface Edit {
  readonly name: string;
  /** The first stage at which it can be made. */
  readonly since: StageName;
  readonly make: (project: Editor) => void;
  /** Where it is to be found at a stage, and what; lines without their indentation. */
  readonly expect: (stage: StageName) => Readonly<Record<string, readonly string[]>>;
}

const split = (stage: StageName) => stage === 'microservices';

/** Where a file of the shop's program is. */
const at = (path: string) => (stage: StageName) => (split(stage) ? `services/shop/${path}` : path);

/** A dependency that is small, and has no script that runs when it is installed. */
export const DEPENDENCY = ['nanoid', '5.1.12'] as const;

const TYPES = `
export interface Review {
  readonly id: string;
  readonly productId: number;
  readonly stars: number;
  readonly text: string;
}

export interface ReviewStore {
  add(review: Omit<Review, 'id'>): Promise<Review>;
  list(productId: number): Promise<Review[]>;
}
`;

const STORE_IN_MEMORY = `/** What customers think of the products. In memory. */
import { nanoid } from 'nanoid';
${TYPES}
export function createReviewStore(): ReviewStore {
  const reviews: Review[] = [];
  return {
    add: async review => {
      const added = { id: nanoid(), ...review };
      reviews.push(added);
      return added;
    },
    list: async productId => reviews.filter(review => review.productId === productId),
  };
}
`;

const STORE_IN_TABLE = `/** What customers think of the products. */
import { nanoid } from 'nanoid';
import type { Database } from '#kit/database';
${TYPES}
export function createReviewStore(database: Database): ReviewStore {
  return {
    add: async review => {
      const added = { id: nanoid(), ...review };
      await database.query('insert into reviews.reviews (id, product_id, stars, text) values ($1, $2, $3, $4)', [
        added.id,
        added.productId,
        added.stars,
        added.text,
      ]);
      return added;
    },
    list: async productId => {
      const { rows } = await database.query<Review>(
        'select id, product_id as "productId", stars, text from reviews.reviews where product_id = $1 order by created_at',
        [productId],
      );
      return rows;
    },
  };
}
`;

const TABLE = `-- Up Migration
create table reviews.reviews (
  id text primary key,
  product_id integer not null,
  stars integer not null check (stars between 1 and 5),
  text text not null,
  created_at timestamptz not null default now()
);

-- Down Migration
drop table reviews.reviews;
`;

const ROUTES = `/** GET and POST /products/:id/reviews. */
import type { FastifyInstance } from 'fastify';
import { readConfig, wholeNumber } from '#kit/config';
import { integer, listOf, object, string } from '#kit/schema';
import type { ReviewStore } from './store.ts';

const review = object({ id: string, productId: integer, stars: integer, text: string });
const page = object({ items: listOf(review) });
const params = object({ id: { ...string, pattern: '^[0-9]{1,9}$' } });

export function reviewRoutes(http: FastifyInstance, { store }: { store: ReviewStore }): void {
  const { longest } = readConfig({
    longest: { name: 'REVIEW_LENGTH', fallback: '500', read: wholeNumber(1, 5000) },
  });
  const body = object({
    stars: { ...integer, minimum: 1, maximum: 5 },
    text: { ...string, maxLength: longest },
  });

  http.get<{ Params: { id: string } }>(
    '/products/:id/reviews',
    { schema: { params, response: { 200: page } } },
    async ({ params }) => ({ items: await store.list(Number(params.id)) }),
  );

  http.post<{ Params: { id: string }; Body: { stars: number; text: string } }>(
    '/products/:id/reviews',
    { schema: { params, body, response: { 201: review } } },
    async ({ params, body }, reply) => {
      reply.code(201);
      return store.add({ productId: Number(params.id), ...body });
    },
  );
}
`;

export const APP = 'src/app.ts';
export const PROVIDER = 'src/payments/simulated-provider.ts';

/** The whole of it: what is done to one project while it grows. */
export const EDITS: readonly Edit[] = [
  {
    name: 'a module of its own',
    since: 'stall',
    make: project => {
      project.write('src/reviews/store.ts', STORE_IN_MEMORY);
      project.write('src/reviews/routes.ts', ROUTES);
      project.after(
        APP,
        "from './products/store.ts'",
        "import { reviewRoutes } from './reviews/routes.ts';",
        "import { createReviewStore } from './reviews/store.ts';",
      );
      project.after(APP, 'Stores of modules of your own', '  const reviews = createReviewStore();');
      project.after(APP, 'productRoutes(shop', '      reviewRoutes(shop, { store: reviews });');
    },
    expect: stage => ({
      [at('src/reviews/routes.ts')(stage)]: ROUTES.split('\n'),
      [at(APP)(stage)]: [
        "import { reviewRoutes } from './reviews/routes.ts';",
        "import { createReviewStore } from './reviews/store.ts';",
        'reviewRoutes(shop, { store: reviews });',
      ],
    }),
  },
  {
    name: 'its table',
    since: 'database',
    make: project => {
      project.write('src/reviews/store.ts', STORE_IN_TABLE);
      project.write('migrations/reviews/0001_reviews.sql', TABLE);
      project.replace(APP, 'createReviewStore()', 'createReviewStore(database)');
      project.after('src/migrate.ts', "'products',", "    'reviews',");
    },
    expect: stage => ({
      [at('src/reviews/store.ts')(stage)]: STORE_IN_TABLE.split('\n'),
      [at('migrations/reviews/0001_reviews.sql')(stage)]: TABLE.split('\n'),
      [at('src/migrate.ts')(stage)]: ["'reviews',"],
      [at(APP)(stage)]: ['const reviews = createReviewStore(database);'],
    }),
  },
  {
    name: 'a dependency and a script',
    since: 'stall',
    make: project => {
      const [name, version] = DEPENDENCY;
      project.replace('package.json', `"fastify": "5`, `"${name}": "${version}",\n    "fastify": "5`);
      project.after('package.json', '"setup":', '    "outdated": "npm outdated",');
    },
    expect: () => ({
      'package.json': [`"${DEPENDENCY[0]}": "${DEPENDENCY[1]}"`, '"outdated": "npm outdated",'],
    }),
  },
  {
    name: 'a service',
    since: 'stall',
    make: project =>
      project.before(
        'compose.yaml',
        '# `internal` has no way out',
        '  adminer:',
        '    # For looking into the database.',
        '    image: adminer:5',
        '    networks: [edge]',
        '    ports: ["127.0.0.1:8081:8080"]',
        '',
      ),
    expect: () => ({
      'compose.yaml': ['adminer:', '# For looking into the database.', 'image: adminer:5'],
    }),
  },
  {
    name: 'a setting',
    since: 'stall',
    make: project => {
      project.after('compose.yaml', 'LOG_LEVEL: "info"', '      REVIEW_LENGTH: "400"');
      project.after('.env.example', 'LOG_LEVEL=debug', '# Longest review, in letters.', 'REVIEW_LENGTH=400');
    },
    expect: () => ({
      'compose.yaml': ['REVIEW_LENGTH: "400"'],
      '.env.example': ['# Longest review, in letters.', 'REVIEW_LENGTH=400'],
    }),
  },
  {
    name: 'its own pool size',
    since: 'pool',
    make: project => project.replace('compose.yaml', 'POOL_MAX: "20"', 'POOL_MAX: "12"'),
    expect: () => ({ 'compose.yaml': ['POOL_MAX: "12"'] }),
  },
  {
    name: 'a location',
    since: 'nginx',
    make: project =>
      project.before(
        'nginx/nginx.conf',
        '# --- The API ---',
        '    location = /api/ping {',
        '      return 200 "pong\\n";',
        '    }',
        '',
      ),
    expect: () => ({ 'nginx/nginx.conf': ['location = /api/ping {', 'return 200 "pong\\n";'] }),
  },
  {
    name: 'a renamed file',
    since: 'stall',
    make: project => {
      project.move('src/payments/provider.ts', PROVIDER);
      for (const path of [APP, 'src/payments/charge.ts']) {
        project.replace(path, '/provider.ts', '/simulated-provider.ts');
      }
    },
    expect: stage => ({
      [split(stage) ? 'services/payments/src/simulated-provider.ts' : PROVIDER]: [
        '/** Plays the card company inside this process. It approves everything but `declined-test-card`. */',
      ],
    }),
  },
  {
    name: 'a deleted test',
    since: 'stall',
    make: project => project.remove('src/products/products.test.ts'),
    expect: () => ({}),
  },
  {
    name: 'a README of its own',
    since: 'stall',
    make: project => {
      project.replace(
        'README.md',
        'The demo customer is `demo@shop.example`',
        'Our demo customer is `demo@shop.example`',
      );
      project.append('README.md', '', '## Who to ask', '', 'The team next door.');
    },
    expect: () => ({
      'README.md': [
        'Our demo customer is `demo@shop.example`; its password was made by `npm run setup`.',
        '## Who to ask',
        'The team next door.',
      ],
    }),
  },
  {
    name: 'ignored files',
    since: 'stall',
    make: project => {
      project.append('.gitignore', 'coverage/');
      project.append('.dockerignore', 'docs');
    },
    expect: () => ({ '.gitignore': ['coverage/'], '.dockerignore': ['docs'] }),
  },
];

/** The edits that become possible with a stage, for someone who comes from `before` and has made all that were possible there. */
export function editsSince(stage: StageName, before?: StageName): readonly Edit[] {
  return EDITS.filter(({ since }) => reaches(stage, since) && !(before && reaches(before, since)));
}

/** Lines of these edits that are not where they should be at a stage, each with its file. */
export function missingLines(
  directory: string,
  stage: StageName,
  edits: readonly Edit[] = editsSince(stage),
): string[] {
  const project = new Editor(directory);
  return edits.flatMap(({ name, expect }) =>
    Object.entries(expect(stage)).flatMap(([path, lines]) => {
      // A last entry has no comma.
      const plain = (line: string) => line.trim().replace(/,$/, '');
      const there = new Set(project.has(path) ? project.read(path).split('\n').map(plain) : []);
      return lines
        .filter(line => !there.has(plain(line)))
        .map(line => `${name}: ${path} has no ${line.trim()}`);
    }),
  );
}

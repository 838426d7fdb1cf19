/** The base knows no piece, a box no later one, and neither what the program is about: so a stage or a sample is added in its own folders. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { STAGE_NAMES, type StageName, stageIndex } from '../../src/journey/stages.ts';
import { ROOT } from '../support/tool.ts';

const TEMPLATES = join(ROOT, 'templates');

interface Line {
  readonly file: string;
  readonly text: string;
}

/** Lines that may name something even so. */
const EXCEPTIONS: readonly { file: string; text: RegExp; because: string }[] = [
  {
    file: 'base/dot-dockerignore',
    text: /^(haproxy|nginx)$/,
    because: 'the list is the same at each stage, so that it never meets lines that its owner has added',
  },
  {
    file: 'base/dot-github/workflows/ci.yml.hbs',
    text: /^jobs:/,
    because: "it is GitHub's word",
  },
  {
    file: 'boxes/balancer/haproxy/haproxy.cfg.hbs',
    text: /timeouts\.nginxRead/,
    because: 'the timeouts are one ladder, which is the same whether nginx stands before HAProxy yet or not',
  },
];

function files(folder: string): string[] {
  return readdirSync(join(TEMPLATES, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(TEMPLATES.length + 1)
        .replaceAll('\\', '/'),
    );
}

/** The lines of a layer. Paths count: they name things, too. */
function linesOf(folder: string): Line[] {
  return files(folder).flatMap(file => [
    { file, text: file.slice(folder.length + 1) },
    ...readFileSync(join(TEMPLATES, file), 'utf8')
      .split('\n')
      .map(text => ({ file, text })),
  ]);
}

/** What a box brings: its stage, and the kinds of node whose part of compose.yaml it has. */
function broughtBy(stage: StageName): string[] {
  const kinds = files('boxes').flatMap(
    file => new RegExp(`^boxes/${stage}/_partials/compose-(\\w+)\\.hbs$`).exec(file)?.[1] ?? [],
  );
  return [stage, ...kinds];
}

/** Also as the beginning of a longer word: `poolBudget`, `PostgreSQL`. */
function naming(words: readonly string[]): RegExp {
  return new RegExp(`(?<![a-z])(?:${words.join('|')})`, 'i');
}

/** Not inside names that others gave: `tls_sessions`, `shutdown-sessions`. */
const SHOP =
  /(?<![\w-])(?:shop|storefront|products?|orders|payments?|receipts?|sessions|customers?|demo)(?![a-z])/i;

function offending(lines: readonly Line[], words: RegExp): string[] {
  return lines
    .filter(({ text }) => words.test(text))
    .filter(line => !EXCEPTIONS.some(({ file, text }) => file === line.file && text.test(line.text)))
    .map(({ file, text }) => `${file}: ${text.trim()}`);
}

const AFTER_STALL = STAGE_NAMES.slice(1);

test('the base names no piece and no stage that brings one', () => {
  expect(offending(linesOf('base'), naming(AFTER_STALL.flatMap(broughtBy)))).toEqual([]);
});

test('the base does not name the shop', () => {
  expect(offending(linesOf('base'), SHOP)).toEqual([]);
});

test.each(AFTER_STALL)('the box of the %s stage names neither the shop nor a later piece', stage => {
  const later = STAGE_NAMES.slice(stageIndex(stage) + 1).flatMap(broughtBy);
  const words = later.length > 0 ? [SHOP, naming(later)] : [SHOP];
  expect(words.flatMap(each => offending(linesOf(`boxes/${stage}`), each))).toEqual([]);
});

test('a line that names one of them is found', () => {
  const found = (text: string, words: RegExp) => offending([{ file: 'base/x', text }], words).length > 0;
  const [database, balancer] = (['database', 'balancer'] as const).map(broughtBy).map(naming);
  for (const text of ['{{#if postgres}}', '# PostgreSQL', 'PGHOST of the database', 'compose-job.hbs'])
    expect(found(text, database as RegExp), text).toBe(true);
  for (const text of ['{{timeouts.haproxyRead}}', '_partials/ci-haproxy.hbs', 'behind the balancer'])
    expect(found(text, balancer as RegExp), text).toBe(true);
  for (const text of ['curl $SHOP/products', 'demo_password', 'for a customer', 'location /orders {'])
    expect(found(text, SHOP), text).toBe(true);
  for (const text of ['in journey order', 'shared:tls_sessions:10m', 'whoever borders on it'])
    expect(found(text, SHOP), text).toBe(false);
});

test('each exception is needed', () => {
  const lines = linesOf('.');
  for (const { file, text } of EXCEPTIONS)
    expect(
      lines.some(line => line.file === file && text.test(line.text)),
      `${file} ${text}`,
    ).toBe(true);
});

/** What a template may put a partial's name together from: kinds of nodes and of secrets, and networks. */
function partsOfNames(): Set<string> {
  const blueprints = STAGE_NAMES.map(stage => buildBlueprint(resolveAnswers({ stage }, 'my-shop')));
  return new Set(
    blueprints.flatMap(({ nodes, secrets }) => [
      ...nodes.flatMap(({ kind, networks }) => [kind, ...networks]),
      ...secrets.map(({ kind }) => kind),
    ]),
  );
}

function isIncluded(partial: string, text: string, parts: ReadonlySet<string>): boolean {
  const [slot = '', section] = partial.split('/');
  const call = section === undefined ? '\\{\\{> ' : '\\(sections ';
  if (new RegExp(`${call}"?${slot}["} ]`).test(text)) return true;
  const beginnings = [...text.matchAll(new RegExp(`${call}\\(concat "([a-z-]+)"`, 'g'))].map(
    ([, word]) => word,
  );
  return beginnings.some(word => word && slot.startsWith(word) && parts.has(slot.slice(word.length)));
}

test('each partial is included by a template', () => {
  const templates = files('.').filter(file => file.endsWith('.hbs'));
  const text = templates.map(file => readFileSync(join(TEMPLATES, file), 'utf8')).join('\n');
  const parts = partsOfNames();
  const partials = templates.flatMap(file => /_partials\/(.+)\.hbs$/.exec(file)?.[1] ?? []);
  expect(partials.length).toBeGreaterThan(0);
  expect(partials.filter(partial => !isIncluded(partial, text, parts))).toEqual([]);
  for (const misspelt of ['introo', 'envv/program', 'setup-opens/nginx', 'compose-mongo', 'network-maill/x'])
    expect(isIncluded(misspelt, text, parts), misspelt).toBe(false);
});

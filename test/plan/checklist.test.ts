import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DRILLS, GUARANTEES } from '../../src/verify/checks/index.ts';
import { ROOT } from '../support/tool.ts';

interface Line {
  readonly id: string;
  readonly asks: string;
  readonly test?: string;
  readonly not?: string;
  readonly but?: string;
}

const parts: readonly { readonly lines: readonly Line[] }[] = JSON.parse(
  readFileSync(join(ROOT, 'scripts', 'checklist.json'), 'utf8'),
);
const lines = parts.flatMap(part => part.lines);
const named = new Set([...GUARANTEES, ...DRILLS].flatMap(each => each.lines ?? []));

test('every line of the checklist is covered, or says why not', () => {
  const open = lines.filter(
    ({ id, test: by, not }) => !named.has(id) && by === undefined && not === undefined,
  );
  expect(open.map(({ id, asks }) => `${id} ${asks}`)).toEqual([]);
});

test('no line is called both covered and not', () => {
  const contradictions = lines.filter(({ id, test: by, not, but }) => {
    const isCovered = named.has(id) || by !== undefined;
    return isCovered ? not !== undefined : but !== undefined;
  });
  expect(contradictions.map(({ id }) => id)).toEqual([]);
});

test('guarantees name only lines that there are', () => {
  const ids = lines.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...named].filter(line => !ids.includes(line))).toEqual([]);
});

test('tests that are said to cover a line are there', () => {
  const paths = lines.flatMap(({ test: by }) => by?.match(/test\/[\w/.-]+/g) ?? []);
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});

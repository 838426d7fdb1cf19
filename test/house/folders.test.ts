/** The folders of `test/` are those of `src/`, or AGENTS.md says what they are for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/tool.ts';

test('each folder of test/ is called as one of src/, or has a row in AGENTS.md, which has no other', () => {
  const page = readFileSync(join(ROOT, 'AGENTS.md'), 'utf8');
  const explained = [...page.matchAll(/`test\/(\w+)\/`/g)].map(([, name = '']) => name);
  const [tests, sources] = [foldersIn('test'), foldersIn('src')];
  expect(tests.filter(folder => !sources.includes(folder)).sort()).toEqual(explained.sort());
});

function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name);
}

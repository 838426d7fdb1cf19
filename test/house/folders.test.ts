/** The folders of the repository are those that AGENTS.md speaks of. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/tool.ts';

test('each folder of test/ is called as one of src/, or AGENTS.md says what it is for', () => {
  const page = readFileSync(join(ROOT, 'AGENTS.md'), 'utf8');
  const [, row = ''] = /^\| `test\/` \|(.*)\|$/m.exec(page) ?? [];
  const explained = [...row.matchAll(/`(\w[\w-]*)\/`/g)].map(([, name]) => name);
  const known = new Set([...explained, ...foldersIn('src')]);
  expect(explained.length).toBeGreaterThan(0);
  expect(foldersIn('test').filter(folder => !known.has(folder))).toEqual([]);
});

function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name);
}

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileOf, findExecutable } from '../../src/processes/executables.ts';

const folder = mkdtempSync(join(tmpdir(), 'executables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a program is found on the path, if it can be started', () => {
  const file = join(folder, fileOf('no-such-program'));
  expect(findExecutable('no-such-program', folder)).toBeUndefined();
  writeFileSync(file, '');
  if (process.platform !== 'win32') expect(findExecutable('no-such-program', folder)).toBeUndefined();
  chmodSync(file, 0o755);
  expect(findExecutable('no-such-program', folder)).toBe(file);
});

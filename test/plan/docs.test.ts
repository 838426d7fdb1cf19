import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { COMPOSE_UP } from '../../src/journey/start.ts';
import { ROOT } from '../support/tool.ts';

test('the picture and the tables in README.md are those of the journey', async () => {
  const { exitCode, stderr } = await execa(process.execPath, ['scripts/docs.mjs', '--check'], {
    cwd: ROOT,
    reject: false,
  });
  expect(exitCode, stderr).toBe(0);
});

test('README.md starts a project as its own README does', () => {
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`cd my-shop && ${COMPOSE_UP}`);
});

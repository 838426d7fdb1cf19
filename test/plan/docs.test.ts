import { execa } from 'execa';
import { expect, test } from 'vitest';
import { ROOT } from '../support/tool.ts';

test('the picture and the tables in README.md are those of the journey', async () => {
  const { exitCode, stderr } = await execa(process.execPath, ['scripts/docs.mjs', '--check'], {
    cwd: ROOT,
    reject: false,
  });
  expect(exitCode, stderr).toBe(0);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nativeEngine } from '../../src/engines/native.ts';
import { smallBlueprint } from './support.ts';

it('asks for npm install where there are no modules', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'prepare-'));
  try {
    const prepared = nativeEngine.prepare?.({ directory, blueprint: smallBlueprint(), onProgress() {} });
    await expect(prepared).rejects.toMatchObject({
      message: expect.stringContaining('has no node_modules'),
      hint: expect.stringContaining('npm install'),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

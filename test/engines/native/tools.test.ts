/** Which of the servers that a blueprint needs this machine has. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Blueprint } from '../../../src/blueprint/blueprint.ts';
import { postgresFolders } from '../../../src/engines/native/postgres-folders.ts';
import { availability } from '../../../src/engines/native/tools.ts';
import { smallBlueprint } from '../support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tools-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.runIf(process.platform !== 'win32')('what is installed', () => {
  it('is found behind a lone link, and only where all of it is', () => {
    const real = join(folder, 'real');
    const path = join(folder, 'path');
    for (const made of [real, path]) mkdirSync(made);
    for (const name of ['postgres', 'initdb']) {
      writeFileSync(join(real, name), '');
      chmodSync(join(real, name), 0o755);
    }
    symlinkSync(join(real, 'postgres'), join(path, 'postgres'));
    expect(postgresFolders(path)[0]).toBe(real);
    expect(postgresFolders(join(folder, 'nowhere'))).not.toContain(real);
  });

  it('is missed by name, with the command that brings it', async () => {
    const [, ...rest] = smallBlueprint().nodes;
    const proxies = ['haproxy', 'nginx'].map(kind => ({ kind }));
    const blueprint = { ...smallBlueprint(), nodes: [...rest, ...proxies] } as unknown as Blueprint;
    const nothing = { postgres: undefined, haproxy: undefined, nginx: undefined };
    const answer = await availability(blueprint, nothing);
    expect(answer).toMatchObject({ available: false, reason: 'not installed: haproxy, nginx' });
    expect(answer.hint).toMatch(/^(apt-get install -y|brew install) haproxy nginx$/);
    expect(await availability(blueprint, { ...nothing, haproxy: '/h', nginx: '/n' })).toEqual({
      available: true,
    });
  });
});

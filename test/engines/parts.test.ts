/** The engine's small parts, each by itself. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Blueprint } from '../../src/blueprint/blueprint.ts';
import { postgresFolders } from '../../src/engines/native/postgres-folders.ts';
import { availability } from '../../src/engines/native/tools.ts';
import { inheritedEnvironment } from '../../src/engines/run/environment.ts';
import { LogBook, lineCutter } from '../../src/engines/run/log-book.ts';
import { isPortFree, reservePort } from '../../src/engines/run/ports.ts';
import { findExecutable } from '../../src/processes/executables.ts';
import { descendants, isAlive, startStamp } from '../../src/processes/table.ts';
import { smallBlueprint } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'engine-parts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ports', () => {
  it('are handed out once, and are below the ephemeral range', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, reservePort));
    expect(new Set(ports).size).toBe(200);
    if (process.platform === 'linux') expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  it('are not free while something listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await isPortFree(port)).toBe(false);
    await new Promise(resolve => server.close(resolve));
    expect(await isPortFree(port)).toBe(true);
  });
});

describe('a log', () => {
  it('keeps the last 5,000 lines', async () => {
    const seen: string[] = [];
    const log = new LogBook(join(folder, 'node.log'), line => seen.push(line));
    for (let line = 1; line <= 6_000; line++) log.add(String(line));
    await log.close();
    expect(log.lines).toHaveLength(5_000);
    expect(log.tail(2)).toEqual(['5999', '6000']);
    expect(seen).toHaveLength(6_000);
  });

  it('cuts lines where they end, not where a chunk or a character does', () => {
    const lines: string[] = [];
    const cutter = lineCutter(line => lines.push(line));
    const bytes = Buffer.from('first\r\nsecond €\nthird');
    for (const byte of bytes) cutter.write(Buffer.from([byte]));
    cutter.end();
    expect(lines).toEqual(['first', 'second €', 'third']);
  });
});

describe.runIf(process.platform !== 'win32')('the process table', () => {
  it('knows a process by its start, its end and its children', async () => {
    const shell = spawn('sh', ['-c', 'sleep 30 & wait'], { detached: true });
    const pid = shell.pid ?? 0;
    const stamp = startStamp(pid);
    expect(stamp).toBeTruthy();
    expect(startStamp(pid)).toBe(stamp);
    expect(isAlive(pid)).toBe(true);
    await expect.poll(() => descendants(pid).length).toBe(1);
    process.kill(-pid, 'SIGKILL');
    await new Promise(resolve => shell.once('exit', resolve));
    expect(isAlive(pid)).toBe(false);
    expect(startStamp(pid)).toBeUndefined();
  });
});

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
    expect(findExecutable('initdb', real)).toBe(join(real, 'initdb'));
    expect(findExecutable('no-such-program', real)).toBeUndefined();
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

it('the inherited environment holds what programs need to start, and no more', () => {
  expect(
    inheritedEnvironment({ PATH: '/bin', PGHOST: 'elsewhere', NODE_OPTIONS: '--inspect', AWS_SECRET: 'x' }),
  ).toEqual({
    PATH: '/bin',
  });
});

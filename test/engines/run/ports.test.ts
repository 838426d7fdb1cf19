import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isPortFree, reservePort } from '../../../src/engines/run/ports.ts';

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

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../../../src/verify/http/client.ts';
import { findPage, pageOf } from '../../../src/verify/http/page.ts';

const PAGE = `<!doctype html>
<link rel="stylesheet" href="theme/main.css?v=3"><link rel=icon href=/favicon.ico>
<script src='./app.js'></script><script src="https://elsewhere.example/app.js"></script>
<img src="/api/rooms/1/picture.png"><img src="missing.png"><div style="background: url(/theme/wall.webp)"></div>`;

let type = 'text/html; charset=utf-8';
const server = createServer((_, response) => response.setHeader('content-type', type).end(PAGE));
let directory: string;
let door: HttpClient;

async function put(path: string): Promise<void> {
  const file = join(directory, 'public', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, 'x');
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'create-backend-stage-page-'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  door = HttpClient.direct({ host: '127.0.0.1', port }, '/api');
  for (const path of ['theme/main.css', 'theme/wall.webp', 'app.js', 'favicon.ico', 'unused.css']) {
    await put(path);
  }
});

afterAll(async () => {
  door.close();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

describe('the page at the front door', () => {
  it('is none where the project has no index.html', async () => {
    expect(await findPage({ door, directory })).toBeUndefined();
    await expect(pageOf({ door, directory })).rejects.toMatchObject({ name: 'NotPromised' });
  });

  it("names the project's own files that it refers to, and nothing else", async () => {
    await put('index.html');
    const { texts, images } = await pageOf({ door, directory });
    expect(texts).toEqual(['/theme/main.css?v=3', '/app.js']);
    expect(images).toEqual(['/favicon.ico', '/theme/wall.webp']);
  });

  it('is broken where another answer comes in its place', async () => {
    type = 'application/json';
    await expect(findPage({ door, directory })).rejects.toMatchObject({ name: 'Broken' });
  });
});

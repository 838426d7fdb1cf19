import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../../src/verify/http/client.ts';

const servers: http.Server[] = [];
const clients: HttpClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: http.RequestListener, basePath = ''): Promise<HttpClient> {
  const server = http.createServer(listener);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new HttpClient({
    endpoint: { host: '127.0.0.1', port },
    scheme: 'http',
    basePath,
    host: 'shop.example',
  });
  clients.push(client);
  return client;
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

describe('HttpClient', () => {
  it('puts the base path before a path, unless it is told to start from the root', async () => {
    const client = await serve((request, response) => response.end(request.url), '/api');
    expect((await client.get('/products')).text).toBe('/api/products');
    expect((await client.get('/images/../x', { from: 'root' })).text).toBe('/images/../x');
  });

  it('sends JSON with its type, and the host', async () => {
    const seen: unknown[] = [];
    const client = await serve(async (request, response) => {
      seen.push([request.headers.host, request.headers['content-type'], await bodyOf(request)]);
      response.end('{}');
    });
    await client.post('/things', { name: 'a' });
    expect(seen).toEqual([['shop.example', 'application/json', '{"name":"a"}']]);
  });

  it('sends a request once, and says which one failed', async () => {
    let asked = 0;
    const client = await serve(request => {
      asked += 1;
      request.socket.destroy();
    });
    await expect(client.get('/products')).rejects.toThrow(/^GET \/products: /);
    expect(asked).toBe(1);
  });

  it('gives up on a server that hangs', async () => {
    const client = await serve(() => {});
    await expect(client.get('/products', { timeoutMs: 50 })).rejects.toThrow('no answer within 0.05 s');
  });

  it('sends the second half of a body when its caller says so', async () => {
    const client = await serve(async (request, response) => {
      response.end(await bodyOf(request));
    });
    const midway = () => sleep(20);
    const answer = await client.slowly('POST', '/orders', { body: { items: [1, 2, 3] }, midway });
    expect(answer.text).toBe('{"items":[1,2,3]}');
  });

  it('returns an answer that comes before the body is complete', async () => {
    const client = await serve((_request, response) => response.writeHead(413).end());
    const answer = await client.slowly('POST', '/x', { body: { a: 1 }, midway: () => new Promise(() => {}) });
    expect(answer.status).toBe(413);
  });

  it('fails whatever is under way when it is closed', async () => {
    const client = await serve(() => {});
    const request = client.get('/products');
    setTimeout(() => client.close(), 20);
    await expect(request).rejects.toThrow('the client was closed');
    await expect(client.get('/products')).rejects.toThrow('the client was closed');
  });

  it('shows what comes back for bytes that are not HTTP', async () => {
    const client = await serve((_request, response) => response.end());
    expect(await client.raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
  });
});

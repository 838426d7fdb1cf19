import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { BODY_LIMIT, createHttp, describeError } from '#kit/http';
import { createTestHttp } from '#kit/testing';

const health = { draining: false, check: async () => {} };
const http = createTestHttp(health);
http.post('/things/:id', async request => ({ got: request.body }));
http.get('/broken', async () => {
  throw new Error('the secret is 42');
});
http.get('/slow', { handlerTimeout: 50 }, () => new Promise(() => {}));

const json = { 'content-type': 'application/json' };

for (const [what, request, status] of [
  ['an unknown route', { method: 'GET', url: '/nothing' }, 404],
  ['a URL that cannot be decoded', { method: 'GET', url: '/things/%zz' }, 400],
  ['a wrong method', { method: 'DELETE', url: '/things/1' }, 405],
  ['bad JSON', { method: 'POST', url: '/things/1', headers: json, payload: '{' }, 400],
  [
    'a prototype in JSON',
    { method: 'POST', url: '/things/1', headers: json, payload: '{"__proto__":{}}' },
    400,
  ],
  [
    'plain text',
    { method: 'POST', url: '/things/1', headers: { 'content-type': 'text/plain' }, payload: 'x' },
    415,
  ],
  [
    'a large body',
    { method: 'POST', url: '/things/1', headers: json, payload: ' '.repeat(BODY_LIMIT + 1) },
    413,
  ],
  ['an error in the program', { method: 'GET', url: '/broken' }, 500],
  ['a handler that never ends', { method: 'GET', url: '/slow' }, 503],
] as const) {
  test(`${what} is a ${status}, as problem details`, async () => {
    const response = await http.inject(request);
    assert.equal(response.statusCode, status);
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
    const problem = response.json();
    assert.equal(problem.status, status);
    assert.equal(problem.requestId, response.headers['x-request-id']);
    assert.doesNotMatch(response.body, /secret|\.js/);
  });
}

test('a wrong method tells the right ones', async () => {
  const response = await http.inject({ method: 'GET', url: '/things/1' });
  assert.equal(response.headers.allow, 'POST');
});

test('an overloaded handler says when to come back', async () => {
  assert.equal((await http.inject('/slow')).headers['retry-after'], '1');
});

test("a proxy's request id is kept; anything else is replaced", async () => {
  const ask = async (id: string) =>
    (await http.inject({ url: '/livez', headers: { 'x-request-id': id } })).headers['x-request-id'];
  assert.equal(await ask('abc-123.DEF'), 'abc-123.DEF');
  assert.match(String(await ask('"}\n{"level":"fatal"')), /^[0-9a-f-]{36}$/);
});

test('unready, but alive, while draining or while something is out of reach', async () => {
  const ready = async () => (await http.inject('/readyz')).statusCode;
  assert.equal(await ready(), 200);
  health.check = () => Promise.reject(new Error('down'));
  assert.equal(await ready(), 503);
  health.check = async () => {};
  health.draining = true;
  assert.equal(await ready(), 503);
  const alive = await http.inject('/livez');
  assert.equal(alive.statusCode, 200);
  assert.equal(alive.headers.connection, 'close');
  health.draining = false;
});

test('with LOG_LEVEL=debug each request is a line, but no health check, and nothing that follows a ?', async context => {
  for (const [logLevel, paths] of [
    ['info', []],
    ['debug', ['/things/1', '/nothing']],
  ] as const) {
    const written = context.mock.method(process.stdout, 'write', () => true);
    const talkative = createHttp({ logLevel, trustProxy: [] }, health);
    talkative.get('/things/:id', async () => ({}));
    for (const url of ['/livez', '/readyz', '/things/1?token=secret', '/nothing'])
      await talkative.inject({ url, headers: { cookie: 'session=secret' } });
    await talkative.close();
    written.mock.restore();
    const lines = written.mock.calls.map(({ arguments: [line] }) => String(line)).join('');
    const requests = [...lines.matchAll(/"method":"GET","status":\d+,"ms":\d+,"path":"([^"]*)"/g)];
    assert.deepEqual(
      requests.map(([, path]) => path),
      paths,
    );
    assert.doesNotMatch(lines, /secret|readyz/);
  }
});

test('what hangs on an error stays out of the log', () => {
  const error = Object.assign(new Error('gone'), { code: 'ECONNRESET', client: { password: 'x' } });
  const { stack, ...described } = describeError(error);
  assert.deepEqual(described, { type: 'Error', message: 'gone', code: 'ECONNRESET' });
  assert.match(stack, /^Error: gone/);
});

test('after a body that was too large, the same connection takes the next request', async () => {
  const { port } = new URL(await http.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(port), '127.0.0.1');
  let answers = '';
  socket.setEncoding('utf8').on('data', piece => {
    answers += piece;
  });
  const size = 20 * BODY_LIMIT;
  socket.write(
    `POST /things/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
  );
  socket.write(' '.repeat(size));
  socket.end('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  assert.deepEqual(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 200']);
  await http.close();
});

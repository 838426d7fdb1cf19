/** The program as its owner runs it: a process of its own, asked over a real port, ended by a signal. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** One that a failed test left running would keep all tests from ending. */
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

function startServer(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.js')], {
    // Where no .env is: its settings are for running the program, and would decide what is tested here.
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return { child, exit: once(child, 'exit') };
}

async function listeningPort(child: ReturnType<typeof startServer>['child']): Promise<number> {
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /127\.0\.0\.1:(\d+)/.exec(JSON.parse(line).msg)?.[1];
    if (port) return Number(port);
  }
  throw new Error('the server ended before it listened');
}

test('SIGTERM in mid-request: the request is answered, then the program ends with 0', async () => {
  const { child, exit } = startServer({});
  const socket = connect(await listeningPort(child), '127.0.0.1');
  let answer = '';
  socket.on('data', chunk => {
    answer += chunk;
  });
  const body = JSON.stringify({ email: 'nobody@shop.example', password: 'x' });
  socket.write(
    `POST /sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  await sleep(100);
  child.kill('SIGTERM');
  await sleep(300);
  socket.write(body);
  assert.deepEqual(await exit, [0, null]);
  assert.match(answer, /^HTTP\/1\.1 401 /);
  assert.match(answer, /^connection: close/im);
});

test('a wrong setting ends the program at once, with one line that names it', async () => {
  const { child, exit } = startServer({ PORT: 'http' });
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  assert.deepEqual(await exit, [1, null]);
  assert.match(stderr, /^PORT must be [^\n]+\n$/);
});

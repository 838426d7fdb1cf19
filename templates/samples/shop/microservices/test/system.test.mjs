// All services as they run: processes of their own, on databases of their own, talking over HTTP. Needs `npm run build`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '@shop/kit/testing';

const SERVICES = ['shop', 'orders', 'payments', 'search', 'receipts'].filter(name =>
  existsSync(`services/${name}`),
);
const CONVERSATIONS = [
  ['orders', 'shop'],
  ['shop', 'orders'],
  ['orders', 'payments'],
  ['payments', 'orders'],
  ['shop', 'search'],
  ['search', 'shop'],
  ['orders', 'search'],
  ['search', 'orders'],
  ['orders', 'receipts'],
].filter(pair => pair.every(name => SERVICES.includes(name)));
const withSearch = { skip: !SERVICES.includes('search') && 'this shop runs without search' };
const withReceipts = { skip: !SERVICES.includes('receipts') && 'this shop runs without receipts' };

const folder = await mkdtemp(join(tmpdir(), 'shop-system-'));
const ports = Object.fromEntries(await Promise.all(SERVICES.map(async name => [name, await freePort()])));
const mails = [];
const mail = await startMailServer();
const children = new Map();
let postgres;
let cookie;
let goods;

before(async () => {
  postgres = await startServer();
  await Promise.all(SERVICES.map(migrate));
  await Promise.all(SERVICES.map(start));
  const email = /email: ([^\s,}]+)/.exec(await readFile('stage.yaml', 'utf8'))?.[1];
  const signedIn = await ask('shop', '/sessions', { email, password: 'open sesame' });
  assert.equal(signedIn.status, 201);
  cookie = signedIn.headers.get('set-cookie').split(';')[0];
  const { items } = await (await ask('shop', '/products?limit=100')).json();
  goods = items.toSorted((one, other) => other.available - one.available)[0];
});

after(async () => {
  for (const child of children.values()) child.kill('SIGKILL');
  mail.close();
  await postgres?.stop();
  await rm(folder, { recursive: true });
});

test('an order is accepted at once, and completed soon', async () => {
  const stock = await stockOf(goods.id);
  const order = await place();
  assert.equal((await settled(order.id)).state, 'completed');
  assert.equal(await stockOf(goods.id), stock - 2);
});

test('a paid order is found by search', withSearch, async () => {
  const { id } = await place();
  await until('found', async () => {
    const { orders } = await (await ask('search', `/search?q=${encodeURIComponent(goods.name)}`)).json();
    return orders.some(order => order.id === id);
  });
});

test('a paid order gets its receipt', withReceipts, async () => {
  const { id } = await place();
  await until('mailed', async () => mails.some(text => text.includes(id)));
});

test('a declined card and a product that there is not leave the stock as it was', async () => {
  const stock = await stockOf(goods.id);
  const declined = await place({ paymentMethod: 'declined-test-card' });
  assert.deepEqual(await outcome(declined.id), ['cancelled', 'payment_declined']);
  const unknown = await place({
    items: [goods.id, 999_999_999].map(productId => ({ productId, quantity: 1 })),
  });
  assert.deepEqual(await outcome(unknown.id), ['rejected', 'unknown_product']);
  await until('the stock is back', async () => (await stockOf(goods.id)) === stock);
});

test('with all others dead an order is still accepted, and completed when they are back', async () => {
  const others = SERVICES.filter(name => name !== 'orders');
  await Promise.all(others.map(kill));
  const { id } = await place();
  await Promise.all(others.map(start));
  assert.equal((await settled(id)).state, 'completed');
});

async function place(more = {}) {
  const answer = await ask('orders', '/orders', { items: [{ productId: goods.id, quantity: 2 }], ...more });
  assert.equal(answer.status, 202);
  return answer.json();
}

async function settled(id) {
  let order;
  await until('settled', async () => {
    order = await (await ask('orders', `/orders/${id}`)).json();
    return ['completed', 'rejected', 'cancelled'].includes(order.state);
  });
  return order;
}

async function outcome(id) {
  const { state, reason } = await settled(id);
  return [state, reason];
}

async function stockOf(id) {
  return (await (await ask('shop', `/products/${id}`)).json()).available;
}

function ask(service, path, body) {
  return fetch(`http://127.0.0.1:${ports[service]}${path}`, {
    headers: { ...(cookie && { cookie }), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
}

async function until(what, holds) {
  for (let tries = 0; !(await holds()); tries += 1) {
    assert.ok(tries < 300, `not ${what} within 30 s`);
    await sleep(100);
  }
}

const secrets = new Map();

/** A file with a secret, made when it is first asked for. */
async function secret(name, text = randomBytes(16).toString('hex')) {
  const file = join(folder, name);
  if (!secrets.has(name)) secrets.set(name, writeFile(file, text));
  await secrets.get(name);
  return file;
}

const pair = generateKeyPairSync('ed25519');

async function environment(name) {
  const env = {
    ...(await databaseOf(name, 'app')),
    PORT: String(ports[name]),
    POOL_MAX: '4',
    POOL_PROCESSES: '1',
    LOG_LEVEL: 'warn',
    SMTP_URL: `smtp://127.0.0.1:${mail.address().port}`,
    MAIL_FROM: 'Shop <shop@shop.example>',
    SESSION_PRIVATE_KEY_FILE: await secret(
      'private',
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ),
    SESSION_PUBLIC_KEY_FILE: await secret('public', pair.publicKey.export({ type: 'spki', format: 'pem' })),
  };
  for (const [sender, receiver] of CONVERSATIONS) {
    const file = await secret(`key_${sender}_${receiver}`);
    if (name === receiver) env[`RECEIVE_KEY_${sender.toUpperCase()}_FILE`] = file;
    if (name === sender) {
      env[`SEND_KEY_${receiver.toUpperCase()}_FILE`] = file;
      env[`${receiver.toUpperCase()}_URL`] = `http://127.0.0.1:${ports[receiver]}`;
    }
  }
  return env;
}

async function databaseOf(name, role) {
  const { host, port } = postgres.admin;
  const password = await secret(`${name}_${role}`);
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: name,
    PGUSER: `${name}_${role}`,
    PGPASSWORD_FILE: password,
  };
}

async function migrate(name) {
  const child = program(name, 'dist/migrate.js', {
    ...(await databaseOf(name, 'owner')),
    ADMIN_USER: postgres.admin.user,
    ADMIN_PASSWORD_FILE: await secret('admin', postgres.admin.password),
    APP_ROLE: `${name}_app`,
    APP_PASSWORD_FILE: await secret(`${name}_app`),
    DEMO_PASSWORD_FILE: await secret('demo', 'open sesame'),
  });
  assert.equal(await child.ended, 0, `migrating ${name} failed`);
}

async function start(name) {
  children.set(name, program(name, 'dist/server.js', await environment(name)));
  await until(`${name} ready`, () =>
    ask(name, '/readyz').then(
      answer => answer.ok,
      () => false,
    ),
  );
}

async function kill(name) {
  const child = children.get(name);
  child.kill('SIGKILL');
  await child.ended;
}

function program(name, entry, env) {
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
    cwd: resolve('services', name),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  child.ended = new Promise(done => child.on('exit', code => done(code)));
  return child;
}

async function freePort() {
  const server = createServer();
  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise(closed => server.close(closed));
  return port;
}

/** As much SMTP as one sender needs: it takes everything, and keeps the text. */
async function startMailServer() {
  const server = createServer(socket => {
    let text = '';
    let inMail = false;
    socket.write('220 ready\r\n');
    socket.on('error', () => {});
    socket.on('data', chunk => {
      text += chunk;
      if (inMail && text.endsWith('\r\n.\r\n')) {
        mails.push(text);
        inMail = false;
      } else if (inMail) return;
      else inMail = /^DATA\r\n$/im.test(text);
      text = '';
      socket.write(inMail ? '354 go on\r\n' : '250 ok\r\n');
    });
  });
  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  return server;
}

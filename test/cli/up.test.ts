/** `up` as it is typed: what it says, what it keeps, and how it ends. */
import { existsSync, readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { freePort } from '../support/free-port.ts';
import { installDependencies } from '../support/generated-project.ts';
import { runTool, type StartedTool, startTool, temporaryFolder } from '../support/tool.ts';

const NATIVE = ['--engine', 'native'];
const READY = 'Ctrl-C stops everything';
const cwd = temporaryFolder();

/** @returns the port of its front door */
async function create(stage: StageName): Promise<number> {
  const port = await freePort();
  const off = ['--no-install', '--no-git', '--no-verify'];
  const { exitCode, stderr } = runTool([stage, '--stage', stage, '--port', String(port), ...off], { cwd });
  expect(exitCode, stderr).toBe(0);
  await installDependencies(join(cwd, stage), await planProject(resolveAnswers({ stage, port }, stage)));
  return port;
}

interface Line {
  readonly event?: string;
  readonly node?: string;
  readonly line?: string;
}

/** Each line of stdout, which is JSON. */
const parsed = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line & Record<string, unknown>);

async function interrupt(tool: StartedTool) {
  tool.process.kill('SIGINT');
  const run = await tool.ended;
  expect(run.exitCode, run.stderr).toBe(130);
  return run;
}

beforeAll(() => chmod(cwd, 0o755));

describe('a stall', () => {
  let port = 0;

  beforeAll(async () => {
    port = await create('stall');
  });

  it('whose port is taken is not even built', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise(resolve => other.once('listening', resolve));
    const { exitCode, stderr } = await startTool(['up', 'stall', ...NATIVE], { cwd }).ended;
    await new Promise(resolve => other.close(resolve));
    expect(stderr).toBe(
      `✗ port ${port} cannot be listened on: something else has it, or it needs more rights; stop what uses it, or regenerate with another --port\n`,
    );
    expect(exitCode).toBe(1);
    expect(existsSync(join(cwd, 'stall', 'dist'))).toBe(false);
  });

  it('tells with --json, a line each, what is logged, where it is, which requests come, and how it ended', async () => {
    const tool = startTool(['up', 'stall', ...NATIVE, '--json'], { cwd });
    await tool.said(READY);
    await fetch(`http://127.0.0.1:${port}/products?limit=1&mine=hidden`);
    const password = await execa('cat', [join(cwd, 'stall', 'secrets', 'demo_password')]);
    const body = JSON.stringify({ email: 'demo@shop.example', password: password.stdout });
    const headers = { 'content-type': 'application/json' };
    const login = await fetch(`http://127.0.0.1:${port}/sessions`, { method: 'POST', headers, body });
    expect(login.status).toBe(201);
    const { stdout } = await interrupt(tool);
    const lines = parsed(stdout);
    expect(lines).toContainEqual({ event: 'up', url: `http://127.0.0.1:${port}/`, engine: 'native' });
    expect(lines.at(-1)).toMatchObject({
      schemaVersion: 1,
      ok: false,
      command: 'up',
      error: { code: 'cancelled' },
    });
    const requests = lines
      .filter(({ event, node }) => event === 'log' && node === 'app')
      .flatMap(({ line = '' }) => (line.includes('"method"') ? [JSON.parse(line)] : []));
    expect(requests).toMatchObject([
      { level: 'debug', method: 'GET', path: '/products', status: 200, msg: 'request' },
      { method: 'POST', path: '/sessions', status: 201 },
    ]);
    expect(stdout).not.toMatch(new RegExp(`hidden|livez|readyz|${password.stdout}`));
  });

  it('whose program dies ends with its name, how, and its last words', async () => {
    const tool = startTool(['up', 'stall', ...NATIVE, '--json'], { cwd });
    let printed = '';
    tool.process.stdout?.on('data', text => {
      printed += text;
    });
    await tool.said(READY);
    await expect.poll(() => /\\"pid\\":(\d+)/.exec(printed)?.[1]).toBeDefined();
    process.kill(Number(/\\"pid\\":(\d+)/.exec(printed)?.[1]), 'SIGKILL');
    const began = performance.now();
    const { exitCode, stdout, stderr } = await tool.ended;
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(exitCode).toBe(1);
    expect(parsed(stdout).at(-1)).toMatchObject({
      ok: false,
      node: 'app',
      copy: 0,
      exitCode: null,
      error: { code: 'part-died', message: 'app was ended by a signal, so everything was stopped' },
    });
    expect(stderr).toContain('Server listening at');
    expect(existsSync(join(cwd, 'stall', '.data'))).toBe(false);
  });
});

describe('a stage with a database', () => {
  let port = 0;

  beforeAll(async () => {
    port = await create('database');
  });

  /** As the README has it. */
  const logIn = (...more: string[]) =>
    pasted(
      `curl --fail --silent --cookie-jar cookies --json "{\\"email\\":\\"demo@shop.example\\",\\"password\\":\\"$(cat secrets/demo_password)\\"}" "$SHOP/sessions"`,
      ...more,
    );
  const ORDER = `curl --fail --silent --cookie cookies --json '{"items":[{"productId":1,"quantity":1}]}' "$SHOP/orders"`;
  const ORDERS = 'curl --fail --silent --cookie cookies "$SHOP/orders"';

  async function pasted(...lines: string[]): Promise<string> {
    const env = { SHOP: `http://127.0.0.1:${port}` };
    return (await execa('bash', ['-ec', lines.join('\n')], { cwd: join(cwd, 'database'), env })).stdout;
  }

  async function whileUp<T>(args: readonly string[], action: () => Promise<T>): Promise<T> {
    const tool = startTool(['up', 'database', ...NATIVE, ...args], { cwd });
    await tool.said(READY);
    try {
      return await action();
    } finally {
      await interrupt(tool);
    }
  }

  it('has what was ordered the last time, and with --fresh nothing', { timeout: 90_000 }, async () => {
    const before = readdirSync(join(cwd, 'database'));
    await whileUp([], () => logIn(ORDER));
    const kept = JSON.parse(await whileUp([], () => pasted(ORDERS)));
    expect(kept.items).toMatchObject([{ items: [{ productId: 1, quantity: 1 }] }]);
    const { items } = JSON.parse(await whileUp(['--fresh'], () => logIn('echo', ORDERS)).then(lastLine));
    expect(items).toEqual([]);
    // What a run leaves is the build and the data, and git knows of neither.
    const left = readdirSync(join(cwd, 'database')).filter(name => !before.includes(name));
    expect(left.sort()).toEqual(['.data', 'cookies', 'dist']);
    await execa('git', ['init', '--quiet'], { cwd: join(cwd, 'database') });
    const status = await execa('git', ['status', '--short', '--', '.data'], { cwd: join(cwd, 'database') });
    expect(status.stdout).toBe('');
  });
});

const lastLine = (text: string) => text.split('\n').at(-1) ?? '';

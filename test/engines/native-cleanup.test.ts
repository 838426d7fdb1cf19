/** What is left when the tool itself is interrupted, killed, or crashes: nothing. The tool here is a script around the engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chmod, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledProgramEsbuild } from '../../scripts/bundled-program.mjs';
import { PROJECT, processesMentioning, sharedMemoryOf, smallBlueprint } from './support.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;

/** What the script does once the project runs: stay, or end in one of the ways in which tools end. */
const SCRIPT = `
import { nativeEngine } from './src/engines/native/engine.ts';
const [directory, blueprint, what] = process.argv.slice(2);
const own = new AbortController();
const options = what === 'own' ? { signal: own.signal } : what === 'last' ? { lasting: { fresh: false } } : {};
const running = await nativeEngine.up({ directory, blueprint: JSON.parse(blueprint), onProgress: line => console.log(line), ...options });
console.log('ready', JSON.stringify({ pid: await running.pid('db'), uid: process.getuid() }));
if (what === 'crash') setTimeout(() => { throw new Error('a fault in the tool'); }, 50);
else if (what === 'exit') process.exit(5);
else if (what === 'own') {
  process.once('SIGINT', async () => { own.abort(); await running.down(); setTimeout(() => process.exit(42), 200); });
  setInterval(() => {}, 1000);
}
else if (what === 'down') await running.down();
else if (what === 'pause') { await running.pause('db'); await running.pause('app'); console.log('paused'); setInterval(() => {}, 1000); }
else setInterval(() => {}, 1000);
`;

let home: string;
let project: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'engine-tool-'));
  await chmod(home, 0o755);
  project = join(home, 'project');
  await cp(PROJECT, project, { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  await build({
    stdin: { contents: SCRIPT, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    outfile: join(home, 'tool.mjs'),
    external: ['packed-templates', 'pg-native'],
    plugins: [bundledProgramEsbuild()],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}, 60_000);

afterAll(() => rm(home, { recursive: true, force: true }));

interface Tool {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly temporary: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

async function startTool(what: string, account?: { uid: number; gid: number }): Promise<Tool> {
  const temporary = await mkdtemp(join(home, 'tmp-'));
  await chmod(temporary, 0o1777);
  const blueprint = JSON.stringify(smallBlueprint({ database: true, replicas: 2, mail: true }));
  const tool = spawn(process.execPath, [join(home, 'tool.mjs'), project, blueprint, what], {
    env: { PATH: process.env.PATH, TMPDIR: temporary, HOME: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  });
  let output = '';
  for (const stream of [tool.stdout, tool.stderr]) {
    stream?.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  const ended = new Promise<Awaited<Tool['ended']>>(resolve => {
    tool.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { process: tool, output: () => output, temporary, ended };
}

async function until(what: string, holds: () => boolean, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(20);
  }
}

async function expectNothingLeft({ temporary }: Tool): Promise<void> {
  const left = () => [...readdirSync(temporary), ...processesMentioning(temporary)];
  await until('everything gone', () => left().length === 0, 20_000).catch(() => undefined);
  expect(left()).toEqual([]);
}

const said = (tool: Tool, text: string) =>
  until(`the tool says ${text}`, () => tool.output().includes(text), 60_000);

describe.runIf(process.platform === 'linux')('the tool ends while a project runs', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s takes everything down, and the exit code says so', async (signal, code) => {
    const tool = await startTool('stay');
    await said(tool, 'ready');
    expect(processesMentioning(tool.temporary).length).toBeGreaterThan(4);
    tool.process.kill(signal);
    expect(await tool.ended).toEqual({ code, signal: null });
    await expectNothingLeft(tool);
  });

  it('SIGINT in the middle of the start', async () => {
    const tool = await startTool('stay');
    await until(
      'initdb runs',
      () => processesMentioning(tool.temporary).some(line => line.includes('initdb')),
      20_000,
    );
    tool.process.kill('SIGINT');
    expect((await tool.ended).code).toBe(130);
    await expectNothingLeft(tool);
  });

  it('SIGINT twice does not wait', async () => {
    const tool = await startTool('pause');
    await said(tool, 'paused');
    tool.process.kill('SIGINT');
    await sleep(30);
    tool.process.kill('SIGINT');
    expect((await tool.ended).code).toBe(130);
    await expectNothingLeft(tool);
  });

  it('leaves the end of the process to a caller with a signal of its own', async () => {
    const tool = await startTool('own');
    await said(tool, 'ready');
    tool.process.kill('SIGINT');
    expect((await tool.ended).code).toBe(42);
    await expectNothingLeft(tool);
  });

  it.each(['stay', 'pause'])('SIGKILL, with the nodes told to %s', async what => {
    const tool = await startTool(what);
    await said(tool, what === 'pause' ? 'paused' : 'ready');
    tool.process.kill('SIGKILL');
    await tool.ended;
    await expectNothingLeft(tool);
    expect(sharedMemoryOf(Number(/"pid":(\d+)/.exec(tool.output())?.[1]))).toEqual([]);
  });

  it('SIGKILL in a run that lasts: the data is whole, and free to be used again', async () => {
    for (const signal of ['SIGKILL', 'SIGKILL', 'SIGINT'] as const) {
      const tool = await startTool('last');
      await said(tool, 'ready');
      tool.process.kill(signal);
      await tool.ended;
      await expectNothingLeft(tool);
    }
  });

  it('SIGKILL in the middle of the start', async () => {
    const tool = await startTool('stay');
    await until(
      'initdb runs',
      () => processesMentioning(tool.temporary).some(line => line.includes('initdb')),
      20_000,
    );
    tool.process.kill('SIGKILL');
    await expectNothingLeft(tool);
  });

  it.each([
    ['crash', 1],
    ['exit', 5],
    ['down', 0],
  ] as const)('%s', async (what, code) => {
    const tool = await startTool(what);
    expect((await tool.ended).code, tool.output()).toBe(code);
    await expectNothingLeft(tool);
  });

  it.runIf(IS_ROOT)('runs as an ordinary user too', async () => {
    const tool = await startTool('down', { uid: NOBODY, gid: NOBODY });
    expect((await tool.ended).code, tool.output()).toBe(0);
    expect(tool.output()).toContain(`"uid":${NOBODY}`);
    await expectNothingLeft(tool);
  });

  it('one of several runs of one tool does not take the others along', async () => {
    const [first, second] = await Promise.all([startTool('stay'), startTool('stay')]);
    await Promise.all([said(first, 'ready'), said(second, 'ready')]);
    first.process.kill('SIGKILL');
    await expectNothingLeft(first);
    expect(processesMentioning(second.temporary).length).toBeGreaterThan(4);
    second.process.kill('SIGTERM');
    await second.ended;
    await expectNothingLeft(second);
  });
});

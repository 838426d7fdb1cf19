import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { filesBelow, runTool, TOOL, temporaryFolder } from '../support/tool.ts';

const folder = temporaryFolder();
const server = `backend-stage-${process.pid}`;
const PATIENCE_MS = 20_000;

/** A real terminal, driven key by key. */
class Session {
  readonly #name: string;
  readonly cwd: string;

  constructor(name: string, args: string) {
    this.#name = name;
    this.cwd = join(folder, name);
    mkdirSync(this.cwd);
    const command = `env -u CI NO_COLOR=1 ${process.execPath} ${TOOL} ${args}; echo "exit code $?"; sleep 1000`;
    tmux('new-session', '-d', '-s', name, '-x', '120', '-y', '50', '-c', this.cwd, command);
  }

  async sees(text: string | RegExp): Promise<string> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = tmux('capture-pane', '-p', '-t', this.#name);
      if (typeof text === 'string' ? screen.includes(text) : text.test(screen)) return screen;
      if (performance.now() > until) throw new Error(`never saw ${String(text)}; the screen:\n${screen}`);
      await sleep(50);
    }
  }

  async press(...keys: string[]): Promise<void> {
    // A prompt throws away what was typed before it was drawn.
    await sleep(150);
    tmux('send-keys', '-t', this.#name, ...keys);
  }

  async answers(question: string, ...keys: string[]): Promise<void> {
    await this.sees(`? ${question}`);
    await this.press(...keys);
    await this.sees(`✔ ${question}`);
  }
}

function tmux(...args: string[]): string {
  return execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...args], { encoding: 'utf8' });
}

function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V']);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasTmux())('the conversation', () => {
  afterAll(() => {
    tmux('kill-server');
  });

  it('asks for the stage first and the earliest by default, then only what it needs, then writes what was reviewed', async () => {
    const session = new Session('stall', '--no-install --no-verify --no-git');
    const first = await session.sees('? Which stage do you need?');
    expect(first).toContain('❯ stall          there is nothing yet');
    expect(first).toContain('microservices');
    await session.answers('Which stage do you need?', 'Enter');
    await session.answers('Where shall the project be written?', 'Enter');
    await session.answers('What is the project called?', 'Enter');
    await session.answers('Which port does the front door listen on?', '4000', 'Enter');
    const review = await session.sees('❯ Write it');
    expect(review).toMatch(/stage +stall\n\s*directory +my-shop\n\s*name +my-shop\n\s*port +4000/);
    expect(review).not.toContain('pool max');
    expect(readdirSync(session.cwd)).toEqual([]);
    await session.press('Enter');
    const end = await session.sees('exit code 0');
    expect(end).toContain('my-shop --stage stall --port 4000');
    expect(manifest(session.cwd, 'my-shop').answers).toEqual({ stage: 'stall', name: 'my-shop', port: 4000 });
  });

  it('does not ask what flags gave, explains a bad answer, and lets every answer be changed in the review', async () => {
    const session = new Session('changes', 'shop --stage pool --port 5000 --no-install --no-verify --no-git');
    await session.answers('What is the project called?', 'Enter');
    await session.sees('? How many database connections');
    await session.press('many', 'Enter');
    await session.sees('not a whole number from 1 to 1000');
    await session.press('BSpace', 'BSpace', 'BSpace', 'BSpace', '999', 'Enter');
    expect(await session.sees('This cannot work')).not.toContain('❯ Write it');
    await session.press('Down', 'Down', 'Down', 'Down', 'Enter');
    await session.answers('How many database connections', '9', 'Enter');
    await session.sees('❯ Write it');
    await session.press('Down', 'Enter');
    await session.sees(/\? Which stage do you need[^✔]*❯ pool/);
    await session.press('Down', 'Enter');
    await session.answers('How many copies of the program run?', 'Enter');
    await session.answers('How does the balancer pick a copy?', 'Down', 'Enter');
    await session.sees('❯ Write it');
    await session.press('Enter');
    await session.sees('exit code 0');
    expect(manifest(session.cwd, 'shop').answers).toEqual({
      stage: 'balancer',
      name: 'shop',
      port: 5000,
      poolMax: 9,
      replicas: 3,
      strategy: 'least-connections',
    });
  });

  it('writes nothing after Ctrl-C, in any question', async () => {
    const session = new Session('ctrl-c', '--no-install');
    await session.answers('Which stage do you need?', 'Enter');
    await session.sees('? Where shall the project be written?');
    await session.press('C-c');
    expect(await session.sees('exit code 130')).toContain('cancelled');
    expect(readdirSync(session.cwd)).toEqual([]);
  });

  it('writes nothing when the review is cancelled', async () => {
    const session = new Session('cancel', 'shop --stage stall --name shop --port 3000 --no-install');
    await session.sees('❯ Write it');
    await session.press('Down', 'Down', 'Down', 'Down', 'Down', 'Enter');
    expect(await session.sees('exit code 130')).toContain('nothing was written');
    expect(existsSync(join(session.cwd, 'shop'))).toBe(false);
  });

  it('does not ask with --yes, and refuses a bad directory before it asks anything', async () => {
    const yes = new Session('yes', 'shop --yes --no-install');
    await yes.sees('exit code 2');
    const outside = new Session('outside', '../evil');
    expect(await outside.sees('exit code 2')).not.toContain('Which stage');
  });

  it('refuses an answer that the given stage has no use for before it asks anything', async () => {
    const session = new Session('foreign', '--stage stall --pool-max 3');
    const end = await session.sees('exit code');
    expect(end).toContain('✗ --pool-max has no meaning at the stall stage');
    expect(end).toContain('exit code 2');
  });

  it('tells what growing means and asks, and changes nothing on no or Ctrl-C', async () => {
    const made = runTool(['shop', '--stage', 'stall', '--no-install', '--no-verify', '--no-git'], {
      cwd: folder,
    });
    expect(made.exitCode).toBe(0);
    const shop = join(folder, 'shop');
    const files = () => filesBelow(shop).map(file => [file, statSync(join(shop, file)).mtimeMs]);
    const before = files();
    const grow = `grow ${shop} --no-install --no-verify`;
    const no = new Session('no', grow);
    const asked = await no.sees('? Grow to database?');
    expect(asked).toMatch(/src\/kit \d+ new[\s\S]*data outlives the process/);
    expect(asked).not.toContain('src/kit/database.ts');
    await no.press('Down', 'Down', 'Enter');
    await no.sees('new: src/kit/database.ts');
    await no.sees('? Grow to database?');
    await no.press('Down', 'Enter');
    expect(await no.sees('exit code 130')).toContain('nothing was changed');
    const interrupted = new Session('interrupted', grow);
    await interrupted.sees('? Grow to database?');
    await interrupted.press('C-c');
    await interrupted.sees('exit code 130');
    expect(files()).toEqual(before);
    const yes = new Session('agreed', grow);
    await yes.answers('Grow to database?', 'Enter');
    await yes.sees('exit code 0');
    expect(manifest(folder, 'shop').answers).toMatchObject({ stage: 'database' });
  });
});

function manifest(cwd: string, name: string): { answers: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(cwd, name, '.stage/manifest.json'), 'utf8'));
}

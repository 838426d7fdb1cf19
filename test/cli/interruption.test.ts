import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startTool, temporaryFolder } from '../support/tool.ts';

const folder = temporaryFolder();

/** A package manager that leaves a half-done node_modules and a child of its own, and never ends. */
const STUCK = `#!/bin/sh
mkdir -p node_modules/half-done
sleep 600 &
echo $! > "$PID_FILE"
echo installing
wait
`;
const FAILING = '#!/bin/sh\necho no network >&2\nexit 7\n';

describe('an interrupted create', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves nothing behind after %s while it installs',
    async signal => {
      const cwd = workFolder(signal);
      const pidFile = join(cwd, '..', `${signal}.pid`);
      const tool = startTool(['deep/shop', '--stage', 'stall'], {
        cwd,
        env: { ...packageManager(STUCK), PID_FILE: pidFile },
      });
      await tool.said('│ installing');
      tool.process.kill(signal);
      const { exitCode, stderr } = await tool.ended;
      expect(stderr).toContain('cancelled');
      expect(exitCode).toBe(130);
      expect(readdirSync(cwd)).toEqual([]);
      expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
    },
  );

  it('takes only its own out of a directory that was there before', async () => {
    const cwd = workFolder('forced');
    mkdirSync(join(cwd, 'shop/src'), { recursive: true });
    writeFileSync(join(cwd, 'shop/src/mine.ts'), 'mine');
    const env = { ...packageManager(STUCK), PID_FILE: join(cwd, '..', 'forced.pid') };
    const tool = startTool(['shop', '--stage', 'stall', '--force'], { cwd, env });
    await tool.said('│ installing');
    tool.process.kill('SIGINT');
    expect((await tool.ended).exitCode).toBe(130);
    expect(readdirSync(join(cwd, 'shop'), { recursive: true })).toEqual(['src', 'src/mine.ts']);
  });

  it('leaves all or nothing whenever the signal comes', async () => {
    for (let delay = 0; delay < 400; delay += 25) {
      const cwd = workFolder(`delay-${delay}`);
      const tool = startTool(['shop', '--stage', 'stall', '--no-install', '--no-git', '--no-verify'], {
        cwd,
      });
      await sleep(delay);
      tool.process.kill('SIGINT');
      const { exitCode } = await tool.ended;
      if (exitCode === 0)
        expect(existsSync(join(cwd, 'shop/.stage/manifest.json')), `after ${delay} ms`).toBe(true);
      else expect(readdirSync(cwd), `after ${delay} ms`).toEqual([]);
    }
  });
});

describe('an install that fails', () => {
  it('keeps the project, says what to run, and ends with 1', async () => {
    const cwd = workFolder('failing');
    const { exitCode, stdout, stderr } = await startTool(['shop', '--stage', 'stall', '--json'], {
      cwd,
      env: packageManager(FAILING),
    }).ended;
    expect(stderr).toContain('no network');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      installed: 'failed',
      verified: false,
      error: { code: 'install-failed', hint: expect.stringContaining('pnpm install') },
    });
    expect(existsSync(join(cwd, 'shop/package.json'))).toBe(true);
    expect(exitCode).toBe(1);
  });
});

function workFolder(name: string): string {
  const cwd = join(folder, name, 'work');
  mkdirSync(cwd, { recursive: true });
  return cwd;
}

/** Puts a program called pnpm on the PATH, and says that the tool was started by it. */
function packageManager(script: string): Record<string, string> {
  const bin = join(folder, `bin-${script.length}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'pnpm'), script);
  chmodSync(join(bin, 'pnpm'), 0o755);
  return { PATH: `${bin}:${process.env.PATH}`, npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v20' };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

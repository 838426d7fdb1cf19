import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { filesBelow, runTool, temporaryFolder } from '../support/tool.ts';

const FILES_ONLY = ['--no-install', '--no-git', '--no-verify'];
const folder = temporaryFolder();

describe('create', () => {
  it.each(STAGE_NAMES)('writes the %s stage in under a second, the same bytes each time', stage => {
    const once = createIn(`once-${stage}`, stage);
    const again = createIn(`again-${stage}`, stage);
    expect(once.planMs + once.writeMs).toBeLessThan(1000);
    const planned = Object.keys(manifestOf(once.directory).files);
    for (const path of [...planned, '.stage/manifest.json', '.stage/.gitattributes']) {
      expect(readFileSync(join(again.directory, path)), path).toEqual(
        readFileSync(join(once.directory, path)),
      );
    }
    expect(readdirSync(join(again.directory, '.stage/base'))).toEqual(
      readdirSync(join(once.directory, '.stage/base')),
    );
    expect(filesBelow(again.directory)).toEqual(filesBelow(once.directory));
    expect(readdirSync(join(folder, `once-${stage}`))).toEqual(['shop']);
  });

  it('records what it wrote, and nothing secret', () => {
    const { directory } = createIn('recorded', 'database');
    const manifest = manifestOf(directory);
    expect(manifest).toMatchObject({
      version: expect.any(String),
      stage: 'database',
      answers: { stage: 'database', name: 'shop' },
    });
    for (const [path, { mode }] of Object.entries(manifest.files)) {
      expect(statSync(join(directory, path)).mode & 0o777, path).toBe(Number.parseInt(mode, 8));
    }
    expect(
      Object.keys(manifest.files).filter(path => path === '.env' || path.startsWith('secrets/')),
    ).toEqual([]);
    const secrets = readdirSync(join(directory, 'secrets')).map(name =>
      readFileSync(join(directory, 'secrets', name), 'utf8'),
    );
    expect(secrets.length).toBeGreaterThan(0);
    for (const name of readdirSync(join(directory, '.stage/base'))) {
      const text = readFileSync(join(directory, '.stage/base', name), 'utf8');
      for (const secret of secrets) expect(text).not.toContain(secret.trim());
    }
  });

  it('prints one envelope with --json, and progress on stderr', () => {
    const { exitCode, stdout, stderr } = runTool(['json-shop', '--stage', 'stall', '--json', ...FILES_ONLY], {
      cwd: folder,
    });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      ok: true,
      command: 'create',
      directory: join(folder, 'json-shop'),
      stage: 'stall',
      verified: false,
      verification: { status: 'skipped' },
      nextSteps: expect.arrayContaining(['cd json-shop']),
    });
    expect(stderr).toContain('wrote');
    expect(stderr).toContain('not verified');
    expect(exitCode).toBe(0);
  });

  it('prints the next steps and the command that does it again', () => {
    const args = ['again-shop', '--stage', 'pool', '--pool-max', '7', ...FILES_ONLY];
    const { stdout } = runTool(args, {
      cwd: folder,
      env: { npm_config_user_agent: 'pnpm/10.1.0 npm/? node/v20' },
    });
    expect(stdout).toContain('cd again-shop');
    expect(stdout).toContain('curl http://localhost:3000/products');
    expect(stdout).toMatch(/pnpm dlx create-backend-stage@\S+ again-shop --stage pool --pool-max 7 --yes/);
  });

  it('says loudly that nothing was verified where dependencies are missing', () => {
    const { exitCode, stderr, stdout } = runTool(
      ['bare', '--stage', 'stall', '--no-install', '--no-git', '--json'],
      { cwd: folder },
    );
    expect(stderr).toContain('NOT VERIFIED');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      verified: false,
      verification: { status: 'not-verified' },
    });
    expect(exitCode).toBe(0);
  });

  it('makes missing parents', () => {
    expect(runTool(['deep/er/shop', '--stage', 'stall', ...FILES_ONLY], { cwd: folder }).exitCode).toBe(0);
    expect(existsSync(join(folder, 'deep/er/shop/package.json'))).toBe(true);
  });

  it('takes answers from a file, from stdin, and lets flags win', () => {
    writeFileSync(
      join(folder, 'answers.json'),
      JSON.stringify({ stage: 'balancer', replicas: 2, port: 4000 }),
    );
    const fromFile = answersOf(
      runTool(['a', '--config', 'answers.json', '--port', '5000', '--json', '--dry-run'], { cwd: folder }),
    );
    expect(fromFile).toMatchObject({ stage: 'balancer', replicas: 2, port: 5000, strategy: 'round-robin' });
    const input = JSON.stringify(fromFile);
    expect(answersOf(runTool(['a', '--config', '-', '--json', '--dry-run'], { cwd: folder, input }))).toEqual(
      fromFile,
    );
  });
});

describe('--dry-run', () => {
  it('lists every file with its size and writes nothing', () => {
    const before = readdirSync(folder);
    const { exitCode, stdout } = runTool(['dry', '--stage', 'stall', '--dry-run'], { cwd: folder });
    expect(stdout).toMatch(/kB {2}openapi\.yaml$/m);
    expect(stdout).toContain('nothing was written');
    expect(exitCode).toBe(0);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('predicts exactly what is written then', () => {
    const args = ['predicted', '--stage', 'stall', ...FILES_ONLY];
    const { files } = JSON.parse(runTool([...args, '--dry-run', '--json'], { cwd: folder }).stdout);
    runTool(args, { cwd: folder });
    for (const { path, bytes, mode } of files) {
      const { size, mode: real } = statSync(join(folder, 'predicted', path));
      expect([size, (real & 0o777).toString(8)], path).toEqual([bytes, mode]);
    }
  });
});

describe('a directory that exists', () => {
  it('is used if it is empty, or holds only a repository', () => {
    mkdirSync(join(folder, 'empty/.git'), { recursive: true });
    const inode = statSync(join(folder, 'empty')).ino;
    expect(runTool(['.', '--stage', 'stall', ...FILES_ONLY], { cwd: join(folder, 'empty') }).exitCode).toBe(
      0,
    );
    expect(existsSync(join(folder, 'empty/package.json'))).toBe(true);
    expect(statSync(join(folder, 'empty')).ino).toBe(inode);
    expect(readdirSync(join(folder, 'empty')).filter(name => name.startsWith('.empty'))).toEqual([]);
  });

  it('is refused if it is not empty, listing only the files that collide', () => {
    const directory = occupied('busy', { 'package.json': '{}', 'src/app.ts': 'mine', 'notes.txt': 'mine' });
    const { exitCode, stderr } = runTool(['busy', '--stage', 'stall', ...FILES_ONLY], { cwd: folder });
    expect(stderr).toContain('package.json, src/app.ts');
    expect(stderr).not.toContain('notes.txt');
    expect(exitCode).toBe(2);
    expect(filesBelow(directory)).toEqual(['notes.txt', 'package.json', 'src/app.ts']);
  });

  it('is refused without --force also where nothing collides', () => {
    const directory = occupied('friendly', { 'notes.txt': 'mine' });
    const { exitCode, stderr } = runTool(['friendly', '--stage', 'stall', ...FILES_ONLY], { cwd: folder });
    expect(stderr).toContain('--force');
    expect(exitCode).toBe(2);
    expect(filesBelow(directory)).toEqual(['notes.txt']);
  });

  it('takes a project with --force, next to what was there', () => {
    const model = createIn('model', 'stall').directory;
    const same = readFileSync(join(model, 'tsconfig.json'), 'utf8');
    const directory = occupied('forced', {
      'notes.txt': 'mine',
      'tsconfig.json': same,
      '.env': 'PORT=4321\n',
    });
    const { exitCode } = runTool(['forced', '--stage', 'stall', '--force', ...FILES_ONLY], { cwd: folder });
    expect(exitCode).toBe(0);
    expect(existsSync(join(directory, '.stage/manifest.json'))).toBe(true);
    expect(readFileSync(join(directory, 'notes.txt'), 'utf8')).toBe('mine');
    expect(readFileSync(join(directory, '.env'), 'utf8')).toBe('PORT=4321\n');
  });

  it('is refused with --force if a file differs, and left as it was', () => {
    const directory = occupied('differs', { 'notes.txt': 'mine', 'tsconfig.json': '{}' });
    const { exitCode, stderr } = runTool(['differs', '--stage', 'stall', '--force', ...FILES_ONLY], {
      cwd: folder,
    });
    expect(stderr).toContain('tsconfig.json');
    expect(stderr).not.toContain('notes.txt');
    expect(exitCode).toBe(2);
    expect(filesBelow(directory)).toEqual(['notes.txt', 'tsconfig.json']);
  });
});

function createIn(parent: string, stage: string): { directory: string; planMs: number; writeMs: number } {
  mkdirSync(join(folder, parent), { recursive: true });
  const { exitCode, stdout, stderr } = runTool(['shop', '--stage', stage, '--json', ...FILES_ONLY], {
    cwd: join(folder, parent),
  });
  expect(exitCode, stderr).toBe(0);
  return { directory: join(folder, parent, 'shop'), ...JSON.parse(stdout).timings };
}

function manifestOf(directory: string): { files: Record<string, { mode: string }> } {
  return JSON.parse(readFileSync(join(directory, '.stage/manifest.json'), 'utf8'));
}

function answersOf({ stdout }: { stdout: string }): Record<string, unknown> {
  return JSON.parse(stdout).answers;
}

function occupied(name: string, files: Record<string, string>): string {
  const directory = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

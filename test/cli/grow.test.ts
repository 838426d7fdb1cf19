import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMPOSE_UP } from '../../src/journey/start.ts';
import { commit } from '../../src/project/transaction/commit.ts';
import { Killed } from '../../src/project/transaction/disk.ts';
import { filesBelow, runTool, temporaryFolder } from '../support/tool.ts';

const QUIET = ['--no-install', '--no-verify'];
const folder = temporaryFolder();
let count = 0;

/** A stall with one commit, copied for each test. */
beforeAll(() => {
  const made = runTool(['stall', '--stage', 'stall', '--no-git', ...QUIET], { cwd: folder });
  if (made.exitCode !== 0) throw new Error(made.stderr);
  git('stall', 'init', '-q');
  commitAll('stall');
});

function git(name: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@shop.example'];
  return execFileSync('git', [...identity, ...args], { cwd: join(folder, name), encoding: 'utf8' });
}

function commitAll(name: string): void {
  git(name, 'add', '-A');
  git(name, 'commit', '-q', '-m', 'so far');
}

function newShop(): string {
  const name = `shop${count++}`;
  cpSync(join(folder, 'stall'), join(folder, name), { recursive: true });
  return name;
}

const path = (name: string, file: string) => join(folder, name, file);
const read = (name: string, file: string) => readFileSync(path(name, file), 'utf8');
const run = (...args: string[]) => runTool(args, { cwd: folder });
const json = (...args: string[]) => {
  const { exitCode, stdout, stderr } = run(...args, '--json');
  return { exitCode, stderr, body: JSON.parse(stdout) };
};
/** Every byte and every time of change below the project, git's own left out. */
const state = (name: string) =>
  filesBelow(join(folder, name)).map(file => {
    const { mtimeMs, mode } = statSync(path(name, file));
    return [file, mtimeMs, mode, read(name, file)];
  });

describe('grow', () => {
  it('takes an edited project to the next stage, and keeps the edit', () => {
    const shop = newShop();
    appendFileSync(path(shop, 'src/server.ts'), '// mine\n');
    commitAll(shop);
    const { exitCode, body } = json('grow', shop, ...QUIET);
    expect([exitCode, body.ok, body.from, body.to, body.conflicts]).toEqual([
      0,
      true,
      'stall',
      'database',
      0,
    ]);
    expect(body.counts.merged).toBe(1);
    expect(read(shop, 'src/server.ts')).toContain('openDatabase');
    expect(read(shop, 'src/server.ts')).toContain('// mine');
    expect(JSON.parse(read(shop, '.stage/manifest.json')).stage).toBe('database');
    expect(body.nextSteps.join(' ')).toContain('npm install');
  });

  it('tells first what the piece fixes, costs and leaves', () => {
    const shop = newShop();
    const dry = run('grow', shop, '--to', 'pool', '--dry-run');
    const { stderr } = run('grow', shop, '--to', 'pool', ...QUIET);
    expect(dry.stderr).toContain('  new: src/kit/database.ts\n');
    expect(stderr).not.toContain('src/kit/database.ts');
    expect(stderr).toMatch(/ src\/kit \d+ new, \d+ updated( ·|$)/m);
    expect(stderr.indexOf('src/kit')).toBeLessThan(stderr.indexOf('database adds'));
    for (const word of ['database adds', 'pool adds', 'fixes:', 'costs:', 'leaves:', 'With --pool-max 20;']) {
      expect(stderr).toContain(word);
    }
  });

  it('a second time to the same stage writes nothing', () => {
    const shop = newShop();
    expect(run('grow', shop, '--to', 'nginx', ...QUIET).exitCode).toBe(0);
    const before = state(shop);
    const { exitCode, body } = json('grow', shop, '--to', 'nginx', ...QUIET);
    expect([exitCode, body.changed]).toEqual([0, false]);
    expect(state(shop)).toEqual(before);
  });

  it('as a dry run writes nothing, and tells exactly what the run then does', () => {
    const shop = newShop();
    appendFileSync(path(shop, 'src/server.ts'), '// mine\n');
    commitAll(shop);
    const before = state(shop);
    const dry = json('grow', shop, '--to', 'balancer', '--dry-run');
    expect(state(shop)).toEqual(before);
    const real = json('grow', shop, '--to', 'balancer', ...QUIET);
    expect(real.body.files).toEqual(dry.body.files);
    expect([dry.exitCode, dry.body.dryRun]).toEqual([real.exitCode, true]);
  });

  it('gives the project that the stage generates afresh, where nothing was edited', () => {
    const shop = newShop();
    expect(run('grow', shop, '--to', 'microservices', ...QUIET).exitCode).toBe(0);
    const fresh = `fresh${count++}`;
    run(fresh, '--name', 'stall', '--stage', 'microservices', '--no-git', ...QUIET);
    const files = (name: string) =>
      filesBelow(join(folder, name)).filter(file => !/^(secrets|\.env$|\.stage\/undo)/.test(file));
    expect(files(shop)).toEqual(files(fresh));
    for (const file of files(fresh)) expect(read(shop, file), file).toBe(read(fresh, file));
  });

  it('takes answers for what the new stage asks, and lets the defaults follow the stage', () => {
    const shop = newShop();
    const { body } = json(
      'grow',
      shop,
      '--to',
      'nginx',
      '--domain',
      'shop.example',
      '--replicas',
      '2',
      ...QUIET,
    );
    expect(body.answers).toMatchObject({ domain: 'shop.example', replicas: 2, port: 8443 });
  });

  it('keeps what it wrote when the install fails, and says so', () => {
    const shop = newShop();
    const bin = path(shop, '../bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'npm'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH}` };
    const { exitCode, stdout } = runTool(['grow', shop, '--no-verify', '--json'], { cwd: folder, env });
    const body = JSON.parse(stdout);
    expect([exitCode, body.ok, body.installed]).toEqual([1, false, 'failed']);
    expect(body.nextSteps).toContain('npm install');
    expect(json('check', shop, '--strict').exitCode).toBe(0);
    expect(read(shop, '.stage/manifest.json')).toContain('"stage": "database"');
  });

  it('says what it means when the secrets cannot be made, and not that nothing was written', () => {
    const shop = newShop();
    appendFileSync(path(shop, 'scripts/setup.mjs'), '\nprocess.exit(3);\n');
    commitAll(shop);
    const { stderr } = run('grow', shop, ...QUIET);
    expect(stderr).toContain('! the secrets could not be made, and the project does not run without them; ');
  });

  it('completes .env, keeps what is in it, and undo takes that back', () => {
    const shop = newShop();
    appendFileSync(path(shop, '.env'), 'MINE=1\nSOME_PASSWORD=hidden\n');
    const before = read(shop, '.env');
    const dry = json('grow', shop, '--dry-run');
    expect(read(shop, '.env')).toBe(before);
    const { body, stderr } = json('grow', shop, ...QUIET);
    expect(body.env).toEqual(dry.body.env);
    expect(body.env.added).toContain('PGHOST');
    expect(stderr).toContain(`added to .env: ${body.env.added.join(', ')}`);
    expect(read(shop, '.env').startsWith(before)).toBe(true);
    expect(read(shop, '.env')).toContain(
      '# From the database stage, as in .env.example:\nPGHOST=127.0.0.1\n',
    );
    const example = read(shop, '.env.example').match(/^[A-Z_]+(?==)/gm);
    expect(read(shop, '.env').match(/^[A-Z_]+(?==)/gm)).toEqual(expect.arrayContaining(example ?? []));
    expect(json('undo', shop).exitCode).toBe(0);
    expect(read(shop, '.env')).toBe(before);
  });

  it('names what of .env the stage needs otherwise, and the services that it replaces', () => {
    const shop = newShop();
    expect(run('grow', shop, '--to', 'balancer', ...QUIET).exitCode).toBe(0);
    commitAll(shop);
    const dry = run('grow', shop, '--dry-run');
    const { body } = json('grow', shop, ...QUIET);
    expect(body.env.differing).toEqual([{ name: 'BASE_PATH', has: '', needs: '/api' }]);
    expect(body.replacedServices).toEqual(['haproxy']);
    for (const line of [
      '.env has BASE_PATH=, the stage needs BASE_PATH=/api',
      `no longer in compose.yaml: haproxy. ${COMPOSE_UP} takes its container away`,
    ]) {
      expect(dry.stdout).toContain(line);
      expect(body.nextSteps.join('\n')).toContain(line);
    }
    expect(read(shop, '.env')).toMatch(/^BASE_PATH=$/m);
    commitAll(shop);
    expect(json('grow', shop, ...QUIET).body.replacedServices).toEqual(['app', 'migrate']);
  });

  it('takes an edited .env for no edit that has to be committed, even where git would see it', () => {
    const shop = newShop();
    writeFileSync(path(shop, '.gitignore'), 'node_modules/\nsecrets/\n');
    git(shop, 'add', '-A');
    git(shop, 'commit', '-q', '-m', 'with .env');
    appendFileSync(path(shop, '.env'), 'MINE=1\n');
    expect(json('grow', shop, ...QUIET).exitCode).toBe(0);
    expect(read(shop, '.env')).toContain('MINE=1\n');
  });

  it('never waits for a .env that is a pipe, and says that it is left alone', () => {
    const shop = newShop();
    rmSync(path(shop, '.env'));
    execFileSync('mkfifo', [path(shop, '.env')]);
    const { exitCode, body } = json('grow', shop, ...QUIET);
    expect([exitCode, body.env.skipped]).toEqual([0, 'it is no ordinary file']);
    expect(body.nextSteps.join('\n')).toContain('.env is left alone, as it is no ordinary file');
    expect(statSync(path(shop, '.env')).isFIFO()).toBe(true);
  });

  it.each([
    ['a stage that lies behind', ['--to', 'stall'], 'undo'],
    ['an unknown stage', ['--to', 'castle'], 'microservices'],
    ['a flag that the stage has no use for', ['--to', 'pool', '--domain', 'x.example'], '--domain'],
    ['an unknown way with conflicts', ['--conflict', 'coin'], 'sidecar'],
    ['--continue where nothing was interrupted', ['--continue'], 'nothing was interrupted'],
    ['--abort where nothing was interrupted', ['--abort'], 'nothing was interrupted'],
  ])('refuses %s, and changes nothing', (_what, args, names) => {
    const shop = newShop();
    run('grow', shop, '--to', 'database', ...QUIET);
    const before = state(shop);
    const { exitCode, stderr } = run('grow', shop, ...args, ...QUIET);
    expect(stderr).toContain(names);
    expect([exitCode, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(state(shop)).toEqual(before);
  });

  it('refuses to split what its owner has deleted, and changes nothing', () => {
    const shop = newShop();
    for (const gone of ['src/orders', 'src/payments']) rmSync(path(shop, gone), { recursive: true });
    commitAll(shop);
    const before = state(shop);
    for (const more of [[], ['--dry-run']]) {
      const { exitCode, body } = json('grow', shop, '--to', 'microservices', ...more, ...QUIET);
      expect([exitCode, body.error.code, body.error.message]).toEqual([
        2,
        'usage',
        'there is nothing to split: src/orders and src/payments are gone',
      ]);
    }
    expect(state(shop)).toEqual(before);
    expect(run('regenerate', shop, ...QUIET).exitCode).toBe(0);
    expect(run('grow', shop, '--to', 'microservices', ...QUIET).exitCode).toBe(2);
    expect(json('grow', shop, '--to', 'nginx', '--allow-dirty', ...QUIET).body.to).toBe('nginx');
  });

  it('refuses to change a file whose edits are not committed, and takes an unrelated one for what it is', () => {
    const shop = newShop();
    writeFileSync(path(shop, 'notes.md'), 'mine\n');
    appendFileSync(path(shop, 'src/server.ts'), '// mine\n');
    const refused = json('grow', shop, ...QUIET);
    expect([refused.exitCode, refused.body.error.message]).toEqual([
      2,
      expect.stringContaining('src/server.ts'),
    ]);
    expect(refused.body.error.message).not.toContain('notes.md');
    expect(json('grow', shop, '--allow-dirty', ...QUIET).exitCode).toBe(0);
    expect(read(shop, 'src/server.ts')).toContain('// mine');
  });

  it('works the same in a folder of a larger repository, and without git', () => {
    mkdirSync(path('.', 'mono'), { recursive: true });
    cpSync(join(folder, 'stall'), path('mono', 'packages/shop'), { recursive: true });
    rmSync(path('mono', 'packages/shop/.git'), { recursive: true });
    const inside = 'mono/packages/shop';
    git('mono', 'init', '-q');
    commitAll('mono');
    appendFileSync(path(inside, 'src/server.ts'), '// mine\n');
    expect(json('grow', inside, ...QUIET).body.error.message).toContain('src/server.ts');
    rmSync(path('mono', '.git'), { recursive: true });
    expect(json('grow', inside, ...QUIET).exitCode).toBe(0);
  });

  it('works the same in a worktree', () => {
    const shop = newShop();
    const tree = `tree${count++}`;
    git(shop, 'worktree', 'add', '-q', '-b', 'other', path('.', tree));
    appendFileSync(path(tree, 'src/server.ts'), '// mine\n');
    expect(json('grow', tree, ...QUIET).body.error.message).toContain('src/server.ts');
    git(tree, 'commit', '-q', '-a', '-m', 'mine');
    expect(json('grow', tree, ...QUIET).exitCode).toBe(0);
    expect(read(shop, '.stage/manifest.json')).toContain('"stage": "stall"');
  });

  it('knows when two branches were changed and then merged by git', () => {
    const shop = newShop();
    git(shop, 'branch', '-M', 'main');
    const inBranch = (name: string, ...args: string[]) => {
      git(shop, 'checkout', '-q', '-b', name, 'main');
      expect(run(...args, ...QUIET).exitCode).toBe(0);
      commitAll(shop);
    };
    inBranch('grown', 'grow', shop);
    inBranch('grown-too', 'grow', shop);
    git(shop, 'merge', '-q', '--no-edit', 'grown');
    expect(json('check', shop, '--strict').exitCode).toBe(0);
    inBranch('other-port', 'regenerate', shop, '--port', '4000');
    expect(() => git(shop, 'merge', '-q', '--no-edit', 'grown')).toThrow();
    const before = state(shop);
    const refused = json('check', shop);
    expect([refused.exitCode, refused.body.error.code]).toEqual([1, 'corrupt']);
    expect(json('grow', shop, ...QUIET).exitCode).toBe(2);
    expect(state(shop)).toEqual(before);
  });

  it('brings together what git merged without a conflict, but what no single run has generated', () => {
    const shop = newShop();
    expect(run('grow', shop, ...QUIET).exitCode).toBe(0);
    commitAll(shop);
    git(shop, 'checkout', '-q', '-b', 'changed');
    const manifest = read(shop, '.stage/manifest.json');
    // As git leaves it where one branch has only changed an answer's line, and the other only the files' lines.
    writeFileSync(path(shop, '.stage/manifest.json'), manifest.replace('"port": 3000', '"port": 4000'));
    commitAll(shop);
    const { exitCode, body } = json('check', shop);
    expect([exitCode, body.outdated.length > 0, body.corrupt]).toEqual([1, true, []]);
    expect(run('regenerate', shop, ...QUIET).exitCode).toBe(0);
    expect(json('check', shop, '--strict').exitCode).toBe(0);
    expect(read(shop, '.env.example')).toContain('4000');
  });

  it('keeps every word of a file that a formatter has gone over', () => {
    const shop = newShop();
    const formatted = read(shop, 'src/server.ts')
      .replaceAll('  ', '\t')
      .replace('await run', '// mine\nawait run');
    writeFileSync(path(shop, 'src/server.ts'), formatted);
    commitAll(shop);
    const { body } = json('grow', shop, ...QUIET);
    const outcome = body.files.find((file: { path: string }) => file.path === 'src/server.ts');
    expect(['merged', 'conflict']).toContain(outcome.status);
    expect(read(shop, 'src/server.ts')).toContain('// mine');
    expect(read(shop, 'src/server.ts')).toContain('openDatabase');
  });

  it('leaves git’s index and history alone', () => {
    const shop = newShop();
    const before = [
      git(shop, 'rev-parse', 'HEAD'),
      readFileSync(path(shop, '.git/index')).toString('base64'),
    ];
    run('grow', shop, ...QUIET);
    expect([
      git(shop, 'rev-parse', 'HEAD'),
      readFileSync(path(shop, '.git/index')).toString('base64'),
    ]).toEqual(before);
  });
});

describe('a conflict', () => {
  const conflicted = () => {
    const shop = newShop();
    const text = read(shop, 'src/server.ts').replace('const health = {', 'const health = { mine: true,');
    writeFileSync(path(shop, 'src/server.ts'), text);
    commitAll(shop);
    return { shop, grown: json('grow', shop, '--no-install') };
  };

  it('ends with 1, is listed with what to do, and neither installs nor runs anything', () => {
    const { shop, grown } = conflicted();
    expect([grown.exitCode, grown.body.ok, grown.body.error.code]).toEqual([1, false, 'conflict']);
    expect(grown.body.conflicts).toBe(1);
    expect(grown.body.installed).toBe('skipped');
    expect(grown.body.nextSteps[0]).toContain('src/server.ts');
    const marked = filesBelow(join(folder, shop)).filter(
      file => !file.startsWith('.stage/') && /^<{7} /m.test(read(shop, file)),
    );
    expect(marked).toEqual(['src/server.ts']);
  });

  it('blocks the next run and fails check until it is settled; --continue then goes on', () => {
    const { shop } = conflicted();
    commitAll(shop);
    expect(json('check', shop).body.error.code).toBe('pending');
    expect(json('grow', shop, ...QUIET).exitCode).toBe(2);
    expect(json('grow', shop, '--continue', ...QUIET).exitCode).toBe(1);
    const settled = read(shop, 'src/server.ts').replace(
      /^<{7} .*\n[\s\S]*?^={7}\n([\s\S]*?)^>{7} .*\n/gm,
      '$1',
    );
    writeFileSync(path(shop, 'src/server.ts'), settled);
    expect(json('grow', shop, '--continue', ...QUIET).exitCode).toBe(0);
    expect(existsSync(path(shop, '.stage/pending.json'))).toBe(false);
    expect(json('check', shop).exitCode).toBe(0);
  });
});

describe('regenerate', () => {
  it('changes an answer and keeps the edits', () => {
    const shop = newShop();
    appendFileSync(path(shop, 'README.md'), '\nMine.\n');
    commitAll(shop);
    const { exitCode, body } = json('regenerate', shop, '--port', '4000', ...QUIET);
    expect([exitCode, body.answers.port]).toEqual([0, 4000]);
    expect(read(shop, '.env.example')).toContain('PORT=4000');
    expect(read(shop, 'README.md')).toContain('\nMine.\n');
  });

  it('without a change writes nothing', () => {
    const shop = newShop();
    const before = state(shop);
    expect(json('regenerate', shop, ...QUIET).body.changed).toBe(false);
    expect(state(shop)).toEqual(before);
  });
});

describe('undo', () => {
  it('restores every byte and mode', () => {
    const shop = newShop();
    const before = state(shop).map(([file, , mode, text]) => [file, mode, text]);
    run('grow', shop, '--to', 'microservices', ...QUIET);
    const { exitCode } = json('undo', shop);
    const after = state(shop).map(([file, , mode, text]) => [file, mode, text]);
    const secrets = ([file]: readonly unknown[]) => !String(file).startsWith('secrets/');
    expect(exitCode).toBe(0);
    expect(after.filter(secrets)).toEqual(before.filter(secrets));
  });

  it('refuses where there is nothing to take back, or a file was edited since', () => {
    const shop = newShop();
    expect(json('undo', shop).exitCode).toBe(2);
    run('grow', shop, ...QUIET);
    appendFileSync(path(shop, 'src/migrate.ts'), '// mine\n');
    const refused = json('undo', shop);
    expect([refused.exitCode, refused.body.error.message]).toEqual([
      2,
      expect.stringContaining('src/migrate.ts'),
    ]);
    const undone = json('undo', shop, '--allow-dirty');
    expect(undone.exitCode).toBe(0);
    expect(read(shop, undone.body.saved[0])).toContain('// mine');
  });
});

describe('a run that was killed', () => {
  const interrupted = async () => {
    const shop = newShop();
    const bytes = Buffer.from(read(shop, 'README.md'));
    let steps = 0;
    const { createHash } = await import('node:crypto');
    const expected = {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      mode: statSync(path(shop, 'README.md')).mode & 0o777,
    };
    const writes = [
      { path: 'first.txt', content: Buffer.from('first\n'), expected: undefined },
      { path: 'README.md', content: Buffer.from('new\n'), expected },
    ];
    const hooks = {
      checkpoint: () => {
        if (existsSync(path(shop, 'first.txt')) && steps++ > 0) throw new Killed();
      },
    };
    await commit(join(folder, shop), { command: 'grow', writes, alsoKept: [], summary: {} }, hooks).catch(
      () => {},
    );
    expect(existsSync(path(shop, '.stage/tx/journal.json'))).toBe(true);
    return { shop, before: bytes.toString() };
  };

  it('is told by every command, and completed by --continue', async () => {
    const { shop } = await interrupted();
    expect(json('check', shop).body.error.code).toBe('pending');
    for (const command of ['grow', 'regenerate', 'undo']) {
      const { exitCode, stderr } = run(command, shop);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--continue')]);
    }
    expect(json('grow', shop, '--continue', ...QUIET).exitCode).toBe(0);
    expect([read(shop, 'first.txt'), read(shop, 'README.md')]).toEqual(['first\n', 'new\n']);
  });

  it('is taken back by --abort', async () => {
    const { shop, before } = await interrupted();
    expect(json('grow', shop, '--abort').exitCode).toBe(0);
    expect([existsSync(path(shop, 'first.txt')), read(shop, 'README.md')]).toEqual([false, before]);
    expect(json('check', shop).exitCode).toBe(0);
  });
});

describe('check', () => {
  it('tells each kind of difference apart', () => {
    const shop = newShop();
    expect(json('check', shop).exitCode).toBe(0);
    appendFileSync(path(shop, 'README.md'), 'mine\n');
    const edited = json('check', shop);
    expect([edited.exitCode, edited.body.edited]).toEqual([0, [{ path: 'README.md' }]]);
    expect(json('check', shop, '--strict').body.error.code).toBe('edited');
    rmSync(path(shop, 'src/app.ts'));
    expect(json('check', shop).body.error.code).toBe('missing');
    const manifest = read(shop, '.stage/manifest.json');
    writeFileSync(path(shop, '.stage/manifest.json'), manifest.replace('"port": 3000', '"port": 3001'));
    expect(json('check', shop).body.outdated).toContainEqual({ path: '.env.example' });
    writeFileSync(path(shop, '.stage/manifest.json'), `<<<<<<< HEAD\n${manifest}`);
    const corrupt = json('check', shop);
    expect([corrupt.exitCode, corrupt.body.error.code]).toEqual([1, 'corrupt']);
    expect(json('grow', shop, ...QUIET).exitCode).toBe(2);
  });

  it('says once how what was deleted on purpose is recorded, and then is content', () => {
    const shop = newShop();
    for (const gone of ['src/payments', 'src/orders']) rmSync(path(shop, gone), { recursive: true });
    const { exitCode, stdout } = run('check', shop);
    const hint = 'deleted on purpose? create-backend-stage regenerate records it';
    expect([exitCode, stdout.split(hint).length]).toEqual([1, 2]);
    expect(json('check', shop).body.error.hint).toBe(hint);
    expect(run('regenerate', shop, ...QUIET).exitCode).toBe(0);
    expect(run('check', shop)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('deleted') });
  });

  it('follows what its owner has renamed, as growing does', () => {
    const shop = newShop();
    renameSync(path(shop, 'src/orders'), path(shop, 'src/purchases'));
    renameSync(path(shop, 'src/app.ts'), path(shop, 'src/main.ts'));
    appendFileSync(path(shop, 'src/main.ts'), '// mine\n');
    const { exitCode, body } = json('check', shop);
    expect([exitCode, body.missing]).toEqual([0, []]);
    expect(body.moved).toContainEqual({ from: 'src/app.ts', to: 'src/main.ts' });
    expect(body.moved).toContainEqual({ from: 'src/orders/store.ts', to: 'src/purchases/store.ts' });
    expect(body.edited).toEqual([{ path: 'src/main.ts' }]);
    expect(run('check', shop).stdout).toMatch(/^moved {5}src\/app\.ts {2}moved to src\/main\.ts$/m);
    expect(json('check', shop, '--strict').body.error.code).toBe('moved');
    commitAll(shop);
    expect(run('regenerate', shop, ...QUIET).exitCode).toBe(0);
    expect(json('check', shop).body.moved).toEqual([]);
    renameSync(path(shop, 'src/main.ts'), path(shop, 'src/core.ts'));
    expect(json('check', shop).body.moved).toEqual([{ from: 'src/main.ts', to: 'src/core.ts' }]);
  });

  it('finds a record that is damaged', () => {
    const shop = newShop();
    const [record = ''] = filesBelow(path(shop, '.stage/base'));
    writeFileSync(path(shop, `.stage/base/${record}`), 'damaged');
    expect(json('check', shop).body.error.code).toBe('corrupt');
  });

  it('takes no notice of files that are the owner’s own', () => {
    const shop = newShop();
    writeFileSync(path(shop, 'src/mine.ts'), 'export {};\n');
    expect(json('check', shop, '--strict').exitCode).toBe(0);
  });
});

describe('diff', () => {
  it('shows the edits since, as a patch', () => {
    const shop = newShop();
    expect(run('diff', shop)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    appendFileSync(path(shop, 'README.md'), 'mine\n');
    rmSync(path(shop, 'src/app.ts'));
    const { exitCode, stdout } = run('diff', shop);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('--- a/README.md\n+++ b/README.md\n@@');
    expect(stdout).toContain('\n+mine');
    expect(stdout).toContain('--- a/src/app.ts\n+++ /dev/null');
  });

  it('gives a patch that takes the edits back', () => {
    const shop = newShop();
    const before = read(shop, 'src/server.ts');
    writeFileSync(path(shop, 'src/server.ts'), before.replace('await run', '// mine\nawait run'));
    const { stdout } = run('diff', shop);
    execFileSync('git', ['apply', '-R'], { cwd: join(folder, shop), input: `${stdout}` });
    expect(read(shop, 'src/server.ts')).toBe(before);
  });

  it('--upstream shows what regenerate would bring, and nothing of the edits', () => {
    const shop = newShop();
    appendFileSync(path(shop, 'README.md'), 'mine\n');
    expect(run('diff', shop, '--upstream').exitCode).toBe(0);
  });
});

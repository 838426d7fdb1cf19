import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commit } from '../../../src/project/transaction/commit.ts';
import { Killed } from '../../../src/project/transaction/disk.ts';
import { continueRun } from '../../../src/project/transaction/recover.ts';
import { undoLast } from '../../../src/project/transaction/undo.ts';
import { ChangedProject } from '../../support/changed-project.ts';
import { filesBelow, temporaryFolder } from '../../support/tool.ts';

const EXAMPLE = '# Where it listens.\nPORT=3000\nBASE_PATH=\nDB_PASSWORD=old\n';
const NOW = `${EXAMPLE.replace('BASE_PATH=', 'BASE_PATH=/api').replace('=old', '=new')}\n# The database.\nDB_HOST=localhost # here\nDB_TEXT="a\nb"\n`;
const STAGES = [
  { stage: 'first', bytes: Buffer.from(EXAMPLE) },
  { stage: 'second', bytes: Buffer.from(`${EXAMPLE}DB_HOST=\n`) },
  { stage: 'third', bytes: Buffer.from(NOW) },
];

const folder = temporaryFolder();
let count = 0;

function project(env?: string | Buffer): ChangedProject {
  const made = new ChangedProject(join(folder, String(count++)), { '.env.example': EXAMPLE });
  if (env !== undefined) made.write('.env', env);
  return made;
}

const grown = (shop: ChangedProject, now: string | undefined = NOW) =>
  shop.grow({ '.env.example': now }, { generatedAt: async () => STAGES });
const at = (shop: ChangedProject) => join(shop.directory, '.env');

describe('.env', () => {
  it('gets the names that it lacks, below a comment with their stage, and keeps every byte and its mode', async () => {
    const mine = '# mine\nPORT=4000\nDB_PASSWORD=mine\nBASE_PATH=/mine\n';
    const shop = project(mine);
    chmodSync(at(shop), 0o600);
    const { env } = await grown(shop);
    expect(env).toEqual({ added: ['DB_HOST', 'DB_TEXT'], differing: [] });
    expect(shop.read('.env')).toBe(
      `${mine}\n# From the second stage, as in .env.example:\nDB_HOST=localhost # here\n\n` +
        `# From the third stage, as in .env.example:\nDB_TEXT="a\nb"\n`,
    );
    expect(statSync(at(shop)).mode & 0o777).toBe(0o600);
  });

  it('is complete afterwards: a second run adds nothing', async () => {
    const shop = project('PORT=1\nBASE_PATH=\nDB_PASSWORD=mine\n');
    await grown(shop);
    const before = shop.read('.env');
    expect((await grown(shop)).env.added).toEqual([]);
    expect(shop.read('.env')).toBe(before);
  });

  it('keeps its line endings, its byte order mark and a last line without an end', async () => {
    const mine = Buffer.from('\uFEFFPORT=1\r\nBASE_PATH=/x\r\nDB_PASSWORD=x\r\nDB_HOST=x');
    const shop = project(mine);
    expect((await grown(shop)).env.added).toEqual(['DB_TEXT']);
    const after = readFileSync(at(shop));
    expect(after.subarray(0, mine.length).equals(mine)).toBe(true);
    expect(after.subarray(mine.length).toString()).toMatch(/^\r\n\r\n# From [^\n]*\r\nDB_TEXT="a\r\nb"\r\n$/);
  });

  it('takes a name that is commented out, exported or quoted for one that is there', async () => {
    const shop = project('export DB_HOST=x\n# DB_TEXT=off\nPORT = "1"\nBASE_PATH=/x\nDB_PASSWORD=x\n');
    expect((await grown(shop)).env.added).toEqual([]);
  });

  it('is not taken to have a name that only stands inside a value of several lines', async () => {
    const shop = project('PORT="1\nDB_HOST=no\n"\nBASE_PATH=/x\nDB_PASSWORD=x\nDB_TEXT=x\n');
    expect((await grown(shop)).env.added).toEqual(['DB_HOST']);
  });

  it('is not changed where a value differs: it is named, and a secret’s value is not', async () => {
    const mine = 'PORT=3000\nBASE_PATH=\nDB_PASSWORD=old\nDB_HOST=x\nDB_TEXT=x\n';
    const shop = project(mine);
    const { env } = await grown(shop);
    expect(env).toEqual({
      added: [],
      differing: [{ name: 'BASE_PATH', has: '', needs: '/api' }, { name: 'DB_PASSWORD' }],
    });
    expect(shop.read('.env')).toBe(mine);
  });

  it('gets what its owner has put into .env.example, too', async () => {
    const shop = project('PORT=1\nBASE_PATH=/x\nDB_PASSWORD=x\nDB_HOST=x\nDB_TEXT=x\n');
    shop.write('.env.example', `${EXAMPLE}MINE=1\n`);
    expect((await grown(shop)).env.added).toEqual(['MINE']);
    expect(shop.read('.env')).toContain('# From .env.example:\nMINE=1\n');
  });

  it('gets only what is new where its owner does without .env.example', async () => {
    const shop = project('DB_PASSWORD=x\n');
    shop.remove('.env.example');
    expect((await grown(shop)).env.added).toEqual(['DB_HOST', 'DB_TEXT']);
  });

  it('is not made where there is none', async () => {
    const shop = project();
    expect((await grown(shop)).env).toEqual({ added: [], differing: [] });
    expect(shop.has('.env')).toBe(false);
  });

  it.each<[string, string, (path: string) => void]>([
    ['a link', 'it is a symbolic link', path => symlinkSync('elsewhere', path)],
    ['a pipe', 'it is no ordinary file', path => execFileSync('mkfifo', [path])],
    ['too large', 'it is larger than 1 MB', path => writeFileSync(path, '#'.repeat(1_000_001))],
    ['no text', 'it is not UTF-8 text', path => writeFileSync(path, 'A=1\n', 'utf16le')],
  ])('is left alone, and that is said, where it is %s', async (_what, why, make) => {
    const shop = project();
    make(at(shop));
    const before = lstatSync(at(shop));
    expect((await grown(shop)).env).toEqual({ added: [], differing: [], skipped: why });
    const after = lstatSync(at(shop));
    expect([after.ino, after.mtimeMs, after.mode]).toEqual([before.ino, before.mtimeMs, before.mode]);
    expect((await grown(shop)).env, 'nothing to be done, so nothing is said').toEqual({
      added: [],
      differing: [],
    });
  });

  it('is left alone where it is read-only, and what it lacks is named', async () => {
    const shop = project('PORT=1\n');
    chmodSync(at(shop), 0o444);
    const { env } = await grown(shop);
    expect(env.skipped).toBe('it is read-only');
    expect(env.lacks).toEqual(['BASE_PATH', 'DB_PASSWORD', 'DB_HOST', 'DB_TEXT']);
    expect(shop.read('.env')).toBe('PORT=1\n');
  });

  it('is as before when the run is taken back; edited since, it stays, and no copy of it comes to lie where git sees it', async () => {
    const mine = 'PORT=1\nBASE_PATH=/x\nDB_PASSWORD=hidden\n';
    const taken = project(mine);
    await grown(taken);
    expect((await undoLast(taken.directory)).left).toEqual([]);
    expect(taken.read('.env')).toBe(mine);
    const edited = project(mine);
    await grown(edited);
    edited.edit('.env', 'PORT=1', 'PORT=2');
    const now = edited.read('.env');
    expect(await undoLast(edited.directory)).toMatchObject({ left: ['.env'], saved: [] });
    expect(edited.read('.env')).toBe(now);
    expect(edited.read('.env.example')).toBe(EXAMPLE);
    expect(filesBelow(edited.directory).filter(path => !path.startsWith('.stage/'))).toEqual([
      '.env',
      '.env.example',
    ]);
  });

  it('stays as its owner has it who edits it while a run is interrupted', async () => {
    const shop = project('PORT=1\nBASE_PATH=/x\nDB_PASSWORD=hidden\n');
    const { writes } = await shop.plan({ '.env.example': NOW }, { generatedAt: async () => STAGES });
    const checkpoint = (name: string) => {
      if (name === 'before rename to .env') throw new Killed();
    };
    const change = { command: 'grow' as const, writes, alsoKept: [], summary: {} };
    await expect(commit(shop.directory, change, { checkpoint })).rejects.toThrow(Killed);
    shop.write('.env', 'PORT=2\n');
    expect((await continueRun(shop.directory))?.saved).toEqual([]);
    expect([shop.read('.env'), shop.read('.env.example')]).toEqual(['PORT=2\n', NOW]);
    expect(filesBelow(shop.directory).filter(path => path.includes('interrupted'))).toEqual([]);
  });
});

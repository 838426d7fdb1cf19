import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openConflicts } from '../../../src/project/change/pending.ts';
import { readManifest } from '../../../src/project/manifest.ts';
import { ChangedProject, type Files, statusOf } from '../../support/changed-project.ts';
import { filesBelow, temporaryFolder } from '../../support/tool.ts';

const lines = (...all: string[]) => `${all.join('\n')}\n`;
const SERVER = lines('one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight');
const GENERATED: Files = {
  'src/server.ts': SERVER,
  'src/app.ts': lines("import './server.ts';", 'app', 'more', 'of', 'it'),
  'README.md': lines('# Shop', '', 'text'),
  '.gitignore': lines('node_modules/', 'dist/'),
  'scripts/dev.sh': lines('#!/bin/sh', 'echo dev'),
};

const folder = temporaryFolder();
let count = 0;
const project = (files: Files = GENERATED) => new ChangedProject(join(folder, String(count++)), files);

describe('a file that its owner left as it was', () => {
  it('is replaced, and only then listed as updated', async () => {
    const shop = project();
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(statusOf(change, 'src/server.ts')).toBe('updated');
    expect(statusOf(change, 'README.md')).toBe('unchanged');
    expect(shop.read('src/server.ts')).toContain('TWO');
  });

  it('goes with its empty folder when it is no longer generated; a folder with files of the owner stays', async () => {
    const shop = project({ ...GENERATED, 'old/a.ts': 'a\n', 'kept/b.ts': 'b\n' });
    shop.write('kept/mine.ts', 'mine\n');
    const change = await shop.grow({ 'old/a.ts': undefined, 'kept/b.ts': undefined });
    expect(statusOf(change, 'old/a.ts')).toBe('removed');
    expect([shop.has('old'), shop.has('kept/b.ts'), shop.has('kept/mine.ts')]).toEqual([false, false, true]);
  });

  it('becomes executable when it is generated so, and the owner’s own bits stay', async () => {
    const shop = project({ 'run.sh': 'echo\n', 'mine.sh': 'echo\n' });
    chmodSync(join(shop.directory, 'mine.sh'), 0o755);
    await shop.grow({ 'run.sh': '#!/bin/sh\necho\n', 'mine.sh': 'echo 2\n' });
    const mode = (path: string) => statSync(join(shop.directory, path)).mode & 0o777;
    expect([mode('run.sh'), mode('mine.sh')]).toEqual([0o755, 0o755]);
  });
});

describe('a file that its owner edited', () => {
  it('stays as it is, byte for byte, where nothing new is generated', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    const change = await shop.grow({ 'README.md': 'new\n' });
    expect(statusOf(change, 'src/server.ts')).toBe('yours');
    expect(shop.read('src/server.ts')).toBe(SERVER.replace('two', 'mine'));
  });

  it('gets both sides’ changes', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('seven', 'SEVEN') });
    expect(statusOf(change, 'src/server.ts')).toBe('merged');
    expect(shop.read('src/server.ts')).toBe(SERVER.replace('two', 'mine').replace('seven', 'SEVEN'));
    expect(change.files.some(({ status }) => status === 'conflict')).toBe(false);
  });

  it('gets markers with all three sides where both changed the same line, and is pending until they are gone', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(statusOf(change, 'src/server.ts')).toBe('conflict');
    expect(shop.read('src/server.ts')).toContain(
      lines(
        '<<<<<<< yours',
        'mine',
        '||||||| generated before (stall, 0.1.0)',
        'two',
        '=======',
        'TWO',
        '>>>>>>> generated now (database, 0.2.0)',
      ),
    );
    expect((await openConflicts(shop.directory)).map(file => file.path)).toEqual(['src/server.ts']);
    shop.write('src/server.ts', SERVER.replace('two', 'both'));
    expect(await openConflicts(shop.directory)).toEqual([]);
    // The baseline is what was generated, not what its owner made of it: the next merge starts from there.
    const next = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO').replace('eight', 'EIGHT') });
    expect(statusOf(next, 'src/server.ts')).toBe('merged');
    expect(shop.read('src/server.ts')).toBe(SERVER.replace('two', 'both').replace('eight', 'EIGHT'));
    expect(shop.has('.stage/pending.json')).toBe(false);
  });

  it('is no conflict where the owner’s edit is what is generated now', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'TWO');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(statusOf(change, 'src/server.ts')).toBe('yours');
  });

  it('is its owner’s where it is no longer generated', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    const change = await shop.grow({ 'src/server.ts': undefined });
    expect(statusOf(change, 'src/server.ts')).toBe('kept');
    expect(shop.read('src/server.ts')).toContain('mine');
  });

  it('keeps its line endings, its byte order mark and its missing last newline', async () => {
    const shop = project();
    const mine = `\uFEFF${SERVER.replace('two', 'mine').trimEnd().replaceAll('\n', '\r\n')}`;
    shop.write('src/server.ts', mine);
    await shop.grow({ 'src/server.ts': SERVER.replace('five', 'FIVE') });
    expect(shop.read('src/server.ts')).toBe(mine.replace('five', 'FIVE'));
  });

  it('keeps bytes that are no text, with the new ones beside', async () => {
    const shop = project({ 'logo.png': Buffer.from([1, 0, 2]) });
    shop.write('logo.png', Buffer.from([9, 0, 9]));
    const change = await shop.grow({ 'logo.png': Buffer.from([3, 0, 4]) });
    expect(statusOf(change, 'logo.png')).toBe('conflict');
    expect([...Buffer.from(shop.read('logo.png'))]).toEqual([9, 0, 9]);
    expect([...Buffer.from(shop.read('logo.png.stage-new'))]).toEqual([3, 0, 4]);
    shop.remove('logo.png.stage-new');
    expect(await openConflicts(shop.directory)).toEqual([]);
  });
});

describe('a conflict, as it was asked for', () => {
  const conflict = async (mode: 'sidecar' | 'ours' | 'theirs') => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    shop.edit('src/server.ts', 'eight', 'mine too');
    const generated = SERVER.replace('two', 'TWO').replace('five', 'FIVE');
    const change = await shop.grow({ 'src/server.ts': generated }, { mode });
    return { shop, change, generated };
  };

  it('sidecar: the file stays, the generated one lies beside it', async () => {
    const { shop, change, generated } = await conflict('sidecar');
    expect(change.files.find(file => file.status === 'conflict')?.sidecar).toBe('src/server.ts.stage-new');
    expect(shop.read('src/server.ts')).toBe(SERVER.replace('two', 'mine').replace('eight', 'mine too'));
    expect(shop.read('src/server.ts.stage-new')).toBe(generated);
  });

  it('ours: settled for the owner, and the rest is merged', async () => {
    const { shop, change } = await conflict('ours');
    expect(statusOf(change, 'src/server.ts')).toBe('merged');
    expect(change.files.find(file => file.status === 'merged')?.notes?.[0]).toContain('settled for you');
    expect(await openConflicts(shop.directory)).toEqual([]);
    const merged = SERVER.replace('two', 'mine').replace('five', 'FIVE').replace('eight', 'mine too');
    expect(shop.read('src/server.ts')).toBe(merged);
    expect(shop.has('src/server.ts.stage-new')).toBe(false);
  });

  it('theirs: settled for the generator, and the owner’s file lies beside it', async () => {
    const { shop, change } = await conflict('theirs');
    expect(change.files.find(file => file.status === 'merged')?.sidecar).toBe('src/server.ts.stage-yours');
    const merged = SERVER.replace('two', 'TWO').replace('five', 'FIVE').replace('eight', 'mine too');
    expect(shop.read('src/server.ts')).toBe(merged);
    const mine = SERVER.replace('two', 'mine').replace('eight', 'mine too');
    expect(shop.read('src/server.ts.stage-yours')).toBe(mine);
  });
});

describe('a file that was not generated before', () => {
  it('is added', async () => {
    const shop = project();
    expect(statusOf(await shop.grow({ 'src/new.ts': 'new\n' }), 'src/new.ts')).toBe('added');
  });

  it('is taken over where the owner has the very same', async () => {
    const shop = project();
    shop.write('src/new.ts', 'new\n');
    expect(statusOf(await shop.grow({ 'src/new.ts': 'new\n' }), 'src/new.ts')).toBe('yours');
  });

  it('is a conflict where the owner has another', async () => {
    const shop = project();
    shop.write('src/new.ts', 'mine\n');
    const change = await shop.grow({ 'src/new.ts': 'new\n' });
    expect(statusOf(change, 'src/new.ts')).toBe('conflict');
    expect(shop.read('src/new.ts')).toContain('mine');
    expect(shop.read('src/new.ts')).toContain('new');
  });

  it('goes beside a folder or a link that is in its place, and nothing is written through it', async () => {
    const shop = project();
    const outside = join(folder, 'outside');
    mkdirSync(outside, { recursive: true });
    mkdirSync(join(shop.directory, 'src/new.ts'));
    symlinkSync(outside, join(shop.directory, 'linked'));
    symlinkSync(join(outside, 'target'), join(shop.directory, 'link.ts'));
    const now = { 'src/new.ts': 'new\n', 'linked/in.ts': 'new\n', 'link.ts': 'new\n' };
    const change = await shop.grow(now);
    for (const path of Object.keys(now)) expect(statusOf(change, path)).toBe('conflict');
    const sidecars = change.files.flatMap(({ sidecar }) => (sidecar === undefined ? [] : [sidecar]));
    expect(sidecars.map(path => shop.read(path))).toEqual(['new\n', 'new\n', 'new\n']);
    expect(filesBelow(outside)).toEqual([]);
  });
});

describe('a file that its owner deleted', () => {
  it('stays away, also when another is generated, and that is remembered', async () => {
    const shop = project();
    shop.remove('README.md');
    const change = await shop.grow({ 'README.md': 'another\n' });
    expect(statusOf(change, 'README.md')).toBe('deleted-by-you');
    expect(shop.has('README.md')).toBe(false);
    expect((await readManifest(shop.directory)).files['README.md']?.deleted).toBe(true);
  });

  it('is told where what is generated now needs it', async () => {
    const shop = project({ 'src/kit/log.ts': 'log\n', 'src/app.ts': 'app\n' });
    shop.remove('src/kit/log.ts');
    const change = await shop.grow({ 'src/app.ts': "import { log } from './kit/log.ts';\n" });
    expect(statusOf(change, 'src/kit/log.ts')).toBe('conflict');
    expect(shop.read('src/kit/log.ts.stage-new')).toBe('log\n');
  });
});

describe('a file that its owner moved', () => {
  it('is found by its bytes, and gets what is new', async () => {
    const shop = project();
    shop.move('src/server.ts', 'src/http/server.ts');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(shop.read('src/http/server.ts')).toContain('TWO');
    expect(shop.has('src/server.ts')).toBe(false);
    expect(statusOf(change, 'src/http/server.ts')).toBe('updated');
    expect((await readManifest(shop.directory)).files['src/server.ts']?.movedTo).toBe('src/http/server.ts');
    const again = await shop.grow({ 'src/server.ts': SERVER.replace('six', 'SIX') });
    expect(shop.read('src/http/server.ts')).toContain('SIX');
    expect(statusOf(again, 'src/http/server.ts')).toBe('updated');
  });

  it('is found by its lines where it was edited as well', async () => {
    const shop = project();
    shop.move('src/server.ts', 'src/main.ts');
    shop.edit('src/main.ts', 'eight', 'mine');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(shop.read('src/main.ts')).toBe(SERVER.replace('two', 'TWO').replace('eight', 'mine'));
    expect(statusOf(change, 'src/main.ts')).toBe('merged');
  });

  it('is found where only the case of its name changed', async () => {
    const shop = project();
    shop.move('src/server.ts', 'src/Server.ts');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(statusOf(change, 'src/Server.ts')).toBe('updated');
    expect(readdirSync(join(shop.directory, 'src')).sort()).toEqual(['Server.ts', 'app.ts']);
  });

  it('with its whole folder: a new one comes to the old place, and is told where the others are', async () => {
    const shop = project();
    shop.move('src', 'app');
    const database = lines('pool', 'query', 'transaction', 'close', 'types');
    const change = await shop.grow({
      'src/server.ts': SERVER.replace('two', 'TWO'),
      'src/db.ts': database,
      'src/orders/store.ts': 'orders\n',
    });
    expect(shop.read('app/server.ts')).toContain('TWO');
    for (const path of ['src/db.ts', 'src/orders/store.ts']) {
      const outcome = change.files.find(file => file.path === path);
      expect(outcome).toMatchObject({ status: 'added', notes: [expect.stringContaining('src to app')] });
    }
    shop.move('src/db.ts', 'app/db.ts');
    const again = await shop.grow({ 'src/db.ts': database.replace('close', 'end') });
    expect(statusOf(again, 'app/db.ts')).toBe('updated');
  });

  it('alone: nothing is said of its folder', async () => {
    const shop = project();
    shop.move('src/server.ts', 'http/server.ts');
    const change = await shop.grow({ 'src/db.ts': 'database\n' });
    expect(change.files.find(({ path }) => path === 'src/db.ts')).toEqual({
      path: 'src/db.ts',
      status: 'added',
    });
  });

  it('is not guessed where it could be two', async () => {
    const shop = project();
    shop.write('src/a.ts', SERVER);
    shop.move('src/server.ts', 'src/b.ts');
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('two', 'TWO') });
    expect(statusOf(change, 'src/server.ts')).toBe('deleted-by-you');
    expect([shop.read('src/a.ts'), shop.read('src/b.ts')]).toEqual([SERVER, SERVER]);
  });
});

describe('what the generator moves', () => {
  const toServices = (path: string) => path.replace(/^src\//, 'services/shop/src/');
  const moves = { grownPath: toServices, grownOwnPath: toServices };
  const now = (changed = SERVER) => ({
    'src/server.ts': undefined,
    'src/app.ts': undefined,
    'services/shop/src/server.ts': changed,
    'services/shop/src/app.ts': String(GENERATED['src/app.ts']),
  });

  it('takes the owner’s edits along, and their own files', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'eight', 'mine');
    shop.write('src/reviews/store.ts', 'reviews\n');
    const change = await shop.grow(now(SERVER.replace('two', 'TWO')), moves);
    expect(statusOf(change, 'services/shop/src/server.ts')).toBe('merged src/server.ts');
    expect(statusOf(change, 'services/shop/src/app.ts')).toBe('moved src/app.ts');
    expect(statusOf(change, 'services/shop/src/reviews/store.ts')).toBe('moved src/reviews/store.ts');
    expect(shop.read('services/shop/src/server.ts')).toBe(
      SERVER.replace('two', 'TWO').replace('eight', 'mine'),
    );
    expect(shop.has('src')).toBe(false);
  });

  it('takes a file along that its owner had moved', async () => {
    const shop = project();
    shop.move('src/server.ts', 'src/http/server.ts');
    const change = await shop.grow(now(), moves);
    expect(statusOf(change, 'services/shop/src/http/server.ts')).toBe('moved src/http/server.ts');
  });

  it('puts nothing where another file comes to lie', async () => {
    const shop = project();
    shop.move('src/server.ts', 'src/main.ts');
    shop.write('src/stock.ts', 'mine\n');
    const change = await shop.grow(
      { ...now(), 'services/shop/src/main.ts': 'new\n', 'services/shop/src/stock.ts': 'new\n' },
      moves,
    );
    expect(shop.read('src/main.ts')).toBe(SERVER);
    expect(shop.read('services/shop/src/main.ts')).toBe('new\n');
    expect(shop.read('src/stock.ts')).toBe('mine\n');
    expect(statusOf(change, 'src/stock.ts')).toBe('kept');
  });

  it('overwrites nothing that is in the new place', async () => {
    const shop = project();
    shop.write('services/shop/src/server.ts', 'mine\n');
    shop.edit('src/server.ts', 'eight', 'mine');
    const change = await shop.grow(now(), moves);
    expect(shop.read('services/shop/src/server.ts')).toBe('mine\n');
    expect(shop.read('src/server.ts')).toContain('mine');
    expect(change.files.filter(({ status }) => status === 'conflict')).toHaveLength(1);
  });
});

describe('records', () => {
  it('are left alone, all of them, when there is nothing to do', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    await shop.grow({ 'README.md': 'new\n' });
    expect((await shop.plan({ ...GENERATED, 'README.md': 'new\n' })).writes).toEqual([]);
  });

  it('hold what is generated now, and nothing from before', async () => {
    const shop = project();
    await shop.grow({ 'README.md': 'new\n' });
    const fresh = project({ ...GENERATED, 'README.md': 'new\n' });
    const records = (one: ChangedProject) =>
      filesBelow(one.directory).filter(path => path.startsWith('.stage/base/'));
    expect(records(shop)).toEqual(records(fresh));
  });

  it('that are lost are found where the same bytes still are; else the owner’s file stays, and is told', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    shop.edit('README.md', 'text', 'mine');
    for (const path of filesBelow(shop.directory).filter(each => each.startsWith('.stage/base/'))) {
      shop.remove(path);
    }
    const generatedAgain = async () => new Map([['README.md', Buffer.from(String(GENERATED['README.md']))]]);
    const changes = {
      'src/server.ts': SERVER.replace('seven', '7'),
      'README.md': lines('# My shop', '', 'text'),
    };
    const change = await shop.grow(changes, { generatedAgain });
    expect(statusOf(change, 'src/server.ts')).toBe('conflict');
    expect(shop.read('src/server.ts')).toBe(SERVER.replace('two', 'mine'));
    expect(shop.read('src/server.ts.stage-new')).toContain('7');
    expect(shop.read('README.md')).toBe(lines('# My shop', '', 'mine'));
  });

  it('are not believed when their bytes are not what the manifest says', async () => {
    const shop = project();
    shop.edit('src/server.ts', 'two', 'mine');
    for (const path of filesBelow(shop.directory).filter(each => each.startsWith('.stage/base/'))) {
      writeFileSync(join(shop.directory, path), 'something else\n');
    }
    const change = await shop.grow({ 'src/server.ts': SERVER.replace('seven', '7') });
    expect(statusOf(change, 'src/server.ts')).toBe('conflict');
  });
});

describe('names', () => {
  it.each(['with space.ts', 'ümläut.ts', '[id].ts', '-dash.ts', '$(touch x).ts', '*.ts'])(
    'like %j are names and nothing else',
    async name => {
      const shop = project({ [`src/${name}`]: SERVER });
      shop.edit(`src/${name}`, 'two', 'mine');
      const change = await shop.grow({ [`src/${name}`]: SERVER.replace('seven', '7') });
      expect(statusOf(change, `src/${name}`)).toBe('merged');
    },
  );
});

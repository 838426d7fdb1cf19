/** Whatever is verified or run was built just before, from the source as it is. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Blueprint, nodesOfKind } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import { defaultAnswers, installedProject } from '../support/generated-project.ts';
import { smallBlueprint } from './support.ts';

const blueprint = buildBlueprint(defaultAnswers('stall'));
let built: string;
let directory: string;

beforeAll(async () => {
  built = await installedProject(defaultAnswers('stall'));
  await prepare(built);
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'prepare-'));
  // Dates as they are, as rsync and a CI's cache keep them.
  const filter = (source: string) => source !== join(built, 'node_modules');
  await cp(built, directory, { recursive: true, preserveTimestamps: true, filter });
  await symlink(join(built, 'node_modules'), path('node_modules'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));
afterAll(() => rm(built, { recursive: true, force: true }));

function prepare(folder = directory, what: Blueprint = blueprint): Promise<void> {
  return nativeEngine.prepare?.({ directory: folder, blueprint: what, onProgress() {} }) ?? Promise.reject();
}

const path = (...names: string[]) => join(directory, ...names);

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path(file), 'utf8');
  const after = change(before);
  expect(after, `the edit of ${file} changes something`).not.toBe(before);
  await writeFile(path(file), after);
}

describe('a project that does not build is refused, however often it is tried', () => {
  const TYPE_ERROR = "export const notANumber: number = 'text';\n";
  const kinds: [string, () => Promise<unknown>][] = [
    ['a type error', () => edit('src/app.ts', text => text + TYPE_ERROR)],
    [
      'a type error, with a compiler that writes in spite of it',
      async () => {
        await edit('tsconfig.json', text => text.replace('"noEmitOnError": true', '"noEmitOnError": false'));
        await edit('src/app.ts', text => text + TYPE_ERROR);
      },
    ],
    ['a source that is deleted', () => rm(path('src/payments/provider.ts'))],
    [
      'a broken source of an old date',
      async () => {
        await writeFile(path('src/products/routes.ts'), 'this is no TypeScript ((\n');
        await utimes(path('src/products/routes.ts'), new Date('2020-01-01'), new Date('2020-01-01'));
      },
    ],
    [
      'a tsconfig.json with an option that is none',
      () =>
        edit('tsconfig.json', text => text.replace('"strict": true', '"strict": true, "noSuchOption": 1')),
    ],
  ];

  it.each(kinds)('%s', async (_kind, breakIt) => {
    await breakIt();
    for (let time = 0; time < 2; time++) {
      await expect(prepare()).rejects.toMatchObject({
        code: 'build',
        hint: expect.stringContaining('npm run build'),
      });
      expect(existsSync(path('dist', 'server.js'))).toBe(false);
    }
  });

  it('a build that makes no entry', async () => {
    await edit('tsconfig.json', text => text.replace('"outDir": "dist"', '"outDir": "elsewhere"'));
    await expect(prepare()).rejects.toThrow(`made no ${join('.', 'dist/server.js')}`);
  });
});

describe("what stage.yaml says of a program's build", () => {
  const building = (...build: string[]): Blueprint => {
    const [program] = nodesOfKind(blueprint, 'program');
    if (!program) throw new Error('the stall has a program');
    return {
      ...blueprint,
      nodes: [program, { ...program, name: 'other' }].map(each => ({ ...each, build })),
    };
  };

  it('is what builds it, once', async () => {
    const script =
      "const { appendFileSync, mkdirSync } = require('fs'); mkdirSync('dist', { recursive: true });";
    const code = `${script} appendFileSync('dist/server.js', ''); appendFileSync('built', 'x');`;
    await prepare(directory, building(process.execPath, '-e', code));
    expect(await readFile(path('built'), 'utf8')).toBe('x');
  });

  it('is said when it fails', async () => {
    await expect(
      prepare(directory, building('node', '-e', 'console.log(7); process.exit(1)')),
    ).rejects.toThrow('the project does not build: 7');
  });

  it('may be nothing: then nothing of what is there is touched', async () => {
    await rm(path('src', 'server.ts'));
    await prepare(directory, building());
    expect(existsSync(path('dist', 'server.js'))).toBe(true);
  });
});

describe('what an earlier build left', () => {
  it('is gone, where its source is', async () => {
    await writeFile(path('src', 'loaded-by-name.ts'), 'export const answer = 1;\n');
    await prepare();
    expect(existsSync(path('dist', 'loaded-by-name.js'))).toBe(true);
    await rm(path('src', 'loaded-by-name.ts'));
    await prepare();
    expect(existsSync(path('dist', 'loaded-by-name.js'))).toBe(false);
    expect(existsSync(path('dist', 'server.js'))).toBe(true);
  });

  it('is not what an incremental compiler believes to be there still', async () => {
    await edit('tsconfig.json', text =>
      text.replace('"strict": true', '"strict": true, "incremental": true'),
    );
    await prepare();
    await prepare();
    expect(existsSync(path('dist', 'server.js'))).toBe(true);
  });

  it('stays behind a link, which is not followed', async () => {
    const elsewhere = path('elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'kept.txt'), 'mine');
    await rm(path('dist'), { recursive: true });
    await symlink(elsewhere, path('dist'));
    await expect(prepare()).rejects.toThrow('is a link');
    expect(existsSync(join(elsewhere, 'kept.txt'))).toBe(true);
  });

  it('is only what git does not keep', async () => {
    const git = (...args: string[]) => execa('git', args, { cwd: directory });
    await git('init', '--quiet');
    // A program that is started from its source, which no .gitignore names; and one in another build's folder.
    await expect(prepare(directory, startingAt('src/server.ts'))).resolves.toBeUndefined();
    expect(existsSync(path('src', 'app.ts'))).toBe(true);
    await mkdir(path('out'));
    await writeFile(path('out', 'stale.js'), '');
    await expect(prepare(directory, startingAt('out/server.js'))).rejects.toThrow('made no');
    expect(existsSync(path('out', 'stale.js'))).toBe(true);
    await writeFile(path('.gitignore'), 'out/\n');
    await expect(prepare(directory, startingAt('out/server.js'))).rejects.toThrow('made no');
    expect(existsSync(path('out'))).toBe(false);
    await git('add', '--force', 'dist/server.js');
    await writeFile(path('dist', 'kept.js'), '');
    await prepare();
    expect(existsSync(path('dist', 'kept.js'))).toBe(true);
  });
});

function startingAt(entry: string): Blueprint {
  const [program] = nodesOfKind(blueprint, 'program');
  if (!program) throw new Error('the stall has a program');
  return { ...blueprint, nodes: [{ ...program, start: ['node', entry] }] };
}

it('asks for npm install where there are no modules', async () => {
  await rm(path('node_modules'));
  await expect(prepare(directory, smallBlueprint())).rejects.toMatchObject({
    message: expect.stringContaining('has no node_modules'),
    hint: expect.stringContaining('npm install'),
  });
});

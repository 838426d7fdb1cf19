import { createHash } from 'node:crypto';
import { diffLines } from 'diff';
import { describe, expect, test } from 'vitest';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { STAGE_NAMES, type StageName } from '../../src/journey/stages.ts';
import { COMPOSE_UP } from '../../src/journey/start.ts';
import { type PlannedFile, planProject } from '../../src/plan/plan.ts';
import { proxyFeatures } from '../../src/plan/target.ts';

const planOf = async (stage: StageName) => (await planProject(resolveAnswers({ stage }, 'my-shop'))).files;

const plans = new Map<StageName, readonly PlannedFile[]>();
for (const stage of STAGE_NAMES) plans.set(stage, await planOf(stage));
const filesOf = (stage: StageName | undefined) => (stage && plans.get(stage)) || [];

/** One line a file: what became of it since the stage before, and the start of its hash, so that no byte changes unseen. */
function lesson(stage: StageName): string {
  const before = filesOf(previous(stage));
  const now = filesOf(stage);
  const gone = before.filter(old => !now.some(file => file.path === old.path));
  const origins = new Map(now.map(file => [file.path, gone.find(old => old.bytes.equals(file.bytes))?.path]));
  const lines = now.map(file => {
    const old = before.find(candidate => candidate.path === file.path);
    const origin = old ? undefined : origins.get(file.path);
    const mark = old ? (old.bytes.equals(file.bytes) ? '=' : 'M') : origin ? 'R' : 'A';
    return `${mark} ${hash(file)} ${file.path}${origin ? ` <- ${origin}` : ''}`;
  });
  const moved = new Set(origins.values());
  const dropped = gone.filter(file => !moved.has(file.path)).map(file => `D          ${file.path}`);
  return [...lines, ...dropped, ''].join('\n');
}

function previous(stage: StageName): StageName | undefined {
  return STAGE_NAMES[STAGE_NAMES.indexOf(stage) - 1];
}

function hash(file: PlannedFile): string {
  return createHash('sha256').update(file.bytes).digest('hex').slice(0, 8);
}

describe.each(STAGE_NAMES)('%s', stage => {
  test('is started with the one command that leaves no replaced service running', () => {
    const readme =
      filesOf(stage)
        .find(({ path }) => path === 'README.md')
        ?.bytes.toString() ?? '';
    const ups = readme.match(/^docker compose up --(?:build|wait).*$/gm) ?? [];
    expect(ups).toContain(COMPOSE_UP);
    for (const up of ups) expect(up).toContain('--remove-orphans');
  });

  test('the whole tree is the one that was last read', async () => {
    await expect(lesson(stage)).toMatchFileSnapshot(`../snapshots/${stage}.txt`);
  });

  test('what is filled in is the one that was last read', async () => {
    const shown = filesOf(stage).filter(file =>
      ['compose.yaml', 'package.json', '.env.example', 'stage.yaml'].includes(file.path),
    );
    const text = shown.map(file => `=== ${file.path}\n${file.bytes}`).join('\n');
    await expect(text).toMatchFileSnapshot(`../snapshots/${stage}.filled.txt`);
  });

  test('the same answers give the same bytes', async () => {
    const again = await planOf(stage);
    expect(again.map(file => [file.path, file.mode, hash(file)])).toEqual(
      filesOf(stage).map(file => [file.path, file.mode, hash(file)]),
    );
  });

  test('nothing reads like a template that was not filled in', () => {
    for (const file of filesOf(stage).filter(({ path }) => !/\.(ts|m?js|sql)$/.test(path))) {
      // What GitHub fills in is written `${{ … }}`.
      const text = file.bytes.toString().replaceAll(/\$\{\{[^}]*\}\}/g, '');
      expect(/\{\{(?!\s*"|')|\bundefined\b|\[object Object\]/.exec(text)?.[0] ?? '', file.path).toBe('');
    }
  });

  test('files end in one newline and carry no carriage return', () => {
    for (const file of filesOf(stage)) {
      expect(file.bytes.toString().endsWith('\n'), `${file.path} ends in a newline`).toBe(true);
      expect(file.bytes.includes('\r'), file.path).toBe(false);
    }
  });

  test('the files whose names are fixed are there', () => {
    const paths = filesOf(stage).map(file => file.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'compose.yaml',
        '.env.example',
        'README.md',
        'package.json',
        '.gitignore',
        'stage.yaml',
      ]),
    );
    expect(paths).not.toContain('.env');
  });

  test('no credential stands in a file', () => {
    for (const file of filesOf(stage)) {
      const literal = /(password|secret|token)["']?\s*[:=]\s*["'][^"'${}\s/]{6,}["']/i.exec(
        file.bytes.toString(),
      );
      expect(literal?.[0] ?? '', file.path).toBe('');
    }
  });
});

test('neighbouring stages differ by little: the size of each lesson', () => {
  const sizes = STAGE_NAMES.map(stage => {
    const before = new Map(filesOf(previous(stage)).map(file => [file.path, file.bytes.toString()]));
    const code = filesOf(stage).filter(
      file => /\.(ts|sql)$/.test(file.path) && !file.path.includes('.test.'),
    );
    const moved = new Set([...before.values()]);
    const changed = code.filter(file => !moved.has(file.bytes.toString()));
    const added = changed.reduce(
      (sum, file) => sum + addedLines(before.get(file.path) ?? '', file.bytes.toString()),
      0,
    );
    return { stage, files: filesOf(stage).length, codeFilesTouched: changed.length, codeLinesAdded: added };
  });
  console.table(sizes);
  const most: Record<StageName, number> = {
    stall: 1100,
    database: 900,
    pool: 200,
    balancer: 60,
    nginx: 60,
    microservices: 2600,
  };
  for (const { stage, codeLinesAdded } of sizes)
    expect(codeLinesAdded, stage).toBeLessThanOrEqual(most[stage]);
});

function addedLines(before: string, after: string): number {
  return diffLines(before, after).reduce((sum, part) => sum + (part.added ? part.count : 0), 0);
}

test('directives follow the version of the server that reads them', () => {
  expect(proxyFeatures('1.22.1', '2.6.12')).toEqual({
    http2Directive: false,
    keepAliveMinTimeout: false,
    resolveInUpstream: false,
    rejectHandshake: true,
    ticketsOff: true,
    initStateDown: false,
  });
  expect(proxyFeatures('1.30.0', '3.2.0')).toEqual({
    http2Directive: true,
    keepAliveMinTimeout: true,
    resolveInUpstream: true,
    rejectHandshake: true,
    ticketsOff: false,
    initStateDown: true,
  });
});

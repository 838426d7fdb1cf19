import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Answers } from '../../src/journey/options.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { readManifest, recordsOf } from '../../src/project/manifest.ts';
import { STAGE_SCHEMA } from '../../src/stage-file/schema.ts';
import { temporaryFolder } from '../support/tool.ts';

const answers: Answers = { stage: 'stall', name: 'shop', port: 3000 };
const plan: Plan = {
  files: [
    { path: 'z.sh', bytes: Buffer.from('#!/bin/sh\n'), mode: 0o755, class: 'text' },
    { path: 'a.txt', bytes: Buffer.from('same\n'), mode: 0o644, class: 'text' },
    { path: 'b.txt', bytes: Buffer.from('same\n'), mode: 0o644, class: 'text' },
  ],
};

describe('the records of a plan', () => {
  const records = recordsOf(plan, answers, '1.2.3');
  const manifest = String(records.find(file => file.path === '.stage/manifest.json')?.bytes);

  it('hold a manifest with one sorted line a file', () => {
    const same = createHash('sha256').update('same\n').digest('hex');
    const lines = manifest.split('\n').filter(line => line.includes('sha256'));
    expect(lines.map(line => line.trim().split(':')[0])).toEqual(['"a.txt"', '"b.txt"', '"z.sh"']);
    expect(lines[0]).toBe(`    "a.txt": {"sha256":"${same}","mode":"644","class":"text"},`);
    expect(JSON.parse(manifest)).toMatchObject({
      version: '1.2.3',
      schemaVersion: 1,
      stage: 'stall',
      answers,
    });
    expect(manifest.endsWith('}\n')).toBe(true);
  });

  it('hold the raw bytes once, under their hash and without an extension', () => {
    const baseline = records.filter(file => file.path.startsWith('.stage/base/'));
    expect(baseline.map(file => String(file.bytes)).sort()).toEqual(['#!/bin/sh\n', 'same\n']);
    for (const { path, bytes } of baseline) {
      expect(path).toBe(`.stage/base/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`);
    }
  });

  it('keep git from changing the baseline, and the schema', () => {
    const attributes = records.find(file => file.path === '.stage/.gitattributes');
    expect(String(attributes?.bytes).split('\n')).toEqual([
      'base/** -text -diff linguist-generated',
      'stage.schema.json -text -diff linguist-generated',
      '',
    ]);
  });

  it('let editors know stage.yaml', () => {
    const schema = records.find(file => file.path === '.stage/stage.schema.json');
    expect(JSON.parse(String(schema?.bytes))).toEqual(STAGE_SCHEMA);
  });

  it('tell where their owner has put a file, or that it is gone', () => {
    const places = new Map([
      ['a.txt', { movedTo: 'b/a.txt' }],
      ['z.sh', { deleted: true as const }],
    ]);
    const text = String(recordsOf(plan, answers, '1.2.3', places).at(-1)?.bytes);
    expect(JSON.parse(text).files).toMatchObject({
      'a.txt': { movedTo: 'b/a.txt' },
      'z.sh': { deleted: true },
    });
  });

  it('depend on nothing but plan, answers and version', () => {
    expect(recordsOf({ files: plan.files.toReversed() }, answers, '1.2.3')).toEqual(records);
  });
});

describe('reading a manifest', () => {
  const folder = temporaryFolder();
  const project = (name: string, text: string) => {
    mkdirSync(join(folder, name, '.stage'), { recursive: true });
    writeFileSync(join(folder, name, '.stage/manifest.json'), text);
    return join(folder, name);
  };

  it('gives back what was recorded', async () => {
    const text = String(
      recordsOf(plan, answers, '1.2.3').find(file => file.path.endsWith('manifest.json'))?.bytes,
    );
    const manifest = await readManifest(project('good', text));
    expect(manifest.answers).toEqual(answers);
    expect(Object.keys(manifest.files)).toEqual(['a.txt', 'b.txt', 'z.sh']);
  });

  it.each([
    ['a damaged one', '{ "answers": ', 'damaged'],
    ['one with conflict markers', '<<<<<<< HEAD\n{}', 'damaged'],
    [
      'one of a newer version',
      '{"schemaVersion":2,"version":"9.0.0","answers":{}}',
      'create-backend-stage@9.0.0',
    ],
    [
      'answers that it does not know',
      '{"schemaVersion":1,"answers":{"stage":"stall","moat":1},"files":{}}',
      'moat',
    ],
    ['one without files', '{"schemaVersion":1,"answers":{"stage":"stall"}}', 'damaged'],
    [
      'a path that leads out of the project',
      `{"schemaVersion":1,"answers":{},"files":{"../evil":{"sha256":"${'0'.repeat(64)}","mode":"644","class":"text"}}}`,
      'damaged',
    ],
    [
      'a file that is in twice',
      `{"schemaVersion":1,"answers":{},"files":{${`"a":{"sha256":"${'0'.repeat(64)}","mode":"644","class":"text"},`.repeat(2).slice(0, -1)}}}`,
      'damaged',
    ],
  ])('refuses %s', async (name, text, says) => {
    const failure = await readManifest(project(name.replaceAll(' ', '-'), text)).catch(error => error);
    expect(failure.name).toBe('UsageError');
    expect(`${failure.message} ${failure.hint}`).toContain(says);
  });

  it('refuses a folder without one', async () => {
    await expect(readManifest(folder)).rejects.toThrow('there is no .stage/manifest.json');
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseStageFile } from '../../src/stage-file/read.ts';
import { STAGE_SCHEMA } from '../../src/stage-file/schema.ts';
import { ROOT } from '../support/tool.ts';

const page = readFileSync(join(ROOT, 'docs', 'stage-file.md'), 'utf8');

test('every key is explained to whoever owns a stage file', () => {
  const keys = new Set<string>();
  JSON.stringify(STAGE_SCHEMA, (key, value) => {
    if (key === 'properties') for (const each of Object.keys(value)) keys.add(each);
    return value;
  });
  const explained = new Set(
    [...page.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`([\w]+)`/g)].map(([, word]) => word),
  );
  // A secret is written `{ secret: NAME }`.
  expect([...keys].filter(key => !explained.has(key) && key !== 'secret')).toEqual([]);
});

test('the examples are stage files', () => {
  const known = { program: 'app', guarantees: ['nginx.caching'] };
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(examples.map(text => Object.keys(parseStageFile(text, known).programs))).toEqual([
    ['app'],
    ['web', 'jobs'],
  ]);
});

import { type Schema, Validator } from '@cfworker/json-schema';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { STAGE_SCHEMA } from '../../src/stage-file/schema.ts';
import { BAD, GOOD } from './documents.ts';

const validator = new Validator(STAGE_SCHEMA as unknown as Schema, '2020-12');

test.each(Object.entries(GOOD))('%s is right for editors too', (_name, text) => {
  expect(validator.validate(load(text)).errors).toEqual([]);
});

test.each(Object.entries(BAD).filter(([, bad]) => !bad.notInSchema))(
  '%s is wrong for editors too',
  (_name, { text }) => {
    expect(validator.validate(load(text || 'null')).valid).toBe(false);
  },
);

test('every key is described', () => {
  const silent: string[] = [];
  const visit = (rule: unknown, path: string): void => {
    if (typeof rule !== 'object' || rule === null) return;
    const { properties = {} } = rule as { properties?: Record<string, { description?: string }> };
    for (const [key, each] of Object.entries(properties))
      if (!each.description) silent.push(`${path}.${key}`);
    for (const [key, each] of Object.entries(rule)) visit(each, `${path}/${key}`);
  };
  visit(STAGE_SCHEMA, '');
  expect(silent).toEqual([]);
});

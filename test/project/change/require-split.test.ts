import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import type { StageName } from '../../../src/journey/stages.ts';
import { planProject } from '../../../src/plan/plan.ts';
import { answersAt, everything, generate, growTo } from '../../support/grown-project.ts';
import { Editor } from '../../support/realistic-edits.ts';
import { temporaryFolder } from '../../support/tool.ts';

const folder = temporaryFolder();
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

const LAST = answersAt('microservices');

async function shopAt(stage: StageName, ...gone: readonly string[]): Promise<string> {
  const directory = mkdtempSync(join(folder, 'shop-'));
  await generate(directory, answersAt(stage));
  for (const path of gone) rmSync(join(directory, path), { recursive: true });
  return directory;
}

/** What a refusal says, where it left everything as it was. */
async function refusalOf(directory: string): Promise<string> {
  const before = everything(directory);
  const error = await growTo(directory, LAST).then(
    () => new Error('it grew'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect(everything(directory)).toEqual(before);
  return error instanceof UsageError ? `${error.message}; ${error.hint}` : '';
}

describe('a stage that splits modules', () => {
  it.each(['stall', 'nginx'] as const)(
    'is refused from %s where they are gone, and names them',
    async stage => {
      expect(await refusalOf(await shopAt(stage, 'src/orders', 'src/payments'))).toBe(
        'there is nothing to split: src/orders and src/payments are gone; a program for each module of your own is your own ' +
          'step: create-backend-stage --stage microservices in another folder shows how it can be done',
      );
    },
  );

  it('is refused where one of them is gone, and names only that one', async () => {
    expect(await refusalOf(await shopAt('nginx', 'src/payments'))).toMatch(
      /^there is nothing to split: src\/payments is gone;/,
    );
  });

  it('is refused where a run before has recorded that they are gone', async () => {
    const directory = await shopAt('nginx', 'src/orders', 'src/payments');
    await growTo(directory, answersAt('nginx', { replicas: 2 }));
    expect(new Editor(directory).has('src/orders')).toBe(false);
    expect(await refusalOf(directory)).toMatch(
      /^there is nothing to split: src\/orders and src\/payments are gone;/,
    );
  });

  it('tells a folder in which only its owner’s files are left from one that is gone', async () => {
    const directory = await shopAt('nginx', 'src/orders', 'src/payments');
    new Editor(directory).write('src/payments/mine.ts', 'export {};\n');
    expect(await refusalOf(directory)).toMatch(
      /^there is nothing to split: src\/orders is gone, and nothing generated is left in src\/payments;/,
    );
  });

  it('takes modules that their owner renamed for what they are, and so one of which a single file is left', async () => {
    const renamed = await shopAt('nginx');
    renameSync(join(renamed, 'src/payments'), join(renamed, 'src/billing'));
    expect((await growTo(renamed, LAST)).writes).not.toEqual([]);
    const one = await shopAt('nginx', ...PAYMENTS.filter(path => path !== 'src/payments/charge.ts'));
    expect((await growTo(one, LAST)).writes).not.toEqual([]);
  });
});

const PAYMENTS = (await planProject(answersAt('nginx'))).files
  .map(({ path }) => path)
  .filter(path => path.startsWith('src/payments/'));

/** Generated READMEs, followed from the first line to the last by somebody who has no Docker. With Docker: test/docker/as-typed.ts. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveAnswers } from '../../src/journey/answers.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { freePortPair } from '../support/free-port.ts';
import { installAsOften, writeProject } from '../support/generated-project.ts';
import { Reader } from './reader.ts';
import { stepsOf } from './steps.ts';

export interface Followed {
  readonly stage: StageName;
  readonly balancer?: 'haproxy';
}

/** Follows each of these READMEs. @param skips lines that are left out */
export function describeWithoutDocker(followed: readonly Followed[], skips?: RegExp): void {
  describe('without Docker', () => {
    let directory: string;
    let reader: Reader | undefined;

    afterEach(async () => {
      await reader?.close();
      await rm(directory, { recursive: true, force: true });
    });

    it.each(followed.map(given => [Object.values(given).join(' with '), given] as const))(
      'the README of %s shows what comes, line by line',
      async (_, given) => {
        const answers = resolveAnswers({ ...given, port: await freePortPair() }, 'my-shop');
        directory = await writeProject(answers);
        await installAsOften(directory, answers);
        const steps = stepsOf(readFileSync(join(directory, 'README.md'), 'utf8'));
        reader = new Reader(directory, { engine: 'native', ...(skips && { skips }) });
        expect(await reader.follow(steps)).toEqual([]);
        const left = await reader.close();
        reader = undefined;
        expect(left).toEqual([]);
      },
      900_000,
    );
  });
}

/** nginx and HAProxy themselves read every configuration that the option values can lead to. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Blueprint, nodesOfKind } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import type { Answers } from '../../src/journey/options.ts';
import { reaches, STAGE_NAMES } from '../../src/journey/stages.ts';
import { configPathOf } from '../../src/pieces/index.ts';
import { renderProxyConfig } from '../../src/plan/proxies.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';
import { defaultAnswers, writeProject } from '../support/generated-project.ts';
import { haproxy, nativeTarget, nginx } from '../support/native-target.ts';

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'run'));
  // For its certificate and its pages, which are the same for all answers.
  project = await writeProject(defaultAnswers('nginx'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(project, { recursive: true, force: true });
});

const answerSets = STAGE_NAMES.filter(stage => reaches(stage, 'balancer'))
  .flatMap(pairwiseAnswers)
  .filter(isLegal);

describe.each(answerSets.map(answers => [describeAnswers(answers), answers] as const))(
  '%s',
  (_title, answers) => {
    test('is read without a complaint', async () => {
      const blueprint = buildBlueprint(answers);
      if (nodesOfKind(blueprint, 'nginx').length > 0) expect(await complaintOf('nginx', blueprint)).toBe('');
      if (nodesOfKind(blueprint, 'haproxy').length > 0)
        expect(await complaintOf('haproxy', blueprint)).toBe('');
    });
  },
);

test('a configuration that is wrong is seen to be', async () => {
  const blueprint = buildBlueprint(defaultAnswers('nginx') as Answers);
  expect(
    await complaintOf('nginx', blueprint, text => text.replace('server_tokens off;', 'server_tokens of;')),
  ).toContain('invalid value "of"');
  const balanced = buildBlueprint(defaultAnswers('balancer') as Answers);
  expect(
    await complaintOf('haproxy', balanced, text => text.replace('balance roundrobin', 'balance nobody')),
  ).toContain('balance');
});

/** What the server itself says about its file; '' when it takes it. */
async function complaintOf(
  kind: 'haproxy' | 'nginx',
  blueprint: Blueprint,
  spoil = (text: string) => text,
): Promise<string> {
  const file = join(folder, configPathOf(kind).replaceAll('/', '-'));
  await writeFile(
    file,
    spoil(await renderProxyConfig(blueprint, kind, await nativeTarget(blueprint, folder, project))),
  );
  const { all, exitCode } =
    kind === 'nginx'
      ? await execa(nginx, ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', file], {
          all: true,
          reject: false,
        })
      : await execa(haproxy, ['-c', '-f', file], { all: true, reject: false });
  return exitCode === 0 && !/\[(warn|WARNING)/.test(all) ? '' : all || `exit code ${exitCode}`;
}

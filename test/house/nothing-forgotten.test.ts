/** What is easily forgotten when something is added: each omission is told by name, in seconds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { nodesOfKind } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { mermaid } from '../../src/blueprint/diagram.ts';
import { journeyPicture } from '../../src/blueprint/picture.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { OPTIONS } from '../../src/journey/options.ts';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { DRILLS, GUARANTEES } from '../../src/verify/checks/index.ts';
import { TRIED } from '../support/answer-sets.ts';
import { ROOT } from '../support/tool.ts';
import { faultsOf } from '../verify/checks/all-faults.ts';

const ALL = [...GUARANTEES, ...DRILLS];
const idOf = (stage: string, file: string) => `${stage}.${file.replace(/\.ts$/, '')}`;

describe.each(STAGE_NAMES)('the checks of the %s stage', stage => {
  const files = readdirSync(join(ROOT, 'src', 'verify', 'checks', stage)).filter(file => file !== 'index.ts');
  const own = ALL.filter(({ from }) => from === stage).map(({ id }) => id);

  it('are one at least', () => {
    expect(own.length).toBeGreaterThan(0);
  });

  it('are all listed, each in a file that is called as its id', () => {
    expect(own.sort()).toEqual(files.map(file => idOf(stage, file)).sort());
  });

  it('each have a fault that they must catch', async () => {
    const broken = new Set((await faultsOf(stage)).flatMap(({ breaks }) => breaks));
    expect(own.filter(id => !broken.has(id))).toEqual([]);
  });
});

test.each([
  ['introduction', /^# .*\n+(.+)/],
  ['way to see what still breaks', /^## What still breaks.*\n+(.+)/m],
])('each stage has its own %s', async (_, opening) => {
  const openings = await Promise.all(
    STAGE_NAMES.map(async stage => {
      const { files } = await planProject(resolveAnswers({ stage }, 'my-shop'));
      const readme = files.find(({ path }) => path === 'README.md');
      return opening.exec(readme?.bytes.toString('utf8') ?? '')?.[1] ?? `${stage} has none`;
    }),
  );
  expect(openings.filter((each, index) => openings.indexOf(each) !== index)).toEqual([]);
  expect(openings.join('\n')).not.toContain('has none');
});

test('each fault breaks guarantees that there are', async () => {
  const known = new Set(ALL.map(({ id }) => id));
  const faults = (await Promise.all(STAGE_NAMES.map(faultsOf))).flat();
  expect(faults.flatMap(({ breaks }) => breaks).filter(id => !known.has(id))).toEqual([]);
});

test('the page of guarantees names each that there is, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs', 'guarantees.md'), 'utf8');
  const named = new Set([...page.matchAll(/^\| `([a-z]+\.[a-z-]+)`/gm)].map(match => match[1]));
  expect([...named].sort()).toEqual(ALL.map(({ id }) => id).sort());
});

describe.each(OPTIONS.filter(({ key }) => key !== 'stage' && key !== 'name'))('the option $flag', option => {
  it('has values that are tried', () => {
    expect(TRIED[option.key]?.length ?? 0).toBeGreaterThan(1);
  });

  it('changes what is generated, beside the README', async () => {
    const bytesWith = async (value: unknown) => {
      const answers = resolveAnswers({ stage: option.from, [option.key]: value }, 'my-shop');
      const { files } = await planProject(answers);
      const told = files.filter(({ path }) => path !== 'README.md');
      return told.map(({ path, bytes }) => `${path}\n${bytes}`).join('\n');
    };
    const all = await Promise.all((TRIED[option.key] ?? []).map(bytesWith));
    expect(new Set(all).size).toBe(all.length);
  });
});

test.each(STAGE_NAMES)(
  'at the %s stage each environment variable of a program is read by one',
  async stage => {
    const answers = resolveAnswers({ stage }, 'my-shop');
    const { files } = await planProject(answers);
    const code = files.filter(({ path }) => /\.(ts|mjs)$/.test(path) && !path.endsWith('.test.ts'));
    const text = code.map(({ bytes }) => bytes.toString('utf8')).join('\n');
    const blueprint = buildBlueprint(answers);
    const keys = [...nodesOfKind(blueprint, 'program'), ...nodesOfKind(blueprint, 'job')].flatMap(({ env }) =>
      env.map(({ key }) => key),
    );
    // Peers' variables are put together from the peer's name.
    const isRead = (key: string) =>
      text.includes(`'${key}'`) || /^((SEND|RECEIVE)_KEY_[A-Z]+_FILE|[A-Z]+_URL)$/.test(key);
    expect([...new Set(keys)].filter(key => !isRead(key))).toEqual([]);
  },
);

test.each(STAGE_NAMES)('at the %s stage each node that keeps running is in both pictures', stage => {
  const answers = resolveAnswers({ stage, ...(stage === 'nginx' ? { balancer: 'haproxy' } : {}) }, 'my-shop');
  const blueprint = buildBlueprint(answers);
  const [drawn, flow] = [journeyPicture([blueprint]), mermaid(blueprint)];
  for (const node of blueprint.nodes.filter(({ kind }) => kind !== 'job')) {
    expect(flow).toMatch(RegExp(`^ {2}${node.name}\\W`, 'm'));
    expect(drawn).toContain(node.kind === 'postgres' ? 'PostgreSQL' : `>${node.name}`);
  }
});

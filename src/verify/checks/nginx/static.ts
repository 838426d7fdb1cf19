import { type Blueprint, nodesOfKind } from '../../../blueprint/blueprint.ts';
import { eventually, expect, expectProblem, expectStatus, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { type Page, pageOf, ROOT } from '../../http/page.ts';
import { burst } from '../../load/burst.ts';
import { copiesOf, killAll, type ProgramCopy, programServing, startAll } from '../../system/nodes.ts';
import { expectHeadersOf } from './headers.ts';

/** A path that no program has: who answers, and whether anybody does, is the question. */
const ANY_PATH = '/no-such-route';
const BACK_WITHIN_MS = 20_000;

export const nginxStatic: Guarantee = {
  id: 'nginx.static',
  lines: ['F10', 'F15'],
  title: 'the page and its files are served while every program behind nginx is down',
  from: 'nginx',
  needs: [],
  limitMs: 60_000,
  async check(world) {
    const { running, blueprint, door } = world;
    await pageOf(world);
    const copies = copiesBehind(blueprint);
    let files = 0;
    try {
      await killAll(running, copies);
      const page = await expectFiles(world);
      files = page.texts.length + page.images.length;
      await expectWellSaid(world, page);
    } finally {
      await startAll(running, copies);
    }
    const { ms } = await eventually('a good answer once the programs run again', BACK_WITHIN_MS, async () => {
      const after = await burst(6, () => door.get(ANY_PATH));
      return after.every(({ status }) => status > 0 && status < 500);
    });
    return kept(`page and ${files} files of it served with ${copies.length} processes down`, {
      files,
      down: copies.length,
      recoveredMs: ms,
    });
  },
};

/** Every copy of every program that nginx sends requests to. */
function copiesBehind(blueprint: Blueprint): ProgramCopy[] {
  const prefixes = nodesOfKind(blueprint, 'nginx').flatMap(nginx => nginx.routes.map(route => route.prefix));
  return [...new Set(prefixes.map(prefix => programServing(blueprint, prefix)))].flatMap(copiesOf);
}

/** @throws Broken unless nginx says in the API's own form that nobody is there, and when to come back */
async function expectWellSaid({ door }: World, page: Page): Promise<void> {
  const down = await door.get(ANY_PATH);
  expect(
    down.status >= 502 && down.status <= 504,
    `${describe(down)} with every program down, not 502, 503 or 504`,
  );
  expectProblem(down, down.status);
  expect(down.headers['retry-after'], `${describe(down)} without Retry-After`);
  expect(!/\d/.test(String(down.headers.server)), `${describe(down)} tells ${down.headers.server}`);
  expectHeadersOf(page.response, `${down.status}`, down);
}

/** @throws Broken unless the page and each file that it refers to is served */
async function expectFiles(world: World): Promise<Page> {
  const page = await pageOf(world);
  for (const path of [...page.texts, ...page.images]) {
    const file = await world.door.get(path, ROOT);
    expectStatus(file, 200);
    const type = file.headers['content-type'] ?? 'no type';
    expect(
      type.startsWith('image/') === page.images.includes(path),
      `GET ${path} answered 200 as ${type}, which is not what its name says`,
    );
  }
  return page;
}

import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { counts, MarkedRequests } from '../../system/access-log.ts';
import { type Balancer, balancerIn, balancerOf, copiesOf } from '../../system/nodes.ts';
import { hasCopies } from './spread.ts';

export const balancerSharedSessions: Guarantee = {
  id: 'balancer.shared-sessions',
  lines: ['E11'],
  title: 'a login made through one copy works through every other',
  from: 'balancer',
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  async check(world) {
    const balancer = balancerIn(world.blueprint);
    const pairs = (await eachWithEach(world, balancer)) ?? (await throughTheFrontDoor(world, balancer));
    return kept(`${pairs} uses of a session on copies of ${balancer.program.name}, each accepted`, { pairs });
  },
};

/** Every copy logs in, every copy is asked; undefined where copies are out of reach. */
async function eachWithEach(world: World, { program }: Balancer): Promise<number | undefined> {
  const clients = copiesOf(program).flatMap(({ copy }) => directTo(world, program, copy) ?? []);
  if (clients.length < program.replicas) return undefined;
  let pairs = 0;
  try {
    for (const [from, maker] of clients.entries()) {
      const cookie = await maker.login();
      for (const [at, user] of clients.entries()) {
        const response = await user.get('/sessions/current', { cookie });
        expect(
          response.status === 200,
          `a login made through copy ${from} is unknown to copy ${at}: ${describe(response)}`,
        );
        pairs += 1;
      }
    }
  } finally {
    for (const client of clients) client.close();
  }
  return pairs;
}

async function throughTheFrontDoor({ running, shop }: World, balancer: Balancer): Promise<number> {
  const cookie = await shop.login();
  const marked = new MarkedRequests(running, balancer);
  for (let request = 0; request < balancer.program.replicas * 8; request++) {
    const response = await marked.get(shop, '/sessions/current', cookie);
    expect(response.status === 200, `a copy does not know the session: ${describe(response)}`);
  }
  const { size } = counts(await marked.servers());
  expect(
    size === balancer.program.replicas,
    `only ${size} of ${balancer.program.replicas} copies were asked`,
  );
  return marked.sent;
}

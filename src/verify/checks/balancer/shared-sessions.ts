import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { ANONYMOUS, type Probes, type Session, type Written } from '../../http/probes.ts';
import { NotPromised } from '../../outcome.ts';
import { counts, MarkedRequests, shares } from '../../system/access-log.ts';
import { balancerIn, balancerOf, copiesOf, hasCopies, programServing } from '../../system/nodes.ts';

/** Logins through the front door, where copies cannot be asked one by one: so many for each copy. */
const TURNS = 4;

export const balancerSharedSessions: Guarantee = {
  id: 'balancer.shared-sessions',
  lines: ['E11'],
  title: 'a login made through one copy works through every other',
  from: 'balancer',
  needs: ['probes.write', 'probes.write.as'],
  applies: blueprint => hasCopies(balancerOf(blueprint)),
  async check(world) {
    await expectLoginNeeded(world);
    const pairs = (await eachWithEach(world)) ?? (await throughTheFrontDoor(world));
    return kept(`${pairs} writes with a session that another copy may have made, each accepted`, { pairs });
  },
};

/** A session that nobody asks for proves nothing. @throws NotPromised if the write is accepted without one */
async function expectLoginNeeded({ probes }: World): Promise<void> {
  const response = await probes.write(ANONYMOUS);
  if (probes.isWritten(response)) throw new NotPromised('the write is accepted without a login');
}

/** Every copy logs in, every copy is written through; undefined where copies are out of reach. */
async function eachWithEach(world: World): Promise<number | undefined> {
  const { probes } = world;
  const makers = everyCopyServing(world, probes.loginPath(probes.facts.probes.write?.as));
  const users = everyCopyServing(world, probes.writePath);
  try {
    if (!makers || !users) return undefined;
    for (const [from, maker] of makers.copies.entries()) {
      const session = await maker.writer();
      const written: Written[] = [];
      for (const [at, user] of users.copies.entries())
        written.push(...(await useAt(user, session, from, at)));
      for (const each of written) {
        for (const reader of users.copies) await reader.expectThere(each);
      }
    }
    return makers.copies.length * users.copies.length;
  } finally {
    makers?.close();
    users?.close();
  }
}

/** Writes through one copy with the session of another. @returns what can be read back */
async function useAt(user: Probes, session: Session, from: number, at: number): Promise<Written[]> {
  const response = await user.write(session);
  expect(
    user.isWritten(response),
    `a login made through copy ${from} is unknown to copy ${at}: ${describe(response)}`,
  );
  return user.facts.probes.write?.readBack === undefined ? [] : [user.writtenBy(response, session)];
}

/** The probes at every copy of the program that answers a path; undefined where the engine keeps one out of reach. */
function everyCopyServing(
  world: World,
  path: string,
): { readonly copies: readonly Probes[]; close(): void } | undefined {
  const program = programServing(world.blueprint, path);
  const clients = copiesOf(program).flatMap(({ copy }) => directTo(world, program, copy) ?? []);
  const close = () => {
    for (const client of clients) client.close();
  };
  if (clients.length === program.replicas)
    return { copies: clients.map(client => world.probes.through(client)), close };
  close();
  return undefined;
}

/** Logs in and writes by turns, so often that each copy has both to do. */
async function throughTheFrontDoor(world: World): Promise<number> {
  const { probes, blueprint } = world;
  const balancer = balancerIn(blueprint);
  const { replicas } = balancer.program;
  const marked = new MarkedRequests(world, balancer);
  for (let login = 0; login < replicas * TURNS; login++) {
    const session = await probes.writer();
    for (let write = 0; write < replicas; write++) {
      const response = await marked.send(headers => probes.write(session, { headers }));
      expect(probes.isWritten(response), `a copy does not know the session: ${describe(response)}`);
    }
  }
  // Where another program takes writes, whoever balances logs none of them.
  if (programServing(blueprint, probes.writePath) === balancer.program) {
    const byServer = counts(await marked.servers());
    expect(
      byServer.size === replicas,
      `only ${byServer.size} of ${replicas} copies were asked: ${shares(byServer)}`,
    );
  }
  return marked.sent;
}

import { eventually, expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import type { Probes, Written } from '../../http/probes.ts';
import { mailsHolding } from '../../system/mails.ts';

const SETTLED_WITHIN_MS = 10_000;

export const microservicesSettles: Guarantee = {
  id: 'microservices.settles',
  title: 'what is written through nginx settles; its writer finds it, and one mail tells of it',
  from: 'microservices',
  needs: ['probes.write', 'probes.write.readBack', 'probes.write.settles'],
  async check(world) {
    const { probes } = world;
    const { settles, foundBy, mails } = probes.facts.probes.write ?? {};
    const session = await probes.writer();
    const accepted = await probes.write(session);
    expect(probes.isWritten(accepted), describe(accepted));
    const written = probes.writtenBy(accepted, session);
    const settledMs = await settled(probes, written);
    const foundMs = foundBy === undefined ? 0 : await expectFound(probes, written, foundBy);
    const mailedMs = mails === undefined ? 0 : await expectMailed(world, written, mails.to);
    return kept(
      [
        `${settles?.to.join(' or ')} after ${settledMs} ms`,
        ...(foundMs > 0 ? [`found by its writer alone after ${foundMs} ms`] : []),
        ...(mailedMs > 0 ? [`mailed about once after ${mailedMs} ms`] : []),
      ].join(', '),
      { acceptedMs: Math.round(accepted.ms), completedMs: settledMs, foundMs, mailedMs },
    );
  },
};

async function settled(probes: Probes, written: Written): Promise<number> {
  const { to = [] } = probes.facts.probes.write?.settles ?? {};
  const what = `${to.join(' or ')} of what was written (${written.id})`;
  const { ms } = await eventually(what, SETTLED_WITHIN_MS, async () => {
    const state = await probes.stateOf(written);
    if (!to.includes(state)) throw new Error(`it is ${state}`);
    return true;
  });
  return Math.max(1, ms);
}

async function expectFound(probes: Probes, { id, session }: Written, path: string): Promise<number> {
  const { ms } = await eventually(`finding ${id} by GET ${path}`, SETTLED_WITHIN_MS, async () =>
    (await probes.get(path, session)).text.includes(id),
  );
  const anonymous = await probes.get(path);
  // Where nobody logs in to write, nobody is told apart.
  const isPrivate = Object.keys(session.headers).length > 0;
  expect(!isPrivate || !anonymous.text.includes(id), `GET ${path} shows ${id} to somebody without a session`);
  return Math.max(1, ms);
}

async function expectMailed({ running }: World, { id }: Written, to: string): Promise<number> {
  const { ms } = await eventually(`the mail about ${id}`, SETTLED_WITHIN_MS, async () => {
    if ((await mailsHolding(running, id)).length > 0) return true;
    throw new Error(`${(await running.mails()).length} other mail(s) came`);
  });
  const mails = await mailsHolding(running, id);
  expect(mails.length === 1, `the mail about ${id} was sent ${mails.length} times`);
  const went = mails[0]?.to.join(', ') ?? '';
  expect(went.includes(to), `the mail about ${id} went to ${went}, not to ${to}`);
  return Math.max(1, ms);
}

import { eventually, expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import type { HttpClient } from '../../http/client.ts';
import { DEMO_EMAIL, describe } from '../../http/client.ts';
import { orderState, searchFinds, stockOf } from '../../http/saga.ts';
import { programs } from '../../system/nodes.ts';

const SETTLED_WITHIN_MS = 10_000;

export const microservicesSettles: Guarantee = {
  id: 'microservices.settles',
  title: 'an order placed through nginx is paid, found by search, and its receipt is mailed',
  from: 'microservices',
  async check(world) {
    const { shop, blueprint } = world;
    const has = (name: string) => programs(blueprint).some(program => program.name === name);
    const cookie = await shop.login();
    const stock = await stockOf(shop, 1);
    const placed = await shop.order(cookie, { items: [{ productId: 1, quantity: 2 }] });
    expect(placed.status === 202, `${describe(placed)}, not 202`);
    const { id } = placed.json<{ id: string }>();
    const paid = await settled(shop, cookie, id);
    expect(
      (await stockOf(shop, 1)) === stock - 2,
      `order ${id} is completed, but the stock did not fall by 2`,
    );
    const found = has('search') ? await expectFound(shop, cookie, id) : 0;
    const mailed = has('receipts') ? await expectMail(world, id) : 0;
    return kept(
      `completed after ${paid} ms${found ? `, found by search after ${found} ms` : ''}${mailed ? `, receipt after ${mailed} ms` : ''}`,
      { acceptedMs: Math.round(placed.ms), completedMs: paid, foundMs: found, mailedMs: mailed },
    );
  },
};

async function settled(shop: HttpClient, cookie: string, id: string): Promise<number> {
  const { ms } = await eventually(`the completion of order ${id}`, SETTLED_WITHIN_MS, async () => {
    const state = await orderState(shop, cookie, id);
    if (state !== 'completed') throw new Error(`it is ${state}`);
    return true;
  });
  return Math.max(1, ms);
}

async function expectFound(shop: HttpClient, cookie: string, id: string): Promise<number> {
  await eventually('finding the keyboard by search', SETTLED_WITHIN_MS, () =>
    searchFinds(shop, cookie, 'keyboard', 'Keyboard'),
  );
  const { ms } = await eventually(`finding order ${id} by search`, SETTLED_WITHIN_MS, () =>
    searchFinds(shop, cookie, 'keyboard', id),
  );
  const anonymous = await shop.get('/search?q=keyboard');
  expect(!anonymous.text.includes(id), `GET /search shows order ${id} to somebody without a session`);
  return Math.max(1, ms);
}

async function expectMail({ running }: World, id: string): Promise<number> {
  const { ms } = await eventually(`the receipt of order ${id}`, SETTLED_WITHIN_MS, async () => {
    const mails = await running.mails();
    const about = mails.filter(mail => mail.raw.replaceAll('=\r\n', '').includes(id));
    if (about.length === 0) throw new Error(`${mails.length} other mail(s) came`);
    return about;
  });
  const mails = (await running.mails()).filter(mail => mail.raw.replaceAll('=\r\n', '').includes(id));
  expect(mails.length === 1, `the receipt of order ${id} was sent ${mails.length} times`);
  const to = mails[0]?.to.join(', ') ?? '';
  expect(to.includes(DEMO_EMAIL), `the receipt of order ${id} went to ${to}, not to ${DEMO_EMAIL}`);
  return Math.max(1, ms);
}

/** What the generated READMEs say that their lines show, line by line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';

const SETTLES_WITHIN_MS = 15_000;

interface Order {
  readonly id: string;
  readonly state: string;
}

export interface Reader {
  /** Types a line of the README and returns what it printed. */
  readonly type: (line: string) => Promise<string>;
  /** The order that was placed first. */
  order?: Order;
}

interface Answer {
  /** Which lines these are. */
  readonly line: RegExp;
  readonly check: (output: string, reader: Reader, line: string) => void | Promise<void>;
}

const ANSWERS: readonly Answer[] = [
  {
    line: /^curl .*products\?limit=3"$/,
    check: output => expect(JSON.parse(output).items).toHaveLength(3),
  },
  {
    line: /^curl .*\/sessions"$/,
    check: output => expect(JSON.parse(output).customer.email).toBe('demo@shop.example'),
  },
  { line: /^curl .*--json .*\/orders"$/, check: checkOrder },
  { line: /^curl --cookie \S+ "\$SHOP\/orders"$/, check: checkOrders },
  {
    line: /^docker compose exec db .*psql /,
    check: output => expect(output).toMatch(/ orders +\| orders .*/),
  },
  { line: /^docker compose exec mail /, check: checkReceipts },
  { line: /^node scripts\/move-data\.mjs /, check: output => expect(output).toMatch(/^nothing to move: /) },
  { line: /^docker compose exec search .*rebuild/, check: () => undefined },
  { line: /^node scripts\/burst\.mjs .* 30$/, check: output => expect(output).toMatch(/^200 x 30$/m) },
  {
    line: /^docker compose logs haproxy .*uniq -c$/,
    check: output => expect(output.match(/"server":"app\d+"/g)).toHaveLength(3),
  },
  { line: /^docker compose (?:up|stop) /, check: () => undefined },
  { line: /^curl --include .*# (?:\d{3}|or| )+, as JSON$/, check: checkProblem },
  { line: /^curl --head .*# 200$/, check: output => expect(output).toMatch(/^HTTP\/2 200/) },
];

/** Types a line and compares what comes. @throws Error for a line whose answer nobody has written down here */
export async function typeAndCheck(line: string, reader: Reader): Promise<void> {
  const answer = ANSWERS.find(each => each.line.test(line));
  if (answer === undefined) throw new Error(`the README has a line that no answer is known for: ${line}`);
  await answer.check(await reader.type(line), reader, line);
}

async function checkOrder(output: string, reader: Reader, line: string): Promise<void> {
  const order = JSON.parse(output) as Order;
  expect(order).toMatchObject({ id: expect.any(String), state: expect.stringMatching(/^(?:paid|placed)$/) });
  reader.order = order;
  if (line.includes('Idempotency-Key')) {
    const again = JSON.parse(await reader.type(line)) as Order;
    expect(again.id).toBe(order.id);
  }
}

/** The order is there; one that is only placed moves on by itself. */
async function checkOrders(output: string, reader: Reader, line: string): Promise<void> {
  const { order } = reader;
  const own = (text: string) => (JSON.parse(text) as { items: Order[] }).items;
  expect(own(output).map(({ id }) => id)).toEqual([order?.id]);
  if (order?.state !== 'placed') return;
  await settles(async () => expect(own(await reader.type(line))[0]?.state).toBe('completed'));
}

/** The line's own comment says which status. */
function checkProblem(output: string, _: Reader, line: string): void {
  const [, status = ''] = /^HTTP\/\S+ (\d{3})/.exec(output) ?? [];
  expect(line.replace(/^.*#/, '').match(/\d{3}/g)).toContain(status);
  expect(output).toMatch(/^content-type: application\/problem\+json/im);
}

/** Mail takes a moment longer than the order. */
function checkReceipts(_: string, reader: Reader, line: string): Promise<void> {
  return settles(async () => expect(await reader.type(line)).toMatch(/^\[ '.+' \]$/));
}

async function settles(expectation: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

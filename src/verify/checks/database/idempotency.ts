import { eventually, expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpResponse } from '../../http/client.ts';
import type { FilledWrite, Session } from '../../http/probes.ts';
import { withAnotherBody } from '../../http/writings.ts';
import { burst } from '../../load/burst.ts';
import { newUuid } from '../../random.ts';
import { rowsIn } from '../../system/rows.ts';

const TIMES = 10;
/** The first one with this key is still under way: to be asked again (draft-ietf-httpapi-idempotency-key-header). */
const IN_USE = 409;
/** Who answers need not be who writes: the row may come a little later, and a second one after that. */
const SHOWS_WITHIN_MS = 5_000;
const SECOND_WITHIN_MS = 300;

export const databaseIdempotency: Guarantee = {
  id: 'database.idempotency',
  lines: ['C7'],
  title: 'the same key writes once, however often it comes',
  from: 'database',
  needs: ['probes.write', 'probes.write.key', 'database.counts'],
  async check(world) {
    const { running, probes, random } = world;
    const { counts = '' } = probes.facts.database ?? {};
    const session = await probes.writer();
    const request = await probes.newWrite();
    const key = newUuid(random);
    const before = await rowsIn(running, counts);
    const written = await writeAtOnce(world, session, request, key);
    const shows = async () => (await rowsIn(running, counts)) > before;
    await eventually(`a row in ${counts} for what was written`, SHOWS_WITHIN_MS, shows);
    await sleep(SECOND_WITHIN_MS);
    const rows = (await rowsIn(running, counts)) - before;
    expect(rows === 1, `${TIMES} requests with one key made ${rows} rows in ${counts}, not 1`);
    if (probes.facts.probes.write?.readBack !== undefined) await probes.expectThere(written);
    const other = await expectOtherRefused(world, session, request, key);
    return kept(`${TIMES} at once and 1 later wrote once; ${other}`, { requests: TIMES + 1, rows });
  },
};

/** The same request, many at once and one later. @returns what they wrote. @throws Broken if that is more than one thing */
async function writeAtOnce({ probes }: World, session: Session, request: FilledWrite, key: string) {
  const samples = await burst(TIMES, () => probes.write(session, { request, key }));
  const accepted = samples.flatMap(({ response, failure }) => {
    expect(response, `one of ${TIMES} requests with one key failed: ${failure}`);
    if (response.status === IN_USE) return [];
    expect(isAccepted(response), `${describe(response)} to one of ${TIMES} requests with one key`);
    return [response];
  });
  expect(accepted.some(probes.isWritten), `none of ${TIMES} requests with one key was accepted`);
  const later = await probes.write(session, { request, key });
  expect(isAccepted(later), `${describe(later)} to a request that was accepted before with the same key`);
  const written = [...accepted, later].map(response => probes.writtenBy(response, session));
  const ids = new Set(written.map(({ id }) => id));
  expect(ids.size === 1, `${written.length} requests with one key wrote under ${ids.size} different ids`);
  const [first] = written;
  expect(first, 'nothing was written');
  return first;
}

/** Of a repeated request the answer may be another than of the first. */
function isAccepted({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

/** @returns what was seen, in words. @throws Broken if a key that stands for one request takes another */
async function expectOtherRefused(
  { running, probes }: World,
  session: Session,
  request: FilledWrite,
  key: string,
): Promise<string> {
  const other = await withAnotherBody(probes, request);
  if (!other) return 'another body with the key was not tried: this one always says the same';
  const { counts = '' } = probes.facts.database ?? {};
  const before = await rowsIn(running, counts);
  const answer = await probes.write(session, { request: other, key });
  expect(
    answer.status >= 400 && answer.status < 500,
    `${describe(answer)} to another body with a key that was used; such a request is to be refused (422)`,
  );
  expect((await rowsIn(running, counts)) === before, 'another body with a used key was refused, and written');
  return `another body with the key is refused with ${answer.status}`;
}

import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpResponse } from '../../http/client.ts';
import { newMark } from '../../http/mark.ts';
import type { FilledWrite, Session } from '../../http/probes.ts';

/** Each would do something if it were read as SQL or as a pattern; the decoy is what it would find besides. */
const TEXTS = [
  { text: `Robert'); drop table students; --`, decoy: 'Robert' },
  { text: `' or '1'='1`, decoy: 'one' },
  { text: `$1 $$; select pg_sleep(9); --`, decoy: '1' },
  { text: '100%_off', decoy: '100xxoff' },
  { text: 'back\\slash\\%', decoy: 'backslash' },
  { text: `"Ünï 💩 'quoted'"`, decoy: 'quoted' },
  { text: 'none \u0000', decoy: 'none' },
];

/** The one that opens every door whose lock is put together from text. */
const MASTER_KEY = `' or '1'='1`;

export const databaseHostileText: Guarantee = {
  id: 'database.hostile-text',
  lines: ['C5'],
  title: 'SQL and wildcards in a login or a key are nothing but text',
  from: 'database',
  needs: [['probes.logins', 'probes.write.key']],
  async check(world) {
    const { logins, write } = world.probes.facts.probes;
    const names = Object.keys(logins);
    let texts = 0;
    for (const name of names) texts += await tryLogin(world, name);
    const keys = write?.key === undefined ? 0 : await tryKeys(world);
    const tried = [
      ...(texts > 0 ? [`${texts} logins opened nothing`] : []),
      ...(keys > 0 ? [`${keys} keys wrote once each`] : []),
    ];
    return kept(tried.join(', ') || 'no login has a text', { logins: texts, keys });
  },
};

/** @returns how many were tried */
async function tryLogin(world: World, name: string): Promise<number> {
  const count = await textsIn(world, name);
  if (count === 0) return 0;
  for (const { text } of TEXTS) await expectNoLogin(world, { name, text });
  // One at a time, as the others might already be reason enough to refuse; once, as some lock an account after a few.
  for (let only = 0; only < count; only++) await expectNoLogin(world, { name, text: MASTER_KEY, only });
  return TEXTS.length + count;
}

async function textsIn({ probes }: World, name: string): Promise<number> {
  let count = 0;
  await probes.loginBody(name, text => {
    count++;
    return text;
  });
  return count;
}

interface Attempt {
  readonly name: string;
  /** What takes the place of each text; */
  readonly text: string;
  /** or of this one only, counted from 0. */
  readonly only?: number;
}

/** @throws Broken if it is an error of the program, or opens what another text in its place does not open */
async function expectNoLogin(world: World, attempt: Attempt): Promise<void> {
  const text = JSON.stringify(attempt.text);
  const answer = await logIn(world, attempt);
  expect(answer.status < 500, `${describe(answer)} to ${text} in a login, not 4xx`);
  if (answer.status >= 400) return;
  const control = await logIn(world, { ...attempt, text: newMark(world.random) });
  expect(control.status < 400, `${answer.request} answered ${answer.status}: ${text} in a login opens it`);
}

async function logIn({ probes, door }: World, { name, text, only }: Attempt): Promise<HttpResponse> {
  let position = 0;
  const change = (own: string) => (only === undefined || position++ === only ? text : own);
  return await door.post(probes.loginPath(name), await probes.loginBody(name, change));
}

/** @returns how many were tried. @throws Broken unless each of them, and nothing else, stands for one request */
async function tryKeys(world: World): Promise<number> {
  const { probes, random } = world;
  const session = await probes.writer();
  const mark = newMark(random);
  const keyOfId = new Map<string, string>();
  const add = (id: string | undefined, key: string) => {
    if (id === undefined) return;
    const other = keyOfId.get(id);
    expect(
      other === undefined,
      `the keys ${JSON.stringify(other)} and ${JSON.stringify(key)} wrote one thing`,
    );
    keyOfId.set(id, key);
  };
  for (const { text, decoy } of TEXTS) {
    const plain = inHeader(`${mark} ${decoy}`);
    const hostile = inHeader(`${mark} ${text}`);
    add(await idOf(world, session, await probes.newWrite(), plain), plain);
    const request = await probes.newWrite();
    const id = await idOf(world, session, request, hostile);
    const again = await idOf(world, session, request, hostile);
    expect(id === again, `two requests with the key ${JSON.stringify(hostile)} wrote twice`);
    add(id, hostile);
  }
  return keyOfId.size;
}

/** @returns undefined for a key that the program refuses: it may have a form of its own for them */
async function idOf(
  { probes }: World,
  session: Session,
  request: FilledWrite,
  key: string,
): Promise<string | undefined> {
  const answer = await probes.write(session, { request, key });
  if (answer.status >= 400 && answer.status < 500) return undefined;
  expect(answer.status < 300, `${describe(answer)} to the key ${JSON.stringify(key)}, not 2xx or 4xx`);
  return probes.writtenBy(answer, session).id;
}

/** A header carries Latin letters only. */
function inHeader(text: string): string {
  return encodeURI(text).replaceAll('%20', ' ').replaceAll('%25', '%');
}

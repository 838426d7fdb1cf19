import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { Contract } from '../../http/contract.ts';
import { OpenApi } from '../../http/openapi.ts';
import { loginAnswer, type Seen, Tour } from '../../http/tour.ts';
import { NotPromised } from '../../outcome.ts';

/** As many operations as a line can name. */
const MOST_NAMED = 6;

export const stallContract: Guarantee = {
  id: 'stall.contract',
  title: 'every answer is as openapi.yaml says, and no script can read the cookie of a session',
  from: 'stall',
  needs: [],
  limitMs: 60_000,
  async check(world) {
    await cookies(world);
    const contract = new Contract(await OpenApi.of(world.directory));
    const seen = await new Tour(world, contract).go();
    const { responses, operations } = contract.figures;
    if (responses === 0) throw new NotPromised(`openapi.yaml has nothing to ask by${told(seen)}`);
    return kept(`${responses} answers of ${operations} operations are as openapi.yaml says${told(seen)}`, {
      responses,
      operations,
      notAsked: seen.unasked.size,
      refused: seen.refused.size,
      undocumented: seen.undocumented.size,
    });
  },
};

/** The cookie of a session is for this program alone, and over TLS where there is TLS. */
async function cookies(world: World): Promise<void> {
  const { probes, blueprint } = world;
  const isSecure = blueprint.frontDoor.scheme === 'https';
  for (const [name, { cookie }] of Object.entries(probes.facts.probes.logins)) {
    if (cookie === undefined) continue;
    const path = probes.loginPath(name);
    const answer = await loginAnswer(world, name);
    const set = answer?.headers['set-cookie']?.find(each => each.startsWith(`${cookie}=`));
    // A login without its cookie is told as a probe that is wrong.
    if (set === undefined) continue;
    const attributes = set.split(';').map(each => each.trim().toLowerCase().split('=')[0]);
    for (const attribute of ['HttpOnly', 'SameSite', ...(isSecure ? ['Secure'] : [])]) {
      expect(
        attributes.slice(1).includes(attribute.toLowerCase()),
        `POST ${path} sets the cookie ${cookie} without ${attribute}`,
      );
    }
  }
}

function told({ unasked, refused, undocumented }: Seen): string {
  return [
    listed(
      'not asked',
      [...unasked].map(([name, why]) => `${name} (${why})`),
    ),
    listed(
      'only refused',
      [...refused].map(([name, status]) => `${name} (${status})`),
    ),
    listed('not in openapi.yaml', [...undocumented]),
  ].join('');
}

function listed(title: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const rest = names.length - MOST_NAMED;
  return `; ${title}: ${names.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

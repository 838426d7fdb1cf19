import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { HttpClient } from '../../http/client.ts';
import { NotVerifiable } from '../../outcome.ts';

export const nginxRedirect: Guarantee = {
  id: 'nginx.redirect',
  lines: ['F2'],
  title: 'HTTP is redirected to HTTPS, keeping path and method',
  from: 'nginx',
  needs: [],
  async check(world) {
    const plain = plainClient(world);
    const { domain, basePath } = world.blueprint.frontDoor;
    const path = `${basePath}/no-such-route?part=2`;
    try {
      for (const method of ['GET', 'POST']) {
        const response = await plain.request(method, path, { from: 'root' });
        expect(response.status === 308, `${method} over plain HTTP answered ${response.status}, not 308`);
        const location = response.headers.location ?? '';
        const target = URL.canParse(location) ? new URL(location) : undefined;
        expect(
          target?.protocol === 'https:' && target.hostname === domain,
          `plain HTTP is redirected to ${location || 'nowhere'}, not to https://${domain}`,
        );
        expect(target.pathname + target.search === path, `the redirect to ${location} loses path or query`);
      }
      await expectNoForeignHost(plain);
    } finally {
      plain.close();
    }
    return kept(`308 to https://${domain} with path and query, whatever host was asked for`, { requests: 3 });
  },
};

/** A client of the port that only redirects. */
export function plainClient({ running }: World): HttpClient {
  const { redirectPort, host } = running.frontDoor;
  if (redirectPort === undefined) throw new NotVerifiable('the engine publishes no port for plain HTTP');
  return new HttpClient({
    endpoint: { host, port: redirectPort },
    scheme: 'http',
    basePath: '',
    host: running.blueprint.frontDoor.domain,
  });
}

/** The target must come from the configuration: a redirect to the caller's host sends victims anywhere. */
async function expectNoForeignHost(plain: HttpClient): Promise<void> {
  const refused = await plain.get('/', { headers: { host: 'evil.example' } }).catch(() => undefined);
  const location = refused?.headers.location ?? '';
  expect(!location.includes('evil.example'), `a request for evil.example is redirected to ${location}`);
}

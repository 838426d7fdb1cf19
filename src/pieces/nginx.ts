/** nginx: the front door with TLS, files, routing and limits. */
import type { EnvEntry, FrontDoor, NginxNode, SecretSpec } from '../blueprint/blueprint.ts';
import type { Answers } from '../journey/options.ts';
import { reaches } from '../journey/stages.ts';
import { IMAGES } from '../journey/versions.ts';
import { HAPROXY_NODE } from './haproxy.ts';
import type { Piece, Recipe } from './piece.ts';
import { programOnPath } from './tool.ts';

export const NGINX_NODE = 'nginx';

/** The upstream that gets whatever no other route takes. */
const MAIN_UPSTREAM = 'app_servers';

const CERTIFICATE: readonly SecretSpec[] = [
  { name: 'tls_crt', purpose: 'certificate that nginx shows', kind: 'tls-certificate' },
  { name: 'tls_key', purpose: 'its private key', kind: 'tls-key' },
];

export const nginx: Piece<NginxNode> = {
  kind: 'nginx',
  nodes: recipe => (hasTls(recipe.answers) ? [nginxNode(recipe)] : []),
  secrets: ({ answers }) => (hasTls(answers) ? CERTIFICATE : []),
  callees: ({ upstreams }) => upstreams.map(({ node }) => node),
  picture: { column: 1, shape: 'card' },
  keepsRunning: true,
  stopRank: 0,
  server: programOnPath('nginx', 'nginx on', '-v'),
  helpers: [programOnPath('openssl', 'nginx on: makes the certificate', 'version')],
  config: {
    path: 'nginx/nginx.conf',
    publicPort: { mountedAt: '/etc/nginx/nginx.conf', replace: redirectingTo },
  },
  native: () => import('../engines/native/nginx.ts'),
};

/** Whether the front door speaks TLS. */
export function hasTls({ stage }: Answers): boolean {
  return reaches(stage, 'nginx');
}

function nginxNode({ answers, main, programs }: Recipe): NginxNode {
  const behind = answers.balancer === 'haproxy' ? HAPROXY_NODE : main;
  const strategy = answers.strategy ?? 'round-robin';
  const others = programs.filter(({ name, routes }) => name !== main && routes.length > 0);
  const upstreamOf = (name: string) => `${name}_servers`;
  return {
    kind: 'nginx',
    name: NGINX_NODE,
    image: IMAGES.nginx,
    networks: ['edge', 'app'],
    needs: [behind, ...others.map(({ name }) => name)].map(node => ({ node, condition: 'healthy' })),
    secrets: CERTIFICATE.map(({ name }) => name),
    env: [],
    port: 8080,
    limits: { cpus: '0.5', memory: '128M', pids: 64 },
    caption: 'nginx: TLS, files, routing',
    domain: answers.domain ?? 'localhost',
    tlsPort: 8443,
    upstreams: [
      { name: MAIN_UPSTREAM, node: behind, strategy },
      ...others.map(({ name }) => ({ name: upstreamOf(name), node: name, strategy })),
    ],
    routes: [
      ...others.flatMap(({ name, routes }) => routes.map(prefix => ({ prefix, upstream: upstreamOf(name) }))),
      { prefix: '', upstream: MAIN_UPSTREAM },
    ],
  };
}

/** What the API's paths begin with. */
export function basePath(answers: Answers): FrontDoor['basePath'] {
  return hasTls(answers) ? '/api' : '';
}

/** What the paths begin with that a program is asked for. */
export function basePathEnv(answers: Answers): EnvEntry[] {
  return [{ key: 'BASE_PATH', value: basePath(answers) }];
}

/** Whether browsers keep a program's cookies to TLS. */
export function secureCookieEnv(answers: Answers): EnvEntry[] {
  return [{ key: 'COOKIE_SECURE', value: String(hasTls(answers)) }];
}

/** nginx names the public port in its redirect. */
export function redirectingTo(nginxConf: string, port: number): string {
  return nginxConf.replace(
    /(https:\/\/\$host)(?::\d+)?(?=\$request_uri)/g,
    (_, host: string) => `${host}:${port}`,
  );
}

/** What differs between a proxy's configuration in Compose and under the native engine: addresses and places, nothing else. */
import type { Blueprint } from '../blueprint/blueprint.ts';
import { IMAGE_SERVER_VERSIONS } from '../journey/versions.ts';

export interface FixedServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface ProxyFeatures {
  /** nginx ≥ 1.25.1: `http2 on;` */
  readonly http2Directive: boolean;
  /** nginx ≥ 1.27.4: `keepalive_min_timeout` */
  readonly keepAliveMinTimeout: boolean;
  /** nginx ≥ 1.27.3: `server name resolve;` in the free version */
  readonly resolveInUpstream: boolean;
  /** nginx ≥ 1.19.4: `ssl_reject_handshake on;` */
  readonly rejectHandshake: boolean;
  /** nginx < 1.23.2: session tickets without key rotation, so they are turned off */
  readonly ticketsOff: boolean;
  /** HAProxy ≥ 3.1: servers start as down until their first check */
  readonly initStateDown: boolean;
}

export interface ProxyTarget {
  readonly kind: 'compose' | 'native';
  /** What HAProxy binds to. */
  readonly listen: string;
  /** What nginx listens on, without and with TLS: a port, or address:port. */
  readonly http: string;
  readonly https: string;
  /** The port in the URLs that people type: where plain HTTP is redirected to. */
  readonly publicPort: number;
  /** Fixed addresses by upstream or balanced node; empty in Compose, where names are resolved. */
  readonly servers: Readonly<Record<string, readonly FixedServer[]>>;
  /** A writable folder for pid files and temporary files. */
  readonly runDir: string;
  readonly accessLog: string;
  readonly errorLog: string;
  readonly certificate: string;
  readonly certificateKey: string;
  readonly webRoot: string;
  readonly mimeTypes: string;
  /** The account that nginx's workers run as, where it starts as root; undefined otherwise. */
  readonly user: string | undefined;
  readonly features: ProxyFeatures;
}

/** Which directives these versions know. @param nginx such as '1.22.1' @param haproxy such as '2.6.12' */
export function proxyFeatures(nginx: string, haproxy: string): ProxyFeatures {
  return {
    http2Directive: atLeast(nginx, '1.25.1'),
    keepAliveMinTimeout: atLeast(nginx, '1.27.4'),
    resolveInUpstream: atLeast(nginx, '1.27.3'),
    rejectHandshake: atLeast(nginx, '1.19.4'),
    ticketsOff: !atLeast(nginx, '1.23.2'),
    initStateDown: atLeast(haproxy, '3.1.0'),
  };
}

function atLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map(text => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The target of the files that are written into a project. */
export function composeTarget(blueprint: Blueprint): ProxyTarget {
  const nginx = blueprint.nodes.find(node => node.kind === 'nginx');
  const haproxy = blueprint.nodes.find(node => node.kind === 'haproxy');
  return {
    kind: 'compose',
    listen: `:${haproxy?.port ?? 8080}`,
    http: String(nginx?.port ?? 8080),
    https: String(nginx?.kind === 'nginx' ? nginx.tlsPort : 8443),
    publicPort: blueprint.frontDoor.publishedPort,
    servers: {},
    runDir: '/tmp',
    accessLog: '/dev/stdout',
    errorLog: '/dev/stderr',
    certificate: '/run/secrets/tls_crt',
    certificateKey: '/run/secrets/tls_key',
    webRoot: '/srv/www',
    mimeTypes: '/etc/nginx/mime.types',
    user: undefined,
    features: proxyFeatures(IMAGE_SERVER_VERSIONS.nginx, IMAGE_SERVER_VERSIONS.haproxy),
  };
}

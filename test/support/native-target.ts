/** The target of a proxy that a test runs by itself, from what the native engine's would be. */
import { join } from 'node:path';
import { type Blueprint, nodesOfKind } from '../../src/blueprint/blueprint.ts';
import { composeTarget, type ProxyTarget, proxyFeatures } from '../../src/plan/target.ts';
import { findExecutable, versionOf } from '../../src/processes/executables.ts';

export const nginx = findExecutable('nginx') ?? 'nginx';
export const haproxy = findExecutable('haproxy') ?? 'haproxy';

/**
 * @param folder with a folder `run`, for what the proxy writes
 * @param project a generated project with a certificate and pages
 */
export async function nativeTarget(
  blueprint: Blueprint,
  folder: string,
  project: string,
): Promise<ProxyTarget> {
  const behind = [
    ...nodesOfKind(blueprint, 'haproxy').map(({ balances }) => balances),
    ...nodesOfKind(blueprint, 'nginx').flatMap(({ upstreams }) => upstreams.map(({ name }) => name)),
  ];
  const servers = [3001, 3002, 3003].map((port, index) => ({
    name: `copy${index + 1}`,
    host: '127.0.0.1',
    port,
  }));
  return {
    ...composeTarget(blueprint),
    kind: 'native',
    listen: '127.0.0.1:38080',
    http: '127.0.0.1:38081',
    https: '127.0.0.1:38443',
    servers: Object.fromEntries(behind.map(name => [name, servers])),
    runDir: join(folder, 'run'),
    accessLog: join(folder, 'run', 'access.log'),
    errorLog: 'stderr',
    certificate: join(project, 'secrets', 'tls_crt'),
    certificateKey: join(project, 'secrets', 'tls_key'),
    webRoot: join(project, 'public'),
    features: proxyFeatures(await versionOf(nginx, '-v'), await versionOf(haproxy, '-v')),
  };
}

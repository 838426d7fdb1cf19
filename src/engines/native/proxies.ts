/** HAProxy and nginx, run from the project's own configuration files. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyCount, type HaproxyNode, type NginxNode, nodeNamed } from '../../blueprint/blueprint.ts';
import { EngineError, LOG_TAIL } from '../../errors.ts';
import { composeTarget, type FixedServer, type ProxyTarget, proxyFeatures } from '../../plan/target.ts';
import { isRoot } from '../../processes/account.ts';
import { versionOf } from '../../processes/executables.ts';
import { outputOf } from '../../processes/run.ts';
import { inheritedEnvironment } from '../run/environment.ts';
import type { Launch } from '../run/launch.ts';
import { LOOPBACK } from '../run/ports.ts';
import { accepts } from '../run/wait.ts';
import { portsOf, type RunContext } from './context.ts';
import type { Part } from './copy.ts';
import { FileTail } from './file-tail.ts';
import { adaptProxyConfig } from './proxy-config.ts';

/** Where a project keeps the files that nginx serves. */
const WEB_ROOT = 'public';

/** SIGTERM makes both drop what they are doing: nothing is under way any more when a run is taken down. */
const STOP_STEPS = [{ signal: 'SIGTERM', waitMs: 2_000 }] as const;

/** What a served page needs, should this nginx have come without its list. */
const FEW_MIME_TYPES = `types {
  text/html html;
  text/css css;
  text/javascript js mjs;
  application/json json;
  image/svg+xml svg;
  image/png png;
  image/jpeg jpg jpeg;
  image/webp webp;
  image/x-icon ico;
  text/plain txt;
}
`;

export function haproxyPart(context: RunContext, node: HaproxyNode): Part {
  const { main } = portsOf(context, node.name);
  return {
    label: node.name,
    stopSteps: STOP_STEPS,
    crashSteps: [],
    healthy: () => accepts(main),
    async prepare() {
      const command = context.tools.haproxy ?? missing('haproxy');
      const folder = await context.runDirectory.folderFor(node.name);
      const target: ProxyTarget = {
        ...composeTarget(context.blueprint),
        kind: 'native',
        listen: `${LOOPBACK}:${main}`,
        servers: { [node.balances]: serversOf(context, node.balances) },
        runDir: folder,
        features: proxyFeatures('0.0.0', await versionOf(command, '-v')),
      };
      const config = await writeConfig(context, 'haproxy', target, join(folder, 'haproxy.cfg'));
      const launch = (...args: string[]): Launch => ({
        command,
        args: [...args, '-f', config],
        cwd: folder,
        env: inheritedEnvironment(),
        kind: 'other',
      });
      await check(context, launch('-c'), config, 'haproxy/haproxy.cfg');
      return launch('-db');
    },
  };
}

export function nginxPart(context: RunContext, node: NginxNode, onLine: (line: string) => void): Part {
  const ports = portsOf(context, node.name);
  const accessLog = join(context.runDirectory.logs, `${node.name}-access.log`);
  let tail: FileTail | undefined;
  return {
    label: node.name,
    stopSteps: STOP_STEPS,
    crashSteps: [],
    healthy: () => accepts(ports.main),
    async prepare() {
      const command = context.tools.nginx ?? missing('nginx');
      const folder = await context.runDirectory.folderFor(node.name);
      const target: ProxyTarget = {
        ...composeTarget(context.blueprint),
        kind: 'native',
        http: `${LOOPBACK}:${ports.redirect ?? 0}`,
        https: `${LOOPBACK}:${ports.main}`,
        publicPort: ports.main,
        servers: Object.fromEntries(
          node.upstreams.map(({ name, node: behind }) => [name, serversOf(context, behind)]),
        ),
        runDir: folder,
        accessLog,
        errorLog: 'stderr',
        certificate: context.runDirectory.secretFile('tls_crt'),
        certificateKey: context.runDirectory.secretFile('tls_key'),
        webRoot: join(context.directory, WEB_ROOT),
        mimeTypes: await mimeTypes(command, folder),
        user: workerAccount(),
        features: proxyFeatures(await versionOf(command, '-v'), '0.0.0'),
      };
      const config = await writeConfig(context, 'nginx', target, join(folder, 'nginx.conf'));
      tail ??= new FileTail(accessLog, onLine);
      const launch = (...args: string[]): Launch => ({
        command,
        args: ['-p', `${folder}/`, '-e', 'stderr', '-c', config, ...args],
        cwd: folder,
        env: inheritedEnvironment(),
        kind: 'other',
      });
      await check(context, launch('-t', '-q'), config, 'nginx/nginx.conf');
      const foreground = /^\s*daemon\s/m.test(await readFile(config, 'utf8')) ? [] : ['-g', 'daemon off;'];
      return launch(...foreground);
    },
    async readLog() {
      tail?.read();
    },
    async clear() {
      tail?.close();
    },
  };
}

/**
 * Started by root, nginx gives its workers to `nobody`, who can read neither the run directory nor a project under a closed
 * home. Here they stay with root: they listen on loopback only, for the length of one run.
 */
function workerAccount(): string | undefined {
  if (!isRoot()) return undefined;
  return process.platform === 'darwin' ? 'root wheel' : 'root';
}

function serversOf(context: RunContext, name: string): FixedServer[] {
  const node = nodeNamed(context.blueprint, name);
  return Array.from({ length: copyCount(node) }, (_, copy) => ({
    name: `${name}${copy + 1}`,
    host: LOOPBACK,
    port: portsOf(context, name, copy).main,
  }));
}

/** Takes the project's file, puts this run's addresses into it, and writes it into the run directory. */
async function writeConfig(
  context: RunContext,
  kind: 'haproxy' | 'nginx',
  target: ProxyTarget,
  path: string,
): Promise<string> {
  const { PROXY_FILES, renderProxyConfig } = await import('../../plan/proxies.ts');
  const file = PROXY_FILES[kind];
  const [owned, generated, wanted] = await Promise.all([
    readFile(join(context.directory, file), 'utf8').catch(error => {
      throw new EngineError(`${file} cannot be read`, {
        hint: 'it is part of this stage: take it back with git',
        cause: error,
      });
    }),
    renderProxyConfig(context.blueprint, kind, composeTarget(context.blueprint)),
    renderProxyConfig(context.blueprint, kind, target),
  ]);
  await writeFile(path, adaptProxyConfig({ file, owned, generated, wanted }), { mode: 0o600 });
  return path;
}

async function check(context: RunContext, launch: Launch, config: string, file: string): Promise<void> {
  const { code, lines } = await context.complete(launch);
  if (code === 0) return;
  const said = lines.find(line => /\[(emerg|ALERT)\]/.test(line)) ?? lines[0] ?? `exit code ${code}`;
  throw new EngineError(`${file} is refused: ${said.trim().replaceAll(config, file)}`, {
    logTail: lines.slice(-LOG_TAIL),
  });
}

async function mimeTypes(nginx: string, folder: string): Promise<string> {
  const main = /--conf-path=(\S+)\/[^/\s]+/.exec(await outputOf(nginx, ['-V']))?.[1] ?? '/etc/nginx';
  const own = join(main, 'mime.types');
  if (existsSync(own)) return own;
  const few = join(folder, 'mime.types');
  await writeFile(few, FEW_MIME_TYPES);
  return few;
}

function missing(name: string): never {
  throw new EngineError(`this machine has no ${name}`, { lacks: 'machine' });
}

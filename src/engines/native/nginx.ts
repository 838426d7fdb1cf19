/** nginx, run from the project's own configuration. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NginxNode } from '../../blueprint/blueprint.ts';
import { composeTarget, type ProxyTarget, proxyFeatures } from '../../plan/target.ts';
import { isRoot } from '../../processes/account.ts';
import { versionOf } from '../../processes/executables.ts';
import { outputOf } from '../../processes/run.ts';
import { inheritedEnvironment } from '../run/environment.ts';
import type { Launch } from '../run/launch.ts';
import type { LogBook } from '../run/log-book.ts';
import { LOOPBACK } from '../run/ports.ts';
import { accepts } from '../run/wait.ts';
import { portsOf, type RunContext } from './context.ts';
import { type Copy, type Part, ProcessCopy } from './copy.ts';
import { FileTail } from './file-tail.ts';
import { checkConfig, commandOf, STOP_STEPS, serversOf, writeConfig } from './proxy.ts';

/** Where a project keeps the files that nginx serves. */
const WEB_ROOT = 'public';

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

export function makeCopy(context: RunContext, node: NginxNode, _copy: number, log: LogBook): Copy {
  return new ProcessCopy(
    context,
    nginxPart(context, node, line => log.add(line)),
    log,
  );
}

function nginxPart(context: RunContext, node: NginxNode, onLine: (line: string) => void): Part {
  const ports = portsOf(context, node.name);
  const accessLog = join(context.runDirectory.logs, `${node.name}-access.log`);
  let tail: FileTail | undefined;
  return {
    label: node.name,
    stopSteps: STOP_STEPS,
    crashSteps: [],
    healthy: () => accepts(ports.main),
    async prepare() {
      const command = commandOf(context, node);
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
      const config = await writeConfig(context, node, target, folder);
      tail ??= new FileTail(accessLog, onLine);
      const launch = (...args: string[]): Launch => ({
        command,
        args: ['-p', `${folder}/`, '-e', 'stderr', '-c', config.path, ...args],
        cwd: folder,
        env: inheritedEnvironment(),
        kind: 'other',
      });
      await checkConfig(context, launch('-t', '-q'), config);
      const foreground = /^\s*daemon\s/m.test(await readFile(config.path, 'utf8'))
        ? []
        : ['-g', 'daemon off;'];
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

async function mimeTypes(nginx: string, folder: string): Promise<string> {
  const main = /--conf-path=(\S+)\/[^/\s]+/.exec(await outputOf(nginx, ['-V']))?.[1] ?? '/etc/nginx';
  const own = join(main, 'mime.types');
  if (existsSync(own)) return own;
  const few = join(folder, 'mime.types');
  await writeFile(few, FEW_MIME_TYPES);
  return few;
}

/**
 * What a user gets who types `docker compose up --wait` in a generated project, without this tool: seen from the README, from
 * inside the containers, from the networks and from the host. Each project is started once, for all that is looked at.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeNamed } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { reaches, type StageName } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { titleWithDocker, whyNoDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { lockDependencies, writeProject } from '../support/generated-project.ts';
import { ComposeProject } from './compose-project.ts';
import { GetLoad } from './get-load.ts';
import { type Address, outsideAddress } from './outside.ts';
import {
  addressOf,
  type Container,
  endFindings,
  nameOf,
  processFindings,
  publishedFindings,
  type Reach,
  reachFindings,
  secretFindings,
  serviceOf,
  settingFindings,
} from './probes.ts';
import { blockWith, shellBlocks } from './readme.ts';
import { type Reader, typeAndCheck } from './readme-answers.ts';
import { copiesOf, followed, moved, startsOf } from './scaling.ts';

const reason = whyNoDocker();
/** compose.yaml's stop_grace_period: whoever takes longer is killed. */
const GRACE_MS = 30_000;

interface Scenario {
  readonly name: string;
  readonly stage: StageName;
  readonly balancer?: 'haproxy';
  /** Also down and up again, which takes longest: where data and how it is reached first appear in this form. */
  readonly isKept?: true;
  /** The project's files can be read by their owner alone. */
  readonly isClosed?: true;
}

export const SCENARIOS = {
  stall: { name: 'stall', stage: 'stall' },
  database: { name: 'database', stage: 'database', isKept: true, isClosed: true },
  pool: { name: 'pool', stage: 'pool' },
  balancer: { name: 'balancer', stage: 'balancer', isClosed: true },
  nginx: { name: 'nginx', stage: 'nginx', isKept: true, isClosed: true },
  nginxWithHaproxy: { name: 'nginx-with-haproxy', stage: 'nginx', balancer: 'haproxy' },
  microservices: { name: 'microservices', stage: 'microservices', isClosed: true },
} as const satisfies Record<string, Scenario>;

/** Starts each scenario's project once, and looks at it from all sides. */
export function describeAsTyped(scenarios: readonly Scenario[]): void {
  describe.skipIf(reason !== undefined)(titleWithDocker('as a user types it', reason), () => {
    let outside: Address;

    beforeAll(async () => {
      outside = await outsideAddress();
    });

    describe.each(scenarios)('$name', ({ name, stage, balancer, isKept, isClosed }) => {
      const answers = resolveAnswers({ stage, ...(balancer && { balancer }) }, 'my-shop');
      const blueprint = buildBlueprint(answers);
      const { frontDoor } = blueprint;
      const isTls = frontDoor.scheme === 'https';
      const reader: Reader = { type: line => project.type(`${exports}\n${onItsPort(line)}`) };
      let project: ComposeProject;
      let readme: string;
      /** The README's `export` lines, with the port that this run has. */
      let exports = '';

      beforeAll(async () => {
        const directory = await writeProject(answers);
        if (isClosed) await closeToOthers(directory);
        const ports: Record<string, number> = isTls
          ? { HTTPS_PORT: await freePort(), HTTP_PORT: await freePort() }
          : { PORT: await freePort() };
        project = new ComposeProject(directory, name, ports);
        await lockDependencies(directory, await planProject(answers));
        readme = readFileSync(join(directory, 'README.md'), 'utf8');
        const start = blockWith(shellBlocks(readme, '## Run it'), 'docker compose up');
        const exportLines = blockWith(shellBlocks(readme, '## Run it'), 'export SHOP=').filter(isExport);
        exports = onItsPort(exportLines.join('\n'));
        await project.type(start.filter(line => !line.startsWith('npm ')).join('\n'));
      }, 180_000);

      afterAll(async () => {
        if (!project) return;
        await project.compose('down', '--volumes', '--rmi', 'local', '--timeout', '0');
        await rm(project.directory, { recursive: true, force: true });
      }, 60_000);

      function onItsPort(line: string): string {
        const [, port] = (project.env.HTTPS_PORT ?? project.env.PORT ?? '').split(':');
        return line.replaceAll(`localhost:${frontDoor.publishedPort}`, `localhost:${port}`);
      }

      const nodeOf = (container: Container) => nodeNamed(blueprint, serviceOf(container));
      const running = async () => (await project.containers()).filter(each => each.State.Running);

      it("the README's lines show what it says", async () => {
        const hello = blockWith(shellBlocks(readme, '## Run it'), 'export SHOP=');
        const lines = hello.filter(line => !isExport(line));
        expect(lines).toHaveLength(1);
        lines.push(...shellBlocks(readme, '## Log in and place an order').flat());
        expect(lines.length).toBeGreaterThanOrEqual(4);
        if (stage === 'microservices') lines.push(...shellBlocks(readme, '### Orders from before').flat());
        for (const line of lines) await typeAndCheck(line, reader);
      });

      it('each container is shut in, and knows no secret by its environment', async () => {
        const containers = await project.containers();
        expect(new Set(containers.map(serviceOf))).toEqual(new Set(blueprint.nodes.map(node => node.name)));
        const secrets = secretValues(join(project.directory, 'secrets'));
        const findings = await Promise.all(
          containers.map(async container => [
            ...settingFindings(container, nodeOf(container).limits),
            ...secretFindings(container, secrets),
            ...(container.State.Running
              ? await processFindings(container, writableIn(nodeOf(container)))
              : []),
          ]),
        );
        expect(findings.flat()).toEqual([]);
      });

      it('networks let through what the blueprint says, and nothing else', async () => {
        // One of each service: its copies are on the same networks.
        const each = (await running()).filter(container => /-1$/.test(nameOf(container)));
        const findings = await Promise.all(
          each.map(source => {
            const others = each.filter(other => other !== source);
            return reachFindings(source, [...others.flatMap(to => waysTo(source, to)), wayOut(source)]);
          }),
        );
        expect(findings.flat()).toEqual([]);
      });

      /** By name, and by the address on each network. */
      function waysTo(source: Container, to: Container): Reach[] {
        const from = nodeOf(source).networks;
        const node = nodeOf(to);
        const isShared = node.networks.some(network => from.includes(network));
        return [
          { host: node.name, port: node.port, open: isShared, what: node.name },
          ...node.networks.map(network => ({
            host: addressOf(to, network) ?? '',
            port: node.port,
            open: from.includes(network),
            what: `${node.name} on ${network}`,
          })),
        ];
      }

      function wayOut(source: Container): Reach {
        return { ...outside, open: nodeOf(source).networks.includes('edge'), what: 'the outside' };
      }

      it('only the front door is published', async () => {
        const door = nodeNamed(blueprint, frontDoor.node);
        const published = [door.port, ...(door.kind === 'nginx' ? [door.tlsPort] : [])];
        const containers = await project.containers();
        expect(publishedFindings(containers, { [door.name]: published })).toEqual([]);
      });

      const isBalanced = reaches(stage, 'balancer') && stage !== 'microservices';
      if (isBalanced)
        describe('while readers ask', () => {
          const proxyName = balancer ?? frontDoor.node;
          let load: GetLoad;
          let starts: string;
          let proxy: Container;

          beforeAll(async () => {
            [proxy] = (await copiesOf(project, proxyName)) as [Container];
            starts = startsOf(proxy);
            const url = (await reader.type('echo -n "$SHOP"')).concat('/products?limit=1');
            const ca = isTls ? readFileSync(join(project.directory, 'secrets', 'tls_crt')) : undefined;
            load = new GetLoad(url, ca);
          });

          afterAll(() => load?.stop());

          it.each([5, 2])('%i copies are followed', async replicas => {
            const scale = ['--no-recreate', '--scale', `app=${replicas}`];
            await project.compose('up', '--detach', '--wait', ...scale);
            const copies = await copiesOf(project, 'app');
            expect(copies).toHaveLength(replicas);
            await followed(proxy, copies);
          });

          it('a copy that is replaced, at another address, is followed', async () => {
            const [copy] = await copiesOf(project, 'app');
            if (copy === undefined) throw new Error('no copy runs');
            await moved(project, copy, 2);
            await followed(proxy, await copiesOf(project, 'app'));
          });

          it('and no reader noticed, nor was the proxy started again', async () => {
            const { sent, failed } = await load.stop();
            expect(failed).toEqual([]);
            expect(sent).toBeGreaterThan(200);
            expect((await copiesOf(project, proxyName)).map(startsOf)).toEqual([starts]);
          });

          if (balancer)
            it('nginx follows HAProxy to another address', async () => {
              const [nginx] = (await copiesOf(project, 'nginx')) as [Container];
              await moved(project, proxy, 1);
              await expect
                .poll(
                  () =>
                    reader.type(
                      'curl --silent --output /dev/null --write-out "%{http_code}" "$SHOP/products"',
                    ),
                  {
                    timeout: 10_000,
                  },
                )
                .toBe('200');
              expect((await copiesOf(project, 'nginx')).map(startsOf)).toEqual([startsOf(nginx)]);
            });
        });

      it('all of it stops by itself, in time', async () => {
        const before = performance.now();
        await project.compose('stop');
        expect(performance.now() - before).toBeLessThan(GRACE_MS);
        expect(endFindings(await project.containers())).toEqual([]);
      });

      if (isKept)
        it('what was kept is there after down and up, and a second up changes nothing', async () => {
          await project.compose('down');
          expect(await project.containers()).toEqual([]);
          await project.compose('up', '--wait');
          const orders = shellBlocks(readme, '## Log in and place an order')
            .flat()
            .filter(line => /^curl --cookie \S+ "\$SHOP\/orders"$/.test(line));
          expect(orders).toHaveLength(1);
          for (const line of orders) await typeAndCheck(line, reader);
          const before = (await running()).map(startsOf);
          await project.compose('up', '--wait');
          expect((await running()).map(startsOf)).toEqual(before);
        });

      it('leaves nothing', async () => {
        expect(project.leftovers().length).toBeGreaterThan(0);
        await project.compose('down', '--volumes', '--rmi', 'local');
        expect(project.leftovers()).toEqual([]);
      });
    });
  });
}

/** As umask 077 would have it; then the README's `npm run setup`. */
async function closeToOthers(directory: string): Promise<void> {
  await rm(join(directory, 'secrets'), { recursive: true });
  await execa('chmod', ['--recursive', 'go=', directory]);
  await execa(process.execPath, ['scripts/setup.mjs'], { cwd: directory });
}

/** Folders that a node is meant to write to. `/run/postgresql` is what the image's `/var/run/postgresql` leads to. */
function writableIn(node: { readonly kind: string }): string[] {
  return node.kind === 'postgres' ? ['/tmp', '/run/postgresql', '/var/lib/postgresql'] : ['/tmp'];
}

function isExport(line: string): boolean {
  return line.startsWith('export ');
}

/** What each secret is told by: the longest of its lines, as keys and certificates begin alike. */
function secretValues(folder: string): Map<string, string> {
  const longest = (text: string) =>
    text.split('\n').reduce((kept, line) => (line.length > kept.length ? line : kept), '');
  const values = readdirSync(folder).map(
    name => [name, longest(readFileSync(join(folder, name), 'utf8'))] as const,
  );
  return new Map(values);
}

/**
 * What a user gets who follows the README of a generated project with Docker: seen from the README, from inside the containers, from
 * the networks and from the host. Each project is started once, for all that is looked at.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blueprint, nodeNamed } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { reaches, type StageName } from '../../src/journey/stages.ts';
import { Reader } from '../readme/reader.ts';
import { type Step, stepsOf } from '../readme/steps.ts';
import { titleWithDocker, whyNoDocker } from '../support/docker.ts';
import { freePortPair } from '../support/free-port.ts';
import { installAsOften, writeProject } from '../support/generated-project.ts';
import { ComposeProject, nameOfItsOwn } from './compose-project.ts';
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
import { copiesOf, followed, moved, startsOf } from './scaling.ts';

const reason = whyNoDocker();
/** compose.yaml's stop_grace_period: whoever takes longer is killed. */
const GRACE_MS = 30_000;
const ORDERS = /^curl --cookie \S+ "\$SHOP\/orders"$/;

interface Scenario {
  readonly label: string;
  readonly stage: StageName;
  readonly balancer?: 'haproxy';
  /** Also down and up again, which takes longest: where data and how it is reached first appear in this form. */
  readonly isKept?: boolean;
  /** The project's files can be read by their owner alone. */
  readonly isClosed?: true;
}

export const SCENARIOS = {
  stall: { label: 'stall', stage: 'stall' },
  database: { label: 'database', stage: 'database', isKept: true, isClosed: true },
  pool: { label: 'pool', stage: 'pool', isKept: true, isClosed: true },
  balancer: { label: 'balancer', stage: 'balancer', isClosed: true },
  nginx: { label: 'nginx', stage: 'nginx', isKept: true, isClosed: true },
  nginxWithHaproxy: { label: 'nginx-with-haproxy', stage: 'nginx', balancer: 'haproxy' },
  microservices: { label: 'microservices', stage: 'microservices', isClosed: true },
} as const satisfies Record<string, Scenario>;

/** Starts each scenario's project once, and looks at it from all sides. @param skips lines of the README that are left out */
export function describeAsTyped(scenarios: readonly Scenario[], skips?: RegExp): void {
  describe.skipIf(reason !== undefined)(titleWithDocker('as a user types it', reason), () => {
    let outside: Address;

    beforeAll(async () => {
      outside = await outsideAddress();
    });

    describe.each(scenarios)('$label', ({ label, stage, balancer, isKept, isClosed }) => {
      let blueprint: Blueprint;
      let project: ComposeProject;
      let reader: Reader;
      let steps: readonly Step[];

      beforeAll(async () => {
        const port = await freePortPair();
        const name = nameOfItsOwn(label);
        const answers = resolveAnswers({ stage, name, port, ...(balancer && { balancer }) }, name);
        blueprint = buildBlueprint(answers);
        const directory = await writeProject(answers);
        project = new ComposeProject(directory, name);
        if (isClosed) await closeToOthers(directory);
        await installAsOften(directory, answers);
        steps = stepsOf(readFileSync(join(directory, 'README.md'), 'utf8'));
        reader = new Reader(directory, { engine: 'docker', ...(skips && { skips }) });
        expect(await reader.follow(steps.filter(isRunIt))).toEqual([]);
      }, 300_000);

      afterAll(async () => {
        await reader?.close();
        if (!project) return;
        await project.compose('down', '--volumes', '--rmi', 'local', '--timeout', '0');
        await rm(project.directory, { recursive: true, force: true });
      }, 60_000);

      const isTls = () => blueprint.frontDoor.scheme === 'https';
      const products = () => {
        const { scheme, publishedPort, basePath } = blueprint.frontDoor;
        return `${scheme}://localhost:${publishedPort}${basePath}/products?limit=1`;
      };
      const certificate = () => join(project.directory, 'secrets', 'tls_crt');

      const nodeOf = (container: Container) => nodeNamed(blueprint, serviceOf(container));
      const running = async () => (await project.containers()).filter(each => each.State.Running);

      it('the README shows what comes, line by line', async () => {
        expect(await reader.follow(steps.filter(step => !isRunIt(step)))).toEqual([]);
      }, 900_000);

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
        const door = nodeNamed(blueprint, blueprint.frontDoor.node);
        const published = [door.port, ...(door.kind === 'nginx' ? [door.tlsPort] : [])];
        const containers = await project.containers();
        expect(publishedFindings(containers, { [door.name]: published })).toEqual([]);
      });

      const isBalanced = reaches(stage, 'balancer') && stage !== 'microservices';
      if (isBalanced)
        describe('while readers ask', () => {
          const proxyName = balancer ?? (stage === 'nginx' ? 'nginx' : 'haproxy');
          let load: GetLoad;
          let starts: string;
          let proxy: Container;

          beforeAll(async () => {
            [proxy] = (await copiesOf(project, proxyName)) as [Container];
            starts = startsOf(proxy);
            load = new GetLoad(products(), isTls() ? readFileSync(certificate()) : undefined);
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
              const asked = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}'];
              const ask = () => execa('curl', [...asked, '--cacert', certificate(), products()]);
              await expect.poll(async () => (await ask()).stdout, { timeout: 10_000 }).toBe('200');
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
          expect(await reader.follow([ordersIn(steps)])).toEqual([]);
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

/** As umask 077 would have it, before the README's `npm run setup`. */
async function closeToOthers(directory: string): Promise<void> {
  await rm(join(directory, 'secrets'), { recursive: true });
  await execa('chmod', ['--recursive', 'go=', directory]);
  // PostgreSQL, which root may not run, gets at its programs in node_modules.
  await chmod(directory, 0o711);
}

/** Folders that a node is meant to write to. `/run/postgresql` is what the image's `/var/run/postgresql` leads to. */
function writableIn(node: { readonly kind: string }): string[] {
  return node.kind === 'postgres' ? ['/tmp', '/run/postgresql', '/var/lib/postgresql'] : ['/tmp'];
}

/** What is there once the project is up, and somebody has placed an order. */
function isRunIt({ heading }: Step): boolean {
  return heading === '## Run it' || heading === '### Log in and place an order';
}

/** The question for one's own orders, and what the README shows. */
function ordersIn(steps: readonly Step[]): Step {
  for (const step of steps) {
    const lines = step.kind === 'paste' ? step.lines.filter(({ text }) => ORDERS.test(text)) : [];
    if (step.kind === 'paste' && lines.length > 0) return { ...step, lines };
  }
  throw new Error('the README does not ask for orders');
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

import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { messageOf } from '../../../errors.ts';
import { runProcess } from '../../../processes/run.ts';
import { eventually, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { HttpClient } from '../../http/client.ts';
import { withBound } from '../../load/rule-of-three.ts';
import { expectNoneFailed, figuresOf, Load, REQUESTS } from '../../load/steady.ts';
import { steadyReaders, underLoad } from '../../load/under-load.ts';
import { NotVerifiable } from '../../outcome.ts';
import { hold, underWay, untilItHits } from '../../system/bites.ts';
import { programServing } from '../../system/nodes.ts';
import { dial } from '../../wire/wire.ts';

/** How long a copy is held before each reload: it shall come in the middle of many requests, and answers take a few milliseconds. */
const HELD_MS = 300;
/** More of them, where none was under way even so. */
const LONGEST_WAIT_MS = 1_500;
/** Connections that are used again and again. */
const KEPT = 4;
const SHOWN_WITHIN_MS = 5_000;

interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export const nginxReload: Guarantee = {
  id: 'nginx.reload-under-load',
  lines: ['F14'],
  title: `a reload, and one with a new certificate, under load: no GET of ${REQUESTS} fails`,
  from: 'nginx',
  needs: ['probes.read'],
  drill: true,
  limitMs: 150_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const { node, domain } = blueprint.frontDoor;
    const old = { certificate: await running.secret('tls_crt'), key: await running.secret('tls_key') };
    const renewed = await newPair(domain);
    const trusted = `${old.certificate}\n${renewed.certificate}`;
    const keeper = HttpClient.frontDoor(running, undefined, trusted);
    const askingKeeper = probes.through(keeper);
    // Only counted: a browser asks again for what was lost, and nginx before 1.27.4 cannot but lose some.
    const onKeptConnections = () =>
      new Load(world, {
        what: 'GETs on kept connections',
        clients: KEPT,
        perSecond: KEPT * 5,
        isGood: probes.isRead,
        send: () => askingKeeper.read(),
      });
    return await underLoad(world, {
      certificate: trusted,
      // A connection each: on a kept one any server may hang up between two requests.
      start: async crowd => {
        const newConnections = { longestWaitMs: LONGEST_WAIT_MS, headers: { connection: 'close' } };
        return [await steadyReaders(world, crowd, newConnections), onKeptConnections()];
      },
      work: async (load, onKept) => {
        const reload = () => untilItHits(heldMs => reloadAmid(world, load, HELD_MS + heldMs));
        await load.reaches(REQUESTS / 4);
        const hitAtFirst = await reload();
        await load.reaches(REQUESTS / 2);
        const swappedAt = performance.now();
        await putInPlace(world, renewed);
        const hit = hitAtFirst + (await reload());
        const { ms } = await eventually(
          'the new certificate on new connections',
          SHOWN_WITHIN_MS,
          async () => (await shown(world)) === fingerprintOf(renewed),
        );
        await load.reaches(REQUESTS);
        const report = await load.stop();
        const lost = (await onKept.stop()).failures.length;
        expectNoneFailed(report, REQUESTS, swappedAt);
        return kept(
          `${withBound(report.sent)} GETs on new connections failed over two reloads, which came in the middle of ${hit}; ${lost} on ${KEPT} kept ones; new certificate after ${ms} ms`,
          { ...figuresOf(report), hit, lostOnKept: lost, certificateMs: ms },
        );
      },
      restore: async () => {
        keeper.close();
        await putInPlace(world, old);
        await running.reload(node);
        await eventually(
          'the old certificate again',
          SHOWN_WITHIN_MS,
          async () => (await shown(world)) === fingerprintOf(old),
        );
      },
    });
  },
};

/** Reloads while a copy of the program that is asked hangs. @returns how many requests were under way */
async function reloadAmid(
  { running, blueprint, probes }: World,
  load: Load,
  heldMs: number,
): Promise<number> {
  const { name } = programServing(blueprint, probes.readPath);
  try {
    await hold(running, name, 0, heldMs);
    await running.reload(blueprint.frontDoor.node);
    return underWay(load.spans, performance.now());
  } finally {
    await running.resume(name, 0);
  }
}

async function putInPlace({ running }: World, { certificate, key }: KeyPair): Promise<void> {
  await running.replaceSecret('tls_crt', certificate);
  await running.replaceSecret('tls_key', key);
}

/** The fingerprint of the certificate that a new connection is shown. */
async function shown({ running }: World): Promise<string> {
  const socket = await dial(running);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

function fingerprintOf({ certificate }: KeyPair): string {
  return new X509Certificate(certificate).fingerprint256;
}

/** A self-signed pair as the project's own setup makes it. @throws NotVerifiable without openssl */
async function newPair(domain: string): Promise<KeyPair> {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = [
    '-subj',
    `/CN=${domain}`,
    '-addext',
    `subjectAltName=${isIP(domain) ? 'IP' : 'DNS'}:${domain}`,
  ];
  const args = ['req', ...kind, ...names, '-keyout', '-', '-out', '-'];
  const { lines } = await runProcess({ command: 'openssl', args, timeoutMs: 10_000 }).catch(error => {
    throw new NotVerifiable(
      `openssl, which makes a second certificate, did not run: ${messageOf(error)}`,
      'machine',
    );
  });
  const part = (label: string) =>
    new RegExp(`-----BEGIN ${label}-----[^]+?-----END ${label}-----\n`).exec(`${lines.join('\n')}\n`)?.[0];
  const [certificate, key] = [part('CERTIFICATE'), part('PRIVATE KEY')];
  if (!certificate || !key)
    throw new NotVerifiable(`openssl made no certificate: ${lines.at(-1)}`, 'machine');
  return { certificate, key };
}

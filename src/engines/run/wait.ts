/** Waiting until something answers. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Blueprint, nodeNamed } from '../../blueprint/blueprint.ts';
import { EngineError } from '../../errors.ts';
import { LOOPBACK } from './ports.ts';

/** How long a node may take to answer: a cold start on a slow machine, with every other copy starting beside it. */
export const HEALTHY_WITHIN_MS = 30_000;
const PROBE_TIMEOUT_MS = 2_000;
const PAUSE_MS = 25;

/** Tries `probe` until it holds. False when time is up; stops early, also with false, when `until` settles. */
export async function waitUntil(
  probe: () => Promise<boolean>,
  until: Promise<unknown>,
  withinMs = HEALTHY_WITHIN_MS,
) {
  let over = false;
  const stop = () => {
    over = true;
  };
  until.then(stop, stop);
  const deadline = performance.now() + withinMs;
  while (!over && performance.now() < deadline) {
    if (await probe()) return !over;
    await sleep(PAUSE_MS);
  }
  return false;
}

/** The status of a GET on loopback, or undefined when nobody answers. */
export function getStatus(scheme: 'http' | 'https', port: number, path: string): Promise<number | undefined> {
  return new Promise(resolve => {
    const options = { host: LOOPBACK, port, path, agent: false, timeout: PROBE_TIMEOUT_MS } as const;
    // Only whether it answers: which certificate it shows is for the guarantees to judge.
    const request =
      scheme === 'https' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    request.once('response', response => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
    request.once('close', () => resolve(undefined));
    request.end();
  });
}

/** Whether a TCP connection is accepted. */
export function accepts(port: number, host = LOOPBACK): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: PROBE_TIMEOUT_MS });
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

/**
 * Waits until the front door answers on `port` of loopback.
 * @throws EngineError with the lines of `logTail` when it does not, or when `closing` settles first
 */
export async function waitForFrontDoor(
  blueprint: Blueprint,
  port: number,
  closing: Promise<unknown>,
  logTail: () => readonly string[] | Promise<readonly string[]>,
): Promise<void> {
  const { node, scheme } = blueprint.frontDoor;
  const path = pathBehind(blueprint);
  const answers = async () => ((await getStatus(scheme, port, path)) ?? 500) < 500;
  if (await waitUntil(answers, closing)) return;
  throw new EngineError(
    `the front door (${node}) did not answer GET ${path} within ${HEALTHY_WITHIN_MS / 1000} s`,
    { logTail: await logTail() },
  );
}

/** A path that is answered by a program behind the front door: its health, or through a proxy anything it has to say, be it a 404. */
function pathBehind(blueprint: Blueprint): string {
  const door = nodeNamed(blueprint, blueprint.frontDoor.node);
  return door.kind === 'program' ? door.healthPath : `${blueprint.frontDoor.basePath}/`;
}

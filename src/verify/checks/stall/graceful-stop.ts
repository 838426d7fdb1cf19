import { messageOf } from '../../../errors.ts';
import { TIMEOUTS } from '../../../journey/timeouts.ts';
import { expect, kept, sleep } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe, type HttpClient } from '../../http/client.ts';
import { directTo } from '../../http/direct.ts';
import { Broken, NotVerifiable } from '../../outcome.ts';
import { programServing, startAll } from '../../system/nodes.ts';

/** After its own limit the program exits with 1. */
const EXIT_WITHIN_MS = TIMEOUTS.programShutdown * 1000 + 5_000;

export const stallGracefulStop: Guarantee = {
  id: 'stall.graceful-stop',
  lines: ['B2', 'D6'],
  title: 'SIGTERM in mid-request completes the request and exits with 0',
  from: 'stall',
  needs: ['probes.write'],
  limitMs: 45_000,
  async check(world) {
    const { running, blueprint, probes } = world;
    const program = programServing(blueprint, probes.writePath);
    const session = await probes.writer();
    const { path, body } = await probes.newWrite();
    const copy = directly(world, program.name);
    let terminatedAt = 0;
    try {
      const response = await copy
        .slowly(probes.writeMethod, path, {
          headers: session.headers,
          body: body ?? {},
          midway: async () => {
            await sleep(200);
            await running.terminate(program.name, 0);
            terminatedAt = performance.now();
            await sleep(400);
          },
        })
        .catch((error: unknown) => {
          throw new Broken(
            `a request that was in its middle when SIGTERM came was not answered: ${messageOf(error)}`,
          );
        });
      expect(
        probes.isWritten(response),
        `${describe(response)} when SIGTERM came in its middle, which is not what stage.yaml says of a write`,
      );
      const code = await running.exited(program.name, 0, EXIT_WITHIN_MS);
      const stopMs = Math.round(performance.now() - terminatedAt);
      expect(code === 0, `${program.name} exited with ${code ?? 'a signal'} after SIGTERM, not with 0`);
      return kept(`the request was answered ${response.status}, then exit 0`, { stopMs });
    } finally {
      copy.close();
      if (terminatedAt > 0) await running.exited(program.name, 0, EXIT_WITHIN_MS).catch(() => {});
      await startAll(running, [{ program, copy: 0 }]);
    }
  },
};

function directly(world: World, name: string): HttpClient {
  const copy = directTo(world, programServing(world.blueprint, world.probes.writePath));
  if (!copy)
    throw new NotVerifiable(`this engine keeps ${name} out of reach: no request can be sent to one copy`);
  return copy;
}

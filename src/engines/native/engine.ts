/**
 * The native engine: a blueprint as plain processes on this machine. The project's own programs under Node, a real PostgreSQL,
 * HAProxy and nginx; all on loopback, all in one run directory, and all gone afterwards.
 *
 * Whoever starts it may pass an AbortSignal; then an interrupt (Ctrl-C, SIGTERM, SIGHUP) takes the run down and leaves it to
 * that caller to end the process. Without one, the process ends with the shell's code for the signal (130, 143, 129).
 */
import type { Blueprint } from '../../blueprint/blueprint.ts';
import { PortTaken } from '../../errors.ts';
import type { Availability, Engine, Running, UpOptions } from '../engine.ts';
import { startWatched } from '../run/lifecycle.ts';
import { boot } from './boot.ts';
import type { Tools } from './context.ts';
import { prepareProject } from './prepare.ts';
import { NativeRunning } from './running.ts';
import { availability, installedTools } from './tools.ts';

/** @param findTools how this machine's servers are found; tests put others in */
export function createNativeEngine(findTools: () => Promise<Tools> = installedTools): Engine {
  return {
    name: 'native',
    available: (blueprint: Blueprint): Promise<Availability> =>
      findTools().then(
        tools => availability(blueprint, tools),
        (error: Error) => ({ available: false, reason: error.message }),
      ),
    prepare: prepareProject,
    async up(options: UpOptions): Promise<Running> {
      const tools = await findTools();
      try {
        return await upOnce(options, tools);
      } catch (error) {
        // Somebody else was faster at one of the free ports. It may be part of what other nodes were told, so all get new ones.
        if (error instanceof PortTaken) return upOnce(options, tools);
        throw error;
      }
    },
  };
}

export const nativeEngine: Engine = createNativeEngine();

function upOnce(options: UpOptions, tools: Tools): Promise<Running> {
  return startWatched(options, async lifecycle => {
    const booted = await boot(lifecycle, options, tools);
    return new NativeRunning(booted, () => lifecycle.down());
  });
}

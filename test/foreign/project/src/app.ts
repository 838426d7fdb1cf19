/** The only place where the modules meet: each gets what it needs of the others as functions. */
import type { FastifyInstance } from 'fastify';
import type { Database } from '#kit/database';
import { createHttp, type Health } from '#kit/http';
import { startBench } from './calibrations/bench.ts';
import { calibrationRoutes } from './calibrations/routes.ts';
import { createCalibrationStore } from './calibrations/store.ts';
import { instrumentRoutes } from './instruments/routes.ts';
import { createInstrumentStore } from './instruments/store.ts';
import { createCurrentEngineer, tokenRoutes } from './tokens/routes.ts';
import { createTokenStore } from './tokens/store.ts';

export interface AppConfig {
  readonly logLevel: string;
  readonly trustProxy: string[];
  readonly basePath: string;
}

export async function createApp(
  config: AppConfig,
  database: Database,
  health: Health,
): Promise<FastifyInstance> {
  const http = createHttp(config, health);
  const calibrations = createCalibrationStore(database);
  const tokens = createTokenStore(database);
  const bench = startBench(calibrations, http.log);
  http.addHook('onClose', () => bench.stop());

  await http.register(
    async lab => {
      instrumentRoutes(lab, { store: createInstrumentStore(database) });
      tokenRoutes(lab, { store: tokens });
      calibrationRoutes(lab, {
        store: calibrations,
        currentEngineer: createCurrentEngineer(tokens),
        onQueued: () => bench.wake(),
      });
    },
    { prefix: config.basePath },
  );
  return http;
}

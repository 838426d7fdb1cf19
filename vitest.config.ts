import { defineConfig } from 'vitest/config';
import { bundledProgramVite } from './scripts/bundled-program.mjs';
import { packedTemplatesVite } from './scripts/pack-templates.mjs';
import { ClosingLine } from './test/support/closing-line.ts';

/** What needs no server and no port of its own: runs on any system, side by side. */
const WITHOUT_SERVERS = [
  'test/*.test.ts',
  ...['journey', 'blueprint', 'plan', 'project', 'ui', 'commands', 'stage-file', 'processes', 'house'].map(
    folder => `test/${folder}/**/*.test.ts`,
  ),
];

/** Tests of a project that is a fixture: it runs them itself. */
const OF_FIXTURES = ['test/foreign/project/**'];

/** What takes too long for every change: `npm run test:long`. */
const LONG = ['test/long/**/*.test.ts'];

const plugins = [packedTemplatesVite(), bundledProgramVite()];

export default defineConfig({
  plugins,
  test: {
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        plugins,
        test: {
          name: 'without-servers',
          include: WITHOUT_SERVERS,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins,
        test: {
          name: 'with-servers',
          include: ['test/**/*.test.ts'],
          exclude: [...WITHOUT_SERVERS, ...LONG, ...OF_FIXTURES],
          globalSetup: ['test/support/docker-engine.ts'],
          // These start whole systems and look at how fast they answer: two at once on two cores would measure each other.
          fileParallelism: false,
          maxConcurrency: 2,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins,
        test: {
          name: 'long',
          include: LONG,
          globalSetup: ['test/support/docker-engine.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

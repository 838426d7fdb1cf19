import { defineConfig } from 'vitest/config';
import { packedTemplatesVite } from './scripts/pack-templates.mjs';
import { ClosingLine } from './test/support/closing-line.ts';

export default defineConfig({
  plugins: [packedTemplatesVite()],
  test: {
    include: ['test/**/*.test.ts'],
    // Many tests start whole programs, on two cores that other tests use as well.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: ['default', new ClosingLine()],
  },
});

/** Loads parts of `src/` in a script: bundled in memory, since Node 20 does not read TypeScript. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundledProgramEsbuild } from './bundled-program.mjs';
import { packedTemplatesEsbuild } from './pack-templates.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const CREATE_REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** @param {string} source what to export, such as `export { STAGES } from './src/journey/stages.ts'` */
export async function loadSource(source) {
  const folder = mkdtempSync(join(tmpdir(), 'create-backend-stage-script-'));
  const outfile = join(folder, 'bundle.mjs');
  try {
    await build({
      stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      plugins: [packedTemplatesEsbuild(), bundledProgramEsbuild()],
      logLevel: 'error',
      banner: { js: CREATE_REQUIRE },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

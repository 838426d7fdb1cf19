// Builds dist/: one bundled entry file, chunks that load when they are used, the schema of stage.yaml, and the licences of what
// was bundled.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadSource } from './bundle-source.mjs';
import { bundledProgramEsbuild } from './bundled-program.mjs';
import { packedTemplatesEsbuild } from './pack-templates.mjs';
import { slimPackages } from './slim-packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
// Built beside and swapped in, so that a command started meanwhile never meets half a build.
const fresh = join(root, `dist.tmp-${process.pid}`);

try {
  const { metafile } = await bundle();
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf(metafile));
  await writeSchema();
  rmSync(dist, { recursive: true, force: true });
  renameSync(fresh, dist);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function bundle() {
  return build({
    absWorkingDir: root,
    entryPoints: { cli: 'src/cli.ts' },
    outdir: fresh,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'chunks/[name]-[hash]',
    // What is bundled partly is CommonJS and calls `require` for Node's own modules.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    plugins: [packedTemplatesEsbuild(), bundledProgramEsbuild(), slimPackages()],
    // Its ES modules: the same code without what CommonJS wraps around each file.
    alias: { 'handlebars/runtime.js': 'handlebars/lib/handlebars.runtime.js' },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
}

async function writeSchema() {
  const { STAGE_SCHEMA } = await loadSource(`export { STAGE_SCHEMA } from './src/stage-file/schema.ts'`);
  mkdirSync(join(fresh, 'schema'));
  writeFileSync(join(fresh, 'schema', 'stage.json'), `${JSON.stringify(STAGE_SCHEMA)}\n`);
}

function licencesOf(metafile) {
  const packages = new Map();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = bytesInOutput > 0 ? packageFolder(input) : undefined;
      if (folder) packages.set(folder, JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));
    }
  }
  const entries = [...packages].sort(([, a], [, b]) => a.name.localeCompare(b.name, 'en'));
  const head = 'create-backend-stage contains code of these packages, under these licences.\n';
  return head + entries.map(([folder, json]) => entryOf(folder, json)).join('');
}

function packageFolder(input) {
  const path = input.split(sep).join('/');
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function entryOf(folder, { name, version, license }) {
  const file = readdirSync(join(root, folder)).find(entry => /^licen[cs]e/i.test(entry));
  const text = file
    ? readFileSync(join(root, folder, file), 'utf8').trim()
    : '(no licence file in the package)';
  return `\n${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`;
}

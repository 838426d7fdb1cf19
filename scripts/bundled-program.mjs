/**
 * A program that is started as a process of its own, carried along as text: `import text from './NAME.ts?bundled'` is the whole
 * program in one piece of CommonJS. Whoever starts it writes it where it likes, and depends on no other file from then on.
 * The build (esbuild) and the tests (vite) both resolve it through the plugins below.
 */
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';

const QUERY = '?bundled';

/** @param {string} path the program's source */
async function moduleOf(path) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    write: false,
    logLevel: 'error',
  });
  return `export default ${JSON.stringify(outputFiles[0].text)};`;
}

/** For esbuild. */
export function bundledProgramEsbuild() {
  return {
    name: 'bundled-program',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\?bundled$/ }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.slice(0, -QUERY.length)),
        namespace: 'bundled-program',
      }));
      onLoad({ filter: /.*/, namespace: 'bundled-program' }, async ({ path }) => ({
        contents: await moduleOf(path),
        loader: 'js',
      }));
    },
  };
}

/** For vite, and so for vitest. */
export function bundledProgramVite() {
  return {
    name: 'bundled-program',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id.endsWith(QUERY) && importer ? resolve(dirname(importer), id) : undefined,
    load: id => (id.endsWith(QUERY) ? moduleOf(id.slice(0, -QUERY.length)) : undefined),
  };
}

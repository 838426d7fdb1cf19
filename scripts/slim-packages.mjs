/** Leaves out of the bundle what packages bring along and nothing here uses, where esbuild cannot see it by itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SLIMMING = [
  {
    file: /[\\/]package\.json$/,
    slim: text => `export default ${JSON.stringify({ version: JSON.parse(text).version })};`,
  },
  { file: /[\\/]js-yaml[\\/]dist[\\/]js-yaml\.mjs$/, slim: withPureTopLevel },
  { file: /[\\/]@inquirer[\\/]figures[\\/]dist[\\/]index\.js$/, slim: withUsedFigures },
  {
    file: /[\\/]postgres[\\/]src[\\/]subscribe\.js$/,
    slim: () => `export default () => () => { throw new Error('replication is not in this build'); };`,
  },
  {
    file: /[\\/]postgres[\\/]src[\\/]large\.js$/,
    slim: () => `export default () => { throw new Error('large objects are not in this build'); };`,
  },
];

/** Its schemas are built by calls, which esbuild keeps unless told that they only make a value: the writer and YAML 1.1 go. */
function withPureTopLevel(text) {
  return text.replace(
    /^var (\w+) = ((?:.*|[\s\S]*?\n\S.*));$/gm,
    'var $1 = /* @__PURE__ */ (() => (/* @__PURE__ */ $2))();',
  );
}

/** Of a hundred symbols in one object, those that the prompts draw. */
function withUsedFigures(text, path) {
  const packages = join(dirname(path), '..', '..');
  const used = readdirSync(packages, { recursive: true })
    .filter(file => file.endsWith('.js'))
    .flatMap(file => [...readFileSync(join(packages, file), 'utf8').matchAll(/\bfigures\.(\w+)/g)])
    .map(([, name]) => name);
  return text.replace(/^ {4}(\w+): '.*',\n/gm, (entry, name) => (used.includes(name) ? entry : ''));
}

/** For esbuild. @throws Error naming the file that no longer looks as it did, after a new version of a package */
export function slimPackages() {
  return {
    name: 'slim-packages',
    setup(build) {
      for (const { file, slim } of SLIMMING) {
        build.onLoad({ filter: file }, ({ path }) => {
          const text = readFileSync(path, 'utf8');
          const contents = slim(text, path);
          if (contents === text) throw new Error(`${path}: nothing was left out of it`);
          return { contents, loader: 'js' };
        });
      }
    },
  };
}

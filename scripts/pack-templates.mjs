/**
 * Packs `templates/` into one JavaScript module, with Handlebars compiled, so that nothing is compiled or looked for at run time.
 * The module is virtual: `import { layers } from 'packed-templates'`. The build (esbuild) and the tests (vite) both resolve it
 * through the plugins below, so no packed copy lies in the tree to grow stale.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import Handlebars from 'handlebars';

const MODULE = 'packed-templates';
const TEMPLATES = join(dirname(fileURLToPath(import.meta.url)), '..', 'templates');
const HELPERS = ['eq', 'json', 'join', 'value', 'lookup', 'if', 'unless', 'each', 'with'];

/** The packed module's source text. @throws Error naming the template that does not compile */
export function packTemplates(root = TEMPLATES) {
  const packing = { words: [], texts: [], specs: [] };
  const layers = JSON.stringify(
    Object.fromEntries(layerNames(root).map(name => [name, packLayer(join(root, name), packing)])),
  );
  // Specs name their words by number. The rest is taken in the order in which it is named.
  return `${unpacking([...packing.words, ...packing.texts.reverse(), layers])}const specs = [
${packing.specs.join(',\n')}
];
export const layers = JSON.parse(texts.pop(), (_, value) =>
  value === ${TEXT} ? texts.pop() : value === ${SPEC} ? specs.shift() : value);
`;
}

/** What stands for a file's content where the layers are told. */
const TEXT = 0;
const SPEC = 1;

const PARTIAL = /^_partials\/(.+)\.hbs$/;

/** Texts are most of what the package weighs, and much of one is in the others: together they pack to a fifth. */
function unpacking(texts) {
  const packed = brotliCompressSync(texts.join('\0'), {
    params: { [constants.BROTLI_PARAM_LGBLOCK]: constants.BROTLI_MAX_INPUT_BLOCK_BITS },
  }).toString('base64');
  return `import { brotliDecompressSync } from 'node:zlib';
const texts = brotliDecompressSync(Buffer.from("${packed}", 'base64')).toString('utf8').split('\\0');
`;
}

/** Every layer by its path: `base`, `boxes/<stage>`, `samples/<sample>/<stage>`. */
function layerNames(root) {
  const within = folder =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { withFileTypes: true })
          .filter(entry => entry.isDirectory())
          .map(({ name }) => `${folder}/${name}`)
          .sort()
      : [];
  return ['base', ...within('boxes'), ...within('samples').flatMap(within)];
}

function packLayer(folder, { words, texts, specs }) {
  const {
    moves = [],
    drops = [],
    hides = [],
    shows = [],
    follow = [],
    services = [],
    splits = [],
    dependencies,
  } = readLayerRules(folder);
  const files = [];
  const partials = {};
  const paths = walk(folder).filter(path => path !== 'layer.json');
  for (const path of [...paths.filter(isPartial), ...paths.filter(path => !isPartial(path))]) {
    const text = readFileSync(join(folder, path), 'utf8');
    const [, partial] = PARTIAL.exec(path) ?? [];
    const isTemplate = path.endsWith('.hbs');
    if (isTemplate) specs.push(compile(text, path, words));
    else texts.push(text);
    if (partial) partials[partial] = SPEC;
    else files.push({ path: outputPath(path), ...(isTemplate ? { template: SPEC } : { text: TEXT }) });
  }
  return { moves, drops, hides, shows, follow, services, splits, dependencies, partials, files };
}

function isPartial(path) {
  return PARTIAL.test(path);
}

function readLayerRules(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'layer.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

function walk(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(root, path) : [path];
    });
}

function outputPath(path) {
  return path
    .replace(/\.hbs$/, '')
    .split('/')
    .map(segment => segment.replace(/^dot-/, '.'))
    .join('/');
}

/** Where in its source each expression stands: only for messages, where the name alone says enough, and a third of the bytes. */
const LOCATION = /\{"start":\{"line":\d+,"column":\d+\},"end":\{"line":\d+,"column":\d+\}\}/g;

/** What each compiled function brings along for runtimes older than the one that is bundled. */
const FALLBACK =
  /container\.lookupProperty \|\| function\(parent, propertyName\) \{[^}]*\}\s*return undefined\s*\}/g;
/** The words of a template, between its expressions: packed with all others where that is shorter than naming them. */
const WORDS = /(?<=return |\+ )"(?:[^"\\]|\\.)*"/g;
const LONG = 16;

function compile(text, path, words) {
  try {
    const knownHelpers = Object.fromEntries(HELPERS.map(name => [name, true]));
    return Handlebars.precompile(text.replaceAll('\r\n', '\n'), {
      noEscape: true,
      strict: true,
      knownHelpers,
      knownHelpersOnly: true,
      srcName: undefined,
    })
      .replaceAll(LOCATION, '0')
      .replaceAll(FALLBACK, 'container.lookupProperty')
      .replaceAll(WORDS, quoted =>
        quoted.length < LONG ? quoted : `texts[${words.push(JSON.parse(quoted)) - 1}]`,
      );
  } catch (error) {
    throw new Error(`templates: ${path}: ${error.message}`);
  }
}

/** For esbuild. */
export function packedTemplatesEsbuild() {
  return {
    name: MODULE,
    setup(build) {
      build.onResolve({ filter: /^packed-templates$/ }, () => ({ path: MODULE, namespace: MODULE }));
      build.onLoad({ filter: /.*/, namespace: MODULE }, () => ({ contents: packTemplates(), loader: 'js' }));
    },
  };
}

/** For vite, and so for vitest. */
export function packedTemplatesVite() {
  return {
    name: MODULE,
    resolveId: id => (id === MODULE ? `\0${MODULE}` : undefined),
    load: id => (id === `\0${MODULE}` ? packTemplates() : undefined),
  };
}

/**
 * Draws docs/journey.svg, fills the tables of README.md between their markers and writes docs/guarantees.md, from the journey, the
 * blueprint and the checks.
 * `--check` writes nothing and fails if something is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './bundle-source.mjs';
import { guaranteesPage } from './guarantees-page.mjs';
import { table } from './markdown.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const {
  STAGES,
  OPTIONS,
  descriptionOf,
  GUARANTEES,
  DRILLS,
  guaranteesOf,
  resolveAnswers,
  buildBlueprint,
  journeyPicture,
} = await loadSource(`
  export { STAGES } from './src/journey/stages.ts';
  export { OPTIONS, descriptionOf } from './src/journey/options.ts';
  export { resolveAnswers } from './src/journey/answers.ts';
  export { buildBlueprint } from './src/blueprint/build.ts';
  export { journeyPicture } from './src/blueprint/picture.ts';
  export { DRILLS, GUARANTEES, guaranteesOf } from './src/verify/checks/index.ts';
`);

const stages = table(
  ['stage', 'adds', 'the problem it fixes', 'what still breaks'],
  STAGES.map(stage => [`\`${stage.name}\``, stage.adds, stage.fixes, stage.breaks]),
);

const options = table(
  ['flag', 'from stage', 'what it says', 'values'],
  OPTIONS.map(option => [
    `\`${option.flag} ${option.placeholder}\``,
    `\`${option.from}\``,
    descriptionOf(option),
    option.choices
      ? option.choices.map(choice => `\`${choice.value}\``).join(', ')
      : option.range
        ? `${option.range.min} to ${option.range.max}`
        : 'text',
  ]),
);

const blueprints = STAGES.map(stage => buildBlueprint(resolveAnswers({ stage: stage.name }, 'my-shop')));
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const wanted = {
  'docs/journey.svg': journeyPicture(blueprints),
  'README.md': Object.entries({ stages, options }).reduce(filled, readme),
  'docs/guarantees.md': guaranteesPage([...GUARANTEES, ...DRILLS], STAGES, appliesAt),
};

const stale = Object.entries(wanted).filter(
  ([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text,
);
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`out of date: ${stale.map(([path]) => path).join(', ')}; run npm run docs`);
    process.exit(1);
  }
} else {
  for (const [path, text] of stale) writeFileSync(join(ROOT, path), text);
}

function appliesAt({ id }, stage) {
  const idsWith = answers => {
    const blueprint = buildBlueprint(resolveAnswers({ stage, ...answers }, 'my-shop'));
    return guaranteesOf(blueprint, { drill: true }).map(each => each.id);
  };
  if (idsWith({}).includes(id)) return 'always';
  return otherChoices(stage).some(answers => idsWith(answers).includes(id)) ? 'sometimes' : 'never';
}

/** Each choice that a stage offers, one at a time. */
function otherChoices(stage) {
  const reached = STAGES.slice(0, STAGES.findIndex(({ name }) => name === stage) + 1).map(({ name }) => name);
  return OPTIONS.filter(
    ({ key, kind, from }) => key !== 'stage' && kind === 'choice' && reached.includes(from),
  ).flatMap(({ key, choices }) => choices.map(({ value }) => ({ [key]: value })));
}

function filled(text, [name, content]) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`README.md has no ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

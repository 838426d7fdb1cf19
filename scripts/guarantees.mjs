/**
 * Measures every guarantee and drill of every stage on every engine that this machine has: the figures go to bench/guarantees.json, and
 * with the checklist and what covers each line of it to docs/guarantees.md. Takes about forty minutes on two cores that do nothing else.
 *   npm run guarantees -- [--engine native|docker] [--stage NAME] [--no-measure]     measures a part anew, or nothing; the rest stays
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from './markdown.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/**
 * What a reviewer of such a backend asks, line by line. A line is covered by the guarantees that name it (`lines` in `src/verify`),
 * by a test of this repository (`test`), or it is not covered, and why (`not`). `but` is what is left out of a line that is covered.
 */
const CHECKLIST = JSON.parse(readFileSync(join(ROOT, 'scripts', 'checklist.json'), 'utf8'));
const TOOL = join(ROOT, 'bin', 'create-backend-stage.js');
const FIGURES = join(ROOT, 'bench', 'guarantees.json');
const ENGINES = ['native', 'docker'];
const { values } = parseArgs({
  options: { engine: { type: 'string' }, stage: { type: 'string' }, 'no-measure': { type: 'boolean' } },
});

const journey = JSON.parse(
  execFileSync(process.execPath, [TOOL, 'stages', '--json'], { encoding: 'utf8' }),
).stages;
const stages = journey.map(({ name }) => name);
const chosen = (all, one) => all.filter(name => !values['no-measure'] && [undefined, name].includes(one));
const folder = mkdtempSync(join(tmpdir(), 'backend-stage-guarantees-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** What was measured, by stage and engine. Written after each run: none must cost the figures of the others. */
const reports = existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, 'utf8')) : {};
const failures = [];
for (const stage of chosen(stages, values.stage)) {
  const made = await attempt([stage, '--stage', stage, '--yes', '--json', '--no-git', '--no-verify'], stage);
  for (const engine of made ? chosen(ENGINES, values.engine) : []) {
    process.stderr.write(`\n── ${stage}, ${engine}\n`);
    const args = ['verify', stage, '--engine', engine, '--drill', '--json'];
    const report = await attempt(args, `${stage}, ${engine}`);
    if (report) keep(stage, engine, report);
  }
  rmSync(join(folder, stage), { recursive: true, force: true });
}
writeFileSync(join(ROOT, 'docs', 'guarantees.md'), [head(), ...stages.map(section), checklist()].join('\n'));
const broken = all().filter(({ status }) => status === 'broken');
process.stderr.write(`\n${[`${broken.length} guarantees broken`, ...failures].join('\n')}\n`);
process.exit(broken.length + failures.length > 0 ? 1 : 0);

function keep(stage, engine, { guarantees }) {
  const figures = guarantees.map(({ logTail: _logTail, ...guarantee }) => guarantee);
  reports[stage] = { ...reports[stage], [engine]: figures };
  mkdirSync(dirname(FIGURES), { recursive: true });
  writeFileSync(FIGURES, `${JSON.stringify(reports, null, 1)}\n`);
}

function all() {
  return Object.values(reports).flatMap(engines => Object.values(engines).flat());
}

/** Runs the tool. @returns its report, or undefined after noting that there is none */
async function attempt(args, what) {
  try {
    const report = await run(args);
    if (report.ok || report.guarantees) return report;
    throw new Error(report.error?.message);
  } catch (error) {
    failures.push(`${what}: not measured: ${error.message}`);
    process.stderr.write(`guarantees: ${failures.at(-1)}\n`);
    return undefined;
  }
}

function run(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [TOOL, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', chunk => {
      stdout += chunk;
    });
    child.on('error', reject);
    child.on('close', code => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`the tool ended with ${code} and without a report`));
      }
    });
  });
}

function head() {
  return `# What each stage guarantees, and what it took to see it

Written by \`npm run guarantees\` (\`create-backend-stage verify --drill --json\` at each stage, on each engine), and not by hand. Figures are of one run each on
${cpus().length} processor cores with Node ${process.versions.node}, load generator and servers side by side: counts of failures are the point, times are only an indication.

A guarantee is **kept**, **broken**, or **not verified** (this engine or machine cannot show it). Drills, which are under load and faults, are marked ⚡.
`;
}

function section(stage) {
  const of = engine => reports[stage]?.[engine] ?? [];
  const ids = [...new Set(ENGINES.flatMap(engine => of(engine).map(({ id }) => id)))];
  const rows = ids.map(id => {
    const seen = ENGINES.map(engine => of(engine).find(each => each.id === id));
    const known = seen.find(Boolean);
    const mark = known.drill ? ' ⚡' : '';
    return [`\`${id}\`${mark}`, (known.lines ?? []).join(' '), known.title, ...seen.map(cell)];
  });
  const told = failures.filter(each => RegExp(`^${stage}\\b`).test(each)).map(each => `**${each}**\n\n`);
  return `## ${stage}\n\n${told.join('')}${table(['guarantee', 'lines', 'what is promised', ...ENGINES], rows)}\n`;
}

function cell(result) {
  if (!result) return '–';
  const word = result.status === 'kept' ? '' : `**${result.status.replace('-', ' ')}**: `;
  return word + result.detail;
}

function checklist() {
  const covering = new Map();
  for (const { id, lines = [] } of all()) {
    for (const line of lines) covering.set(line, (covering.get(line) ?? new Set()).add(`\`${id}\``));
  }
  const rows = part =>
    part.lines.map(({ id, asks, test, not, but = '' }) => {
      const by = [...(covering.get(id) ?? []), ...(test ? [test] : [])];
      return [id, asks, by.length > 0 ? by.join(', ') : '**not covered**', not ?? but];
    });
  const parts = CHECKLIST.map(
    part =>
      `### ${part.part}\n\n${table(['line', 'what is asked', 'covered by', 'what is left out, and why'], rows(part))}\n`,
  );
  return `## The checklist\n\nWhat a reviewer of such a backend asks, from the first stage that it applies to on.\n\n${parts.join('\n')}`;
}

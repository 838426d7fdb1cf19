/**
 * Writes docs/guarantees.md: every guarantee and drill of every stage on every engine that this machine has, with the figures of a
 * run made for it, and the checklist with what covers each line. Takes about a quarter of an hour.
 *   npm run guarantees -- [--engine native|docker] [--stage NAME]     one engine alone; one stage alone, printed and not written
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/**
 * What a reviewer of such a backend asks, line by line. A line is covered by the guarantees that name it (`lines` in `src/verify`),
 * by a test of this repository (`test`), or it is not covered, and why (`not`). `but` is what is left out of a line that is covered.
 */
const CHECKLIST = JSON.parse(readFileSync(join(ROOT, 'scripts', 'checklist.json'), 'utf8'));
const TOOL = join(ROOT, 'bin', 'create-backend-stage.js');
const { values } = parseArgs({ options: { engine: { type: 'string' }, stage: { type: 'string' } } });
const engines = values.engine ? [values.engine] : ['native', 'docker'];

const journey = JSON.parse(
  execFileSync(process.execPath, [TOOL, 'stages', '--json'], { encoding: 'utf8' }),
).stages;
const stages = journey
  .map(({ name }) => name)
  .filter(name => values.stage === undefined || name === values.stage);
const folder = mkdtempSync(join(tmpdir(), 'backend-stage-guarantees-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const reports = [];
for (const stage of stages) {
  const made = await run([stage, '--stage', stage, '--yes', '--json', '--no-git', '--no-verify']);
  if (!made.ok) fail(`${stage} was not created: ${made.error?.message}`);
  for (const engine of engines) {
    process.stderr.write(`\n── ${stage}, ${engine}\n`);
    reports.push(await run(['verify', stage, '--engine', engine, '--drill', '--json'], engine));
  }
  rmSync(join(folder, stage), { recursive: true, force: true });
}
const text = [head(), ...stages.map(section), checklist()].join('\n');
if (values.stage) process.stdout.write(text);
else writeFileSync(join(ROOT, 'docs', 'guarantees.md'), text);
const broken = reports.flatMap(report => report.guarantees ?? []).filter(({ status }) => status === 'broken');
process.stderr.write(`\n${reports.length} runs, ${broken.length} guarantees broken\n`);
process.exit(broken.length > 0 || reports.some(report => !report.guarantees) ? 1 : 0);

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
    child.on('close', () => resolve(JSON.parse(stdout)));
  });
}

function head() {
  return `# What each stage guarantees, and what it took to see it

Written by \`npm run guarantees\` (\`create-backend-stage verify --drill --json\` at each stage, on each engine), and not by hand. Figures are of one run on
${cpus().length} processor cores with Node ${process.versions.node}, load generator and servers side by side: counts of failures are the point, times are only an indication.

A guarantee is **kept**, **broken**, or **not verified** (this engine or machine cannot show it). Drills, which are under load and faults, are marked ⚡.
`;
}

function section(stage) {
  const of = engine =>
    reports.find(report => report.stage === stage && report.engine === engine)?.guarantees ?? [];
  const ids = [...new Set(engines.flatMap(engine => of(engine).map(({ id }) => id)))];
  const rows = ids.map(id => {
    const seen = engines.map(engine => of(engine).find(each => each.id === id));
    const known = seen.find(Boolean);
    const mark = known.drill ? ' ⚡' : '';
    return [`\`${id}\`${mark}`, (known.lines ?? []).join(' '), known.title, ...seen.map(cell)];
  });
  return `## ${stage}\n\n${table(['guarantee', 'lines', 'what is promised', ...engines], rows)}`;
}

function cell(result) {
  if (!result) return '–';
  const word = result.status === 'kept' ? '' : `**${result.status.replace('-', ' ')}**: `;
  return word + result.detail;
}

function checklist() {
  const covering = new Map();
  for (const { guarantees = [] } of reports) {
    for (const { id, lines = [] } of guarantees) {
      for (const line of lines) covering.set(line, (covering.get(line) ?? new Set()).add(`\`${id}\``));
    }
  }
  const rows = part =>
    part.lines.map(({ id, asks, test, not, but = '' }) => {
      const by = [...(covering.get(id) ?? []), ...(test ? [test] : [])];
      return [id, asks, by.length > 0 ? by.join(', ') : '**not covered**', not ?? but];
    });
  const parts = CHECKLIST.map(
    part =>
      `### ${part.part}\n\n${table(['line', 'what is asked', 'covered by', 'what is left out, and why'], rows(part))}`,
  );
  return `## The checklist\n\nWhat a reviewer of such a backend asks, from the first stage that it applies to on.\n\n${parts.join('\n')}`;
}

function table(columns, rows) {
  const line = cells =>
    `| ${cells.map(each => String(each).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return `${[line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

function fail(message) {
  process.stderr.write(`guarantees: ${message}\n`);
  process.exit(1);
}

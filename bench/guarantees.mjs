/**
 * Measures every guarantee and drill of every stage on every engine that this machine has. The figures, with the machine that they are
 * of, go to bench/guarantees.json, which is not part of the repository. Takes about fifty minutes on two cores that do nothing else.
 *   npm run guarantees -- [--engine native|docker] [--stage NAME]     measures a part anew; the rest stays
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TOOL = join(ROOT, 'bin', 'create-backend-stage.js');
const FIGURES = join(ROOT, 'bench', 'guarantees.json');
const ENGINES = ['native', 'docker'];
const { values } = parseArgs({
  options: { engine: { type: 'string' }, stage: { type: 'string' } },
});

const journey = JSON.parse(
  execFileSync(process.execPath, [TOOL, 'stages', '--json'], { encoding: 'utf8' }),
).stages;
const stages = journey.map(({ name }) => name);
const chosen = (all, one) => all.filter(name => [undefined, name].includes(one));
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
const broken = all().filter(({ status }) => status === 'broken');
process.stderr.write(`\n${[`${broken.length} guarantees broken`, ...failures].join('\n')}\n`);
process.exit(broken.length + failures.length > 0 ? 1 : 0);

function keep(stage, engine, { guarantees }) {
  const figures = guarantees.map(({ logTail: _logTail, ...guarantee }) => guarantee);
  reports.machine = { cores: cpus().length, node: process.versions.node };
  reports[stage] = { ...reports[stage], [engine]: figures };
  mkdirSync(dirname(FIGURES), { recursive: true });
  writeFileSync(FIGURES, `${JSON.stringify(reports, null, 1)}\n`);
}

function all() {
  return stages.flatMap(stage => Object.values(reports[stage] ?? {}).flat());
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

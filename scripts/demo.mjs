// The main job: generates all six stages, boots each on real parts, checks its guarantees from outside, and prints the journey.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = join(root, 'bin', 'create-backend-stage.js');
const folder = mkdtempSync(join(tmpdir(), 'backend-stage-demo-'));
let current;
let interrupted = false;

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    // The tool takes down what it runs, and then this ends too.
    current?.kill('SIGTERM');
  });
}

const journey = JSON.parse((await runTool(['stages', '--json'])).stdout).stages;
const rows = [];
for (const stage of journey) {
  if (interrupted) break;
  process.stderr.write(`\n── ${rows.length + 1}/${journey.length} ${stage.name}: ${stage.adds}\n`);
  rows.push(await visit(stage));
}
if (interrupted) process.exit(130);
const allKept = rows.length === journey.length && rows.every(row => row.kept);
process.stdout.write(`\n${table(rows)}\n\n${closingLine(rows)}\n`);
process.exit(allKept ? 0 : 1);

async function visit(stage) {
  const directory = join(folder, stage.name);
  const started = performance.now();
  const { exitCode, stdout } = await runTool([
    stage.name,
    '--stage',
    stage.name,
    '--yes',
    '--json',
    '--no-git',
    '--engine',
    'native',
  ]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  rmSync(directory, { recursive: true, force: true });
  const report = parse(stdout);
  const counts = report.verification?.counts ?? { kept: 0, broken: 0, notVerified: 0 };
  const total = counts.kept + counts.broken + counts.notVerified;
  if (report.error)
    process.stderr.write(`   ${report.error.message}${report.error.hint ? `; ${report.error.hint}` : ''}\n`);
  return {
    kept: exitCode === 0 && total > 0 && counts.kept === total,
    notVerified: counts.notVerified,
    cells: [
      stage.name,
      stage.adds,
      String(report.files ?? '-'),
      report.timings ? String(report.timings.planMs + report.timings.writeMs) : '-',
      String(report.verification?.bootMs ?? '-'),
      `${counts.kept}/${total}${counts.notVerified > 0 ? ` (${counts.notVerified} NOT VERIFIED)` : ''}`,
      seconds,
    ],
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: `the tool printed no result: ${text.slice(0, 200)}` } };
  }
}

function runTool(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tool, ...args], {
      cwd: folder,
      // Six projects share most of their dependencies: npm need not ask for each of them again.
      env: { ...process.env, npm_config_prefer_offline: 'true' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    current = child;
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', chunk => {
      stdout += chunk;
    });
    child.once('error', reject);
    child.once('close', exitCode => resolve({ exitCode, stdout }));
  });
}

function table(entries) {
  const all = [
    ['stage', 'adds', 'files', 'generate ms', 'boot ms', 'guarantees kept', 'seconds'],
    ...entries.map(row => row.cells),
  ];
  const widths = all[0].map((_, column) => Math.max(...all.map(cells => cells[column].length)));
  const line = cells =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ');
  return [line(all[0]), widths.map(width => '─'.repeat(width)).join('  '), ...all.slice(1).map(line)].join(
    '\n',
  );
}

function closingLine(entries) {
  const kept = entries.filter(row => row.kept).length;
  const seconds = Math.round(performance.now() / 1000);
  const verdict =
    kept === journey.length
      ? 'every stage keeps its guarantees'
      : `${journey.length - kept} stages do not keep all of their guarantees, or could not be verified`;
  return `${kept} of ${journey.length} stages verified by running them, in ${seconds} s: ${verdict}`;
}

/**
 * The watchdog's own program, as text: the tool ships as one bundled file, so there is no second file to start. It repeats a
 * little of process-table.ts, because it must run from nothing but itself.
 */
export const WATCHDOG_SCRIPT = `'use strict';
const { readFileSync, readdirSync, rmSync } = require('node:fs');
const { execFileSync } = require('node:child_process');
const linux = process.platform === 'linux';
const windows = process.platform === 'win32';
const watched = new Map();
const directories = new Set();
let undo;
let released = false;
let rest = '';

function run(command, ...args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
  } catch {
    return '';
  }
}

function stat(pid) {
  try {
    const text = readFileSync('/proc/' + pid + '/stat', 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function stampOf(pid) {
  if (linux) {
    const fields = stat(pid);
    return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
  }
  if (windows) return 'unknown';
  return run('ps', '-o', 'lstart=', '-p', String(pid)).trim() || undefined;
}

function isOurs([pid, { stamp }]) {
  return stamp !== undefined && stampOf(pid) === stamp;
}

function childrenOf(pid) {
  if (windows) return [];
  const rows = linux
    ? readdirSync('/proc').map(Number).filter(Number.isInteger).map(id => [id, Number(stat(id)?.[1])])
    : run('ps', '-A', '-o', 'pid=,ppid=').trim().split('\\n').map(row => row.trim().split(/\\s+/).map(Number));
  const own = rows.filter(([, parent]) => parent === pid).map(([id]) => id);
  return own.concat(own.flatMap(childrenOf));
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {}
}

function killTree(pid) {
  if (windows) return void run('taskkill', '/pid', String(pid), '/t', '/f');
  const children = childrenOf(pid);
  signal(-pid, 'SIGKILL');
  for (const child of children) signal(child, 'SIGKILL');
}

const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

async function cleanUp() {
  if (released) return;
  const ours = [...watched].filter(isOurs);
  for (const [pid, { kind }] of ours) {
    if (kind !== 'postgres' || windows) killTree(pid);
    else {
      signal(pid, 'SIGQUIT');
      signal(pid, 'SIGCONT');
    }
  }
  for (let turn = 0; turn < 40 && ours.some(isOurs); turn++) await wait(50);
  for (const entry of ours.filter(isOurs)) killTree(entry[0]);
  for (let turn = 0; turn < 40 && ours.some(isOurs); turn++) await wait(50);
  process.chdir('/');
  if (undo) {
    try {
      execFileSync(undo.command, undo.args, { env: undo.env, stdio: 'ignore', windowsHide: true });
    } catch {}
  }
  for (const directory of directories) {
    try {
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    } catch {}
  }
}

function hear(line) {
  if (line === '') return;
  const message = JSON.parse(line);
  if (message.watch) watched.set(message.watch, message);
  if (message.forget) watched.delete(message.forget);
  if (message.directory) directories.add(message.directory);
  if (message.undo) undo = message.undo;
  if (message.release) released = true;
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
process.stdin.setEncoding('utf8');
process.stdin.on('data', text => {
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  lines.forEach(hear);
});
let closed = false;
for (const event of ['end', 'close', 'error']) {
  process.stdin.on(event, () => {
    if (!closed) cleanUp().finally(() => process.exit(0));
    closed = true;
  });
}
`;

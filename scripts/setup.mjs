// Gets a fresh clone ready, with nothing but Node's own modules: dependencies, the build, and with --proxies the servers that
// the native engine runs. Quick and silent when all is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SERVERS = ['nginx', 'haproxy', 'openssl'];
/** Whatever, when touched, makes a build stale. */
const SOURCES = [
  'src',
  'templates',
  'scripts/build.mjs',
  'scripts/bundled-program.mjs',
  'scripts/pack-templates.mjs',
  'package.json',
  'package-lock.json',
];

installDependencies();
buildIfStale();
if (process.argv.includes('--proxies')) installServers();

function installDependencies() {
  if (dependenciesMatchLock()) return;
  say('installing dependencies (npm ci)');
  run(
    'npm',
    ['ci', '--include=dev', '--no-audit', '--no-fund'],
    'npm ci failed: mend what it says above and run this again',
  );
}

/** npm keeps a copy of the lock that it installed from; every package of ours must be in it, in our version. */
function dependenciesMatchLock() {
  const wanted = readJson('package-lock.json')?.packages;
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch {
    return undefined;
  }
}

function buildIfStale() {
  const built = modifiedAt(join(root, 'dist', 'cli.js'));
  if (built > Math.max(...SOURCES.map(source => newestIn(join(root, source))))) return;
  say('building');
  run(process.execPath, [join(root, 'scripts', 'build.mjs')], 'the build failed');
}

/** Folders count as well: removing a file touches nothing else. */
function newestIn(path) {
  const own = modifiedAt(path);
  if (!existsSync(path) || !statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map(name => newestIn(join(path, name))));
}

function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function installServers() {
  const missing = SERVERS.filter(name => !onPath(name));
  if (missing.length === 0) return;
  const command = installCommand(missing);
  if (!command) {
    return warn(missing, `install ${missing.join(' and ')} with your system's package manager`);
  }
  if (!command.allowed) return warn(missing, command.text);
  say(`installing ${missing.join(', ')}: ${command.text}`);
  command.run();
  const still = missing.filter(name => !onPath(name));
  if (still.length > 0) warn(still, command.text);
}

function installCommand(names) {
  if (process.platform === 'darwin' && onPath('brew')) {
    return {
      text: `brew install ${names.join(' ')}`,
      allowed: true,
      run: () => attempt('brew', ['install', ...names]),
    };
  }
  if (process.platform !== 'linux' || !onPath('apt-get')) return undefined;
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? [] : ['sudo', '-n'];
  const allowed = isRoot || (onPath('sudo') && attempt('sudo', ['-n', 'true'], 'ignore'));
  const text = `${isRoot ? '' : 'sudo '}apt-get update && ${isRoot ? '' : 'sudo '}apt-get install -y --no-install-recommends ${names.join(' ')}`;
  return { text, allowed, run: () => aptInstall(sudo, names) };
}

/**
 * Debian starts a server's service when its package is installed; nobody asked for an nginx on port 80. A policy that says no
 * (101) for as long as apt runs keeps it down. A policy that is there already is left alone.
 */
function aptInstall(sudo, names) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = process.getuid?.() === 0 && !existsSync(policy);
  const quiet = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  try {
    if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    attempt(...headAndRest([...quiet, 'update']));
    attempt(...headAndRest([...quiet, 'install', '-y', '--no-install-recommends', ...names]));
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  if (!ours && process.getuid?.() !== 0) {
    for (const name of names.filter(each => each !== 'openssl')) {
      attempt('sudo', ['-n', 'systemctl', 'disable', '--now', name], 'ignore');
    }
  }
}

function headAndRest([head, ...rest]) {
  return [head, rest];
}

/** Debian keeps HAProxy and nginx in sbin, which an ordinary user's PATH leaves out. */
function onPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some(folder => existsSync(join(folder, name)) || existsSync(join(folder, `${name}.exe`)));
}

function run(command, args, complaint) {
  if (attempt(command, args)) return;
  process.stderr.write(`setup: ${complaint}\n`);
  process.exit(1);
}

/** What tools print goes to stderr: stdout belongs to the script that was asked for. */
function attempt(command, args, output = 2) {
  const shell = process.platform === 'win32' && command !== process.execPath;
  const stdio = ['ignore', output, output];
  return spawnSync(command, args, { cwd: root, stdio, shell }).status === 0;
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function warn(missing, command) {
  say(`MISSING: ${missing.join(', ')}. What needs them is NOT VERIFIED until you run: ${command}`);
}

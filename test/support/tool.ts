import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The built launcher: what a user runs. */
export const TOOL = fileURLToPath(new URL('../../bin/create-backend-stage.js', import.meta.url));

export interface ToolRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly uid?: number;
}

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backend-stage-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the tool to its end, without a terminal. */
export function runTool(args: readonly string[], options: ToolOptions): ToolRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...args], {
    cwd: options.cwd,
    env: environment(options.env),
    input: options.input ?? '',
    encoding: 'utf8',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  return { exitCode: status, stdout, stderr };
}

export interface StartedTool {
  readonly process: ChildProcess;
  readonly ended: Promise<ToolRun>;
  /** Resolves when stderr has said so. */
  said(text: string): Promise<void>;
}

/** Starts the tool without waiting for its end. */
export function startTool(args: readonly string[], options: ToolOptions): StartedTool {
  const child = spawn(process.execPath, [TOOL, ...args], {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = new Promise<ToolRun>(resolve => {
    child.once('close', exitCode => resolve({ exitCode, stdout, stderr }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`it ended without saying ${JSON.stringify(text)}:\n${stderr}`)));
    });
  return { process: child, ended, said };
}

/** The tests' own package manager and CI settings are not the user's. */
function environment(extra: ToolOptions['env'] = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([key]) => !/^npm_|^CI$|^VITEST|^NODE_ENV$/i.test(key));
  return { ...Object.fromEntries(own), NO_COLOR: '1', ...extra };
}

/** Everything below a folder, sorted, node_modules and .git left out. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter(path => !/(^|\/)(node_modules|\.git)\//.test(path))
    .sort();
}

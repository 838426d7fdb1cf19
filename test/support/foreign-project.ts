/**
 * A backend that is not ours: a lab's measuring instruments in the place of the shop, as an owner would put it there. Bearer tokens,
 * uuids in its paths, no Idempotency-Key, and a write that settles later. What is generated around it stays the generator's.
 */
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { grow } from '../../src/commands/grow.ts';
import type { CommandResult } from '../../src/commands/outcome.ts';
import type { GrowOptions } from '../../src/commands/program.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { fileClass } from '../../src/plan/file-class.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { FileOutcome } from '../../src/project/change/model.ts';
import { createTerminal } from '../../src/ui/terminal.ts';
import { defaultAnswers, installDependencies, lockDependencies } from './generated-project.ts';
import { generate } from './grown-project.ts';
import { Editor } from './realistic-edits.ts';

/** From the stage with a database to the last one that has a single program. */
export const FOREIGN_STAGES = ['database', 'pool', 'balancer', 'nginx'] as const satisfies StageName[];
export type ForeignStage = (typeof FOREIGN_STAGES)[number];

const FILES = fileURLToPath(new URL('../foreign/project', import.meta.url));

/** What goes with the shop. */
const DELETED = ['orders', 'payments', 'products', 'sessions'].flatMap(module => [
  `src/${module}`,
  `migrations/${module}`,
]);

/** Where a file of the generator's names the shop in passing. */
const EDITED: readonly (readonly [path: string, from: string, to: string])[] = [
  ['src/server.test.ts', `startTestDatabase('products', 'sessions')`, `startTestDatabase('lab')`],
  ['src/server.test.ts', `email: 'nobody@shop.example', password: 'x'`, `user: 'nobody', passphrase: 'x'`],
  ['src/server.test.ts', 'POST /sessions HTTP', 'POST /tokens HTTP'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is text of the file
  ['src/server.test.ts', '${url}/products`', '${url}/instruments`'],
];

/** Where the owner's words and the generator's are bound to meet; the owner's are kept. */
const CONTESTED = ['README.md'];

/** A new temporary directory with the project at `stage`, secrets made and dependencies installed. The caller removes it. */
export async function foreignProject(stage: ForeignStage): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
  try {
    // As any project folder: PostgreSQL, which root may not run, has to get at its programs in node_modules.
    await chmod(directory, 0o755);
    await generate(directory, defaultAnswers('database'));
    await execa(process.execPath, ['scripts/setup.mjs'], { cwd: directory });
    await replaceProgram(directory);
    if (stage !== 'database') await growForeign(directory, stage);
    const packages = await packageFiles(directory);
    await installDependencies(directory, packages);
    await lockDependencies(directory, packages);
    return directory;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function replaceProgram(directory: string): Promise<void> {
  for (const path of DELETED) await rm(join(directory, path), { recursive: true });
  await cp(FILES, directory, { recursive: true });
  const editor = new Editor(directory);
  for (const edit of EDITED) editor.replace(...edit);
  await doWithout(join(directory, 'package.json'), 'cookie');
}

/** @throws Error if the package is not there: then it is nothing to do without */
async function doWithout(packageFile: string, name: string): Promise<void> {
  const manifest = JSON.parse(await readFile(packageFile, 'utf8'));
  if (!delete manifest.dependencies[name]) throw new Error(`${packageFile} has no ${name}`);
  await writeFile(packageFile, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws Error if more is in conflict than is bound to be */
async function growForeign(directory: string, to: ForeignStage): Promise<void> {
  const planned = await growCommand(directory, { to, conflict: 'inline', dryRun: true });
  const conflicts = filesOf(planned).filter(({ status }) => status === 'conflict');
  const unexpected = conflicts.filter(({ path }) => !CONTESTED.includes(path));
  if (unexpected.length > 0) throw new Error(`growing to ${to} conflicts: ${JSON.stringify(unexpected)}`);
  const grown = await growCommand(directory, { to, conflict: 'ours' });
  if (!grown.ok) throw new Error(`growing to ${to} failed: ${JSON.stringify(grown.error)}`);
}

/** The command itself, in this process: `grow --yes --no-install --no-verify --allow-dirty`. */
function growCommand(
  directory: string,
  options: Pick<GrowOptions, 'to' | 'conflict' | 'dryRun'>,
): Promise<CommandResult> {
  const nowhere = { write: () => undefined };
  return grow(
    directory,
    { ...options, yes: true, install: false, verify: false, allowDirty: true, engine: 'native' },
    {
      cwd: directory,
      env: process.env,
      terminal: createTerminal(nowhere, nowhere, {}),
      interactive: false,
      signal: new AbortController().signal,
    },
  );
}

function filesOf({ body }: CommandResult): readonly FileOutcome[] {
  return body.files as readonly FileOutcome[];
}

/** What decides which packages are installed, as its owner left it. */
async function packageFiles(directory: string): Promise<Plan> {
  const path = 'package.json';
  const bytes = await readFile(join(directory, path));
  return { files: [{ path, bytes, mode: 0o644, class: fileClass(path) }] };
}

/** What earlier builds left in a project: it must not be run in place of what the source says now. */
import { lstat, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { basename, join, normalize, relative, sep } from 'node:path';
import { type Blueprint, nodesOfKind } from '../../blueprint/blueprint.ts';
import { UsageError } from '../../errors.ts';
import { isIgnored, isTracked } from '../../project/git.ts';
import { startedFile } from './started-file.ts';

/** The output folder of generated projects: a build's own even where no git says so. */
const USUAL_OUTPUT = 'dist';

/**
 * Removes the folders that the programs start from, in every workspace, and what compilers remember of them. What git keeps is
 * its owner's and stays.
 * @throws UsageError where such a folder is a link: what lies behind it may be anybody's
 */
export async function removeBuildOutput(directory: string, blueprint: Blueprint): Promise<void> {
  const programs = nodesOfKind(blueprint, 'program');
  const started = programs.flatMap(program => startedFile(program) ?? []);
  const jobs = nodesOfKind(blueprint, 'job');
  const outputs = new Set([...started, ...jobs.map(({ entry }) => entry)].flatMap(outputFolder));
  const folders = new Set([
    ...[...programs, ...jobs].map(({ folder }) => folder),
    ...(await workspaces(directory)),
  ]);
  const inside = await Promise.all(
    [...folders].map(async folder => ((await isInside(directory, folder)) ? [folder] : [])),
  );
  await Promise.all(
    inside.flat().map(async folder => {
      await Promise.all([...outputs].map(output => removeFolder(directory, join(folder, output))));
      await forgetBuilds(directory, folder);
    }),
  );
}

/** The folder that a program's entry is built into: the first one on the way to it. */
function outputFolder(entry: string): readonly string[] {
  const [first = '', ...rest] = normalize(entry).split(sep);
  return rest.length === 0 || first.startsWith('.') || first === 'node_modules' ? [] : [first];
}

/** The folders of the project's workspaces; npm's patterns here name a folder, or all folders of one. */
async function workspaces(directory: string): Promise<readonly string[]> {
  const patterns = await readFile(join(directory, 'package.json'), 'utf8').then(workspacePatterns, () => []);
  const found = await Promise.all(
    patterns.map(async pattern => {
      const parent = /^(.+)\/\*$/.exec(pattern)?.[1];
      if (parent === undefined) return [pattern];
      const entries = await readdir(join(directory, parent), { withFileTypes: true }).catch(() => []);
      return entries.filter(entry => entry.isDirectory()).map(({ name }) => join(parent, name));
    }),
  );
  return found.flat();
}

/** None where the file cannot be read as JSON: building tells why. */
function workspacePatterns(text: string): readonly string[] {
  try {
    const { workspaces: patterns = [] } = JSON.parse(text) as { workspaces?: unknown };
    return Array.isArray(patterns) ? patterns.filter(pattern => typeof pattern === 'string') : [];
  } catch {
    return [];
  }
}

async function isInside(directory: string, folder: string): Promise<boolean> {
  try {
    const path = relative(await realpath(directory), await realpath(join(directory, folder)));
    return path !== '..' && !path.startsWith(`..${sep}`);
  } catch {
    return false;
  }
}

async function removeFolder(directory: string, folder: string): Promise<void> {
  const path = join(directory, folder);
  const stats = await lstat(path).catch(() => undefined);
  if (!stats || !(await isBuilt(directory, folder))) return;
  if (stats.isSymbolicLink()) {
    throw new UsageError(
      `${path} is a link, so what was built there before cannot be removed`,
      `remove the link ${path}`,
    );
  }
  if (stats.isDirectory()) await rm(path, { recursive: true, force: true, maxRetries: 5 });
}

async function isBuilt(directory: string, folder: string): Promise<boolean> {
  if (await isTracked(directory, folder)) return false;
  return basename(folder) === USUAL_OUTPUT || (await isIgnored(directory, folder));
}

/** Without this, a compiler that builds incrementally leaves out what it wrote before. */
async function forgetBuilds(directory: string, folder: string): Promise<void> {
  const path = join(directory, folder);
  const files = (await readdir(path).catch(() => [])).filter(name => name.endsWith('.tsbuildinfo'));
  await Promise.all(files.map(name => rm(join(path, name), { force: true })));
}

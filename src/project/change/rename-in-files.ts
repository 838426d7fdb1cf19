/**
 * Renames in the sides of a file that do not know of a rename: imports, Compose services, program names. What the owner's files import
 * goes with them. Only real changes are left to merge.
 */
import { posix } from 'node:path';
import { STAGE_FILE } from '../../stage-file/stage-file.ts';
import { renameServices } from './compose-services.ts';
import type { FollowRules, Subject } from './model.ts';
import { asOneOfSeveral, programNamesIn } from './one-of-several.ts';

export function renameInFiles(subjects: readonly Subject[], rules: FollowRules): Subject[] {
  const [before, now] = [new Map<string, string>(), new Map<string, string>()];
  for (const { before: was, at, target, found, generated } of subjects) {
    if (!was || found.kind !== 'file') continue;
    if (at !== was.path) before.set(was.path, at);
    if (generated && target !== generated.path) now.set(generated.path, target);
  }
  return subjects
    .map(subject => withImports(subject, before, now))
    .map(subject => withServices(subject, rules))
    .map(subject => withPrograms(subject, rules))
    .map(subject => withDependencies(subject, rules, subjects))
    .map(subject => withHint(subject, subjects));
}

type Moves = ReadonlyMap<string, string>;

/** The owner renamed files, and mended what imports them: so does the generator. */
function withImports(subject: Subject, before: Moves, now: Moves): Subject {
  const { before: was, found, generated } = subject;
  const yours = found.kind === 'file' ? found.bytes.toString('utf8') : '';
  return {
    ...subject,
    ...(was?.bytes && before.size > 0
      ? { before: { ...was, bytes: importsIn(was.path, was.bytes, before, name => yours.includes(name)) } }
      : {}),
    ...(generated && now.size > 0
      ? { generated: { ...generated, bytes: importsIn(generated.path, generated.bytes, now, () => true) } }
      : {}),
  };
}

const IMPORT = /((?:\bfrom|\bimport\(?)\s*['"])(\.{1,2}\/[^'"\n]+)(?=['"])/g;

function importsIn(path: string, bytes: Buffer, moves: Moves, isMended: (name: string) => boolean): Buffer {
  if (!/\.[cm]?[jt]s$/.test(path)) return bytes;
  const from = moves.get(path) ?? path;
  const text = bytes.toString('utf8');
  const result = text.replace(IMPORT, (whole, start: string, name: string) => {
    const file = resolved(path, name);
    const to = moves.get(file) ?? file;
    const mended = relative(from, to);
    return (to === file && from === path) || !isMended(mended) ? whole : start + mended;
  });
  return result === text ? bytes : Buffer.from(result);
}

/** The path that a file names by `./` or `../`. */
export function resolved(from: string, name: string): string {
  return posix.join(posix.dirname(from), name);
}

function relative(from: string, to: string): string {
  const way = posix.relative(posix.dirname(from), to);
  return way.startsWith('../') ? way : `./${way}`;
}

/** A service that is called otherwise at this stage is the same one: its owner's changes are changes of it. */
function withServices(subject: Subject, { services }: FollowRules): Subject {
  const { before: was, found, target } = subject;
  if (services.length === 0 || target !== 'compose.yaml' || !was?.bytes || found.kind !== 'file')
    return subject;
  const [bytes, mine] = [was.bytes, found.bytes].map(each => renameServices(each.toString('utf8'), services));
  return bytes && mine
    ? { ...subject, before: { ...was, bytes: Buffer.from(bytes) }, mine: Buffer.from(mine) }
    : subject;
}

/** What the owner says of the one program is said of the one of several that it becomes. */
function withPrograms(subject: Subject, { services }: FollowRules): Subject {
  const { before: was, found, generated, target } = subject;
  if (target !== STAGE_FILE || !generated || !was?.bytes || found.kind !== 'file') return subject;
  const programs = programNamesIn(generated.bytes.toString('utf8'));
  const name = services.map(([, to]) => to).find(to => programs.includes(to));
  if (name === undefined) return subject;
  const under = (bytes: Buffer) => Buffer.from(asOneOfSeveral(bytes.toString('utf8'), name));
  return { ...subject, before: { ...was, bytes: under(was.bytes) }, mine: under(found.bytes) };
}

/** What the owner's files import is installed where they go, too; in the root's package.json it stays. */
function withDependencies(subject: Subject, rules: FollowRules, all: readonly Subject[]): Subject {
  const { generated, found } = subject;
  if (!generated || generated.path !== rules.dependencies || found.kind !== 'nothing') return subject;
  const root = all.find(({ before }) => before?.path === 'package.json');
  if (root?.found.kind !== 'file' || !root.before?.bytes) return subject;
  const [known, yours] = [root.before.bytes, root.found.bytes].map(dependenciesOf);
  const own = Object.entries(yours ?? {}).filter(([name]) => !(name in (known ?? {})));
  if (own.length === 0) return subject;
  const content = JSON.parse(generated.bytes.toString('utf8')) as Package;
  const entries = Object.entries({ ...Object.fromEntries(own), ...content.dependencies });
  content.dependencies = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  const bytes = Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
  const names = own.map(([name]) => name).join(', ');
  return {
    ...subject,
    generated: { ...generated, bytes },
    notes: [`${names}: from package.json, for your files that go along`],
  };
}

/** The owner renamed a folder: a file that is new in it comes to lie alone in the old one, and is told apart there. */
function withHint(subject: Subject, all: readonly Subject[]): Subject {
  const { before: was, generated, found } = subject;
  if (was || !generated || found.kind !== 'nothing') return subject;
  const home = homeOf(posix.dirname(generated.path), all);
  if (home === undefined) return subject;
  const note = `you have renamed ${home.was} to ${home.is}: move it there if you like, later runs will find it`;
  return { ...subject, notes: [...(subject.notes ?? []), note] };
}

/** Where all files of a folder, or of the nearest one around it that has any, are now; undefined if that is where they belong. */
function homeOf(folder: string, all: readonly Subject[]): { was: string; is: string } | undefined {
  if (folder === '.') return undefined;
  const homes = all
    .filter(({ before, found, generated }) => before && generated && found.kind === 'file')
    .flatMap(({ generated, target }) =>
      generated && posix.dirname(generated.path) === folder ? [posix.dirname(target)] : [],
    );
  if (homes.length === 0) return homeOf(posix.dirname(folder), all);
  const [is] = homes;
  return is !== undefined && is !== folder && homes.every(each => each === is)
    ? { was: folder, is }
    : undefined;
}

interface Package {
  dependencies?: Record<string, string>;
}

function dependenciesOf(bytes: Buffer): Record<string, string> | undefined {
  try {
    return (JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as Package).dependencies;
  } catch {
    return undefined;
  }
}

/**
 * The manifest and the baseline: what was generated, from which answers, by which version. Growing later merges against them,
 * so they hold what was really written, and go into the project's repository.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, Damaged, messageOf, UsageError } from '../errors.ts';
import { readAnswers, resolveAnswers } from '../journey/answers.ts';
import type { Answers } from '../journey/options.ts';
import type { Plan, PlannedFile } from '../plan/plan.ts';
import { SCHEMA_PATH, STAGE_SCHEMA } from '../stage-file/schema.ts';

export const MANIFEST_VERSION = 1;
export const MANIFEST_PATH = '.stage/manifest.json';
export const BASELINE_FOLDER = '.stage/base';
const SCHEMA_FILE = SCHEMA_PATH.slice('.stage/'.length);
/** Of the SHA-256's hexadecimal digits, in a baseline file's name. */
const HASH_DIGITS = 16;

export interface ManifestFile {
  readonly sha256: string;
  readonly mode: string;
  readonly class: string;
  /** Where its owner has moved it. */
  readonly movedTo?: string;
  /** Its owner does without it. */
  readonly deleted?: true;
}

/** What its owner did to a file's place: the part of a manifest's line that generating it does not give. */
export type OwnersPlace = Pick<ManifestFile, 'movedTo' | 'deleted'>;

export interface Manifest {
  /** The version of the tool that wrote the project. */
  readonly version: string;
  readonly schemaVersion: number;
  readonly stage: string;
  readonly answers: Answers;
  readonly files: Readonly<Record<string, ManifestFile>>;
}

/** A file to be written that is no part of the plan. */
export type RecordFile = Pick<PlannedFile, 'path' | 'bytes' | 'mode'>;

/**
 * The files under `.stage/` for a plan: the manifest, the baseline, what keeps git from changing their bytes, and what editors know
 * `stage.yaml` by.
 */
export function recordsOf(
  plan: Plan,
  answers: Answers,
  version: string,
  places: ReadonlyMap<string, OwnersPlace> = new Map(),
): RecordFile[] {
  const baseline = new Map(
    plan.files.map(file => [baselinePath(sha256(file.bytes)), Buffer.from(file.bytes)]),
  );
  return [
    textFile(
      '.stage/.gitattributes',
      ['base/**', SCHEMA_FILE].map(each => `${each} -text -diff linguist-generated\n`).join(''),
    ),
    // What a run that changes the project keeps to itself.
    textFile('.stage/.gitignore', 'tx/\nundo/\nlock*\n'),
    ...[...baseline]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, bytes]): RecordFile => ({ path, bytes, mode: 0o644 })),
    textFile(SCHEMA_PATH, `${JSON.stringify(STAGE_SCHEMA)}\n`),
    textFile(MANIFEST_PATH, manifestText(plan, answers, version, places)),
  ];
}

/** Where a file's bytes are kept. Without an ending, so that no tool takes it for source code. */
export function baselinePath(hash: string): string {
  return `${BASELINE_FOLDER}/${hash.slice(0, HASH_DIGITS)}`;
}

function textFile(path: string, text: string): RecordFile {
  return { path, bytes: Buffer.from(text, 'utf8'), mode: 0o644 };
}

/** One line a file, sorted: two branches that both grew merge by line. */
function manifestText(
  plan: Plan,
  answers: Answers,
  version: string,
  places: ReadonlyMap<string, OwnersPlace>,
): string {
  const files = [...plan.files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(file => {
      const entry: ManifestFile = {
        sha256: sha256(file.bytes),
        mode: file.mode.toString(8),
        class: file.class,
        ...places.get(file.path),
      };
      return `    ${JSON.stringify(file.path)}: ${JSON.stringify(entry)}`;
    });
  const head = JSON.stringify(
    { version, schemaVersion: MANIFEST_VERSION, stage: answers.stage, answers },
    null,
    2,
  );
  return `${head.slice(0, -'\n}'.length)},\n  "files": {\n${files.join(',\n')}\n  }\n}\n`;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The manifest of the project in `directory`, with answers that this version understands.
 * @throws UsageError if there is none, if it cannot be read, or if a newer version wrote it
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST_PATH);
  const json = parseManifest(path, await readManifestText(path, directory));
  if (typeof json.schemaVersion !== 'number' || json.schemaVersion > MANIFEST_VERSION) {
    throw new UsageError(
      `${path} was written by a newer version (${String(json.version)})`,
      `run create-backend-stage@${String(json.version)}`,
    );
  }
  const given = readAnswers(json.answers, path);
  const answers = resolveAnswers(given, given.name ?? 'project');
  return { ...json, answers };
}

async function readManifestText(path: string, directory: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const missing = ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
    throw missing
      ? new UsageError(
          `there is no ${MANIFEST_PATH} in ${directory}`,
          'name the directory of a project that create-backend-stage wrote',
        )
      : new UsageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

function parseManifest(path: string, text: string): Manifest {
  try {
    const json: unknown = JSON.parse(text);
    if (isManifest(json, text)) return json;
  } catch {
    // Told below, like any other manifest that is not one.
  }
  throw new Damaged(`${path} is damaged`, 'restore it from your repository');
}

function isManifest(json: unknown, text: string): json is Manifest {
  if (typeof json !== 'object' || json === null || !('answers' in json)) return false;
  // Whatever a newer version writes: it is refused by its version.
  if ('schemaVersion' in json && Number(json.schemaVersion) > MANIFEST_VERSION) return true;
  const files = 'files' in json ? json.files : undefined;
  if (typeof files !== 'object' || files === null) return false;
  // A merge of two branches can leave a file in twice, of which JSON takes the last without a word.
  if (text.split('"sha256":').length - 1 !== Object.keys(files).length) return false;
  return Object.entries(files).every(
    ([path, entry]) => isInside(path) && isManifestFile(entry) && isInside(entry.movedTo ?? path),
  );
}

function isManifestFile(entry: unknown): entry is ManifestFile {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'sha256' in entry &&
    /^[0-9a-f]{64}$/.test(String(entry.sha256)) &&
    'mode' in entry &&
    'class' in entry
  );
}

/** Whether a path of a manifest, which anybody can have edited, stays inside the project. */
export function isInside(path: string): boolean {
  return !/[\\\0]|^[A-Za-z]:/.test(path) && path.split('/').every(part => !['', '.', '..'].includes(part));
}

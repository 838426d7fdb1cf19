/** Reads `stage.yaml`: once, as data, and refusing what it does not understand with its place in the file. */
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Node } from '../project/merge/tree.ts';
import { parseYaml, scalarOf, YamlProblem } from '../project/merge/yaml-tree.ts';
import { type Complaint, judge } from './judge.ts';
import { byDistance, nearest } from './nearest.ts';
import { DEFAULT_STATUS, FILE_RULE } from './schema.ts';
import {
  type Json,
  type LoginProbe,
  type ProgramFacts,
  STAGE_FILE,
  type StageFile,
  type WriteProbe,
} from './stage-file.ts';

const MOST_BYTES = 256 * 1024;

/** What the reader has to be told. */
export interface KnownNames {
  /** The ids that `notPromised` may name. Left out: they are not looked at. */
  readonly guarantees?: readonly string[];
  /** The name of a program that is the only one. */
  readonly program: string;
}

/** @returns undefined where there is no such file. @throws UsageError naming place and choices where it cannot be understood */
export async function readStageFile(directory: string, known: KnownNames): Promise<StageFile | undefined> {
  const text = await readText(join(directory, STAGE_FILE));
  return text === undefined ? undefined : parseStageFile(text, known);
}

/** @throws UsageError naming place and choices where it cannot be understood */
export function parseStageFile(text: string, known: KnownNames, name = STAGE_FILE): StageFile {
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const fail = ([first, ...others]: readonly Complaint[]) => {
    if (!first) return;
    const more = others.length > 0 ? ` (and ${others.length} more)` : '';
    throw new UsageError(`${name}:${placeIn(plain, first.at)}: ${first.what}${more}`, first.hint);
  };
  const root = parsed(plain, fail);
  fail(inOrder(judge(root, FILE_RULE)));
  const file = shaped(dataOf(root) as unknown as FileAsWritten, known.program);
  fail(inOrder(danglingNames(file, root, known)));
  return file;
}

const inOrder = (complaints: readonly Complaint[]) =>
  complaints.toSorted((a, b) => Number(a.isMissing ?? false) - Number(b.isMissing ?? false) || a.at - b.at);

async function readText(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(noSuchFile);
  if (!found) return undefined;
  if (!found.isFile()) throw notRead(`is ${found.isDirectory() ? 'a folder' : 'a link or a device'}`);
  // Whatever takes its place meanwhile is not followed, and not waited for.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch(noSuchFile);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > MOST_BYTES) throw notRead(`is larger than ${MOST_BYTES / 1024} kB`);
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    if (bytesRead > MOST_BYTES) throw notRead(`is larger than ${MOST_BYTES / 1024} kB`);
    return decoded(bytes.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notRead('is not UTF-8');
  }
}

function noSuchFile(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw notRead(`cannot be read: ${error.message}`);
}

const notRead = (why: string) =>
  new UsageError(`${STAGE_FILE} ${why}`, 'it has to be a regular file, of text, in the project’s own folder');

function parsed(text: string, fail: (complaints: readonly Complaint[]) => void): Node {
  try {
    return parseYaml(text);
  } catch (error) {
    const { at, what } = yamlComplaint(error);
    fail([{ at, what: `this is not YAML that can be read: ${what}` }]);
    throw error;
  }
}

function yamlComplaint(error: unknown): Complaint {
  if (error instanceof YamlProblem) return { at: error.at, what: error.message };
  const { reason, mark } = error as { reason?: string; mark?: { position?: number } };
  return { at: mark?.position ?? 0, what: reason ?? String(error).split('\n')[0] ?? '' };
}

/** Line and column, from 1, as editors count. */
function placeIn(text: string, at: number): string {
  const before = text.slice(0, at);
  return `${before.split('\n').length}:${at - before.lastIndexOf('\n')}`;
}

/** Plain data. Only what the schema has let through gets here. */
function dataOf(node: Node): Json {
  if (node.items) return node.items.map(dataOf);
  if (node.entries) {
    return Object.fromEntries([...node.entries].map(([key, value]) => [key, dataOf(value)]));
  }
  return scalarOf(node.leaf ?? '') as Json;
}

type StatusCodes = number | readonly number[];
type OrNull<T> = { readonly [K in keyof T]: T[K] | null };

/** The file as it is written, once it fits the schema. */
interface FileAsWritten {
  readonly program: ProgramFacts | Readonly<Record<string, ProgramFacts>>;
  readonly probes?: {
    readonly read?: { readonly get: string; readonly status?: StatusCodes } | null;
    readonly write?: WrittenWrite | null;
    readonly logins?: Readonly<Record<string, WrittenLogin>> | null;
  } | null;
  readonly database?: StageFile['database'] | null;
  readonly notPromised?: StageFile['notPromised'] | null;
}

type WrittenWrite = OrNull<Omit<WriteProbe, 'method' | 'path' | 'status'>> & {
  readonly post?: string;
  readonly put?: string;
  readonly patch?: string;
  readonly status?: StatusCodes;
};

type WrittenLogin = Omit<LoginProbe, 'path' | 'status'> & {
  readonly post: string;
  readonly status?: StatusCodes;
};

function shaped({ program, probes, database, notPromised }: FileAsWritten, programName: string): StageFile {
  const { read, write, logins } = probes ?? {};
  return {
    programs: isOneProgram(program) ? { [programName]: program } : program,
    probes: {
      ...(read ? { read: { get: read.get, status: list(read.status, DEFAULT_STATUS.read) } } : {}),
      ...(write ? { write: shapedWrite(write) } : {}),
      logins: Object.fromEntries(
        Object.entries(logins ?? {}).map(([name, each]) => [name, shapedLogin(each)]),
      ),
    },
    ...(database ? { database } : {}),
    notPromised: notPromised ?? [],
  };
}

function isOneProgram(program: FileAsWritten['program']): program is ProgramFacts {
  return typeof program.start === 'string';
}

function shapedWrite({ post, put, patch, status, ...others }: WrittenWrite): WriteProbe {
  const [method, path] =
    post !== undefined ? ['POST', post] : put !== undefined ? ['PUT', put] : ['PATCH', patch];
  const { without, ...rest } = withoutNulls(others);
  return {
    method,
    path,
    ...rest,
    ...(without ? { without: withoutNulls(without) } : {}),
    status: list(status, DEFAULT_STATUS.write),
  } as WriteProbe;
}

function shapedLogin({ post, status, ...rest }: WrittenLogin): LoginProbe {
  return { path: post, ...rest, status: list(status, DEFAULT_STATUS.login) };
}

/** A block whose every line is commented out is left out. A body may well be null. */
function withoutNulls<T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } {
  const given = Object.entries(value).filter(([key, each]) => each !== null || key === 'body');
  return Object.fromEntries(given) as { [K in keyof T]: NonNullable<T[K]> };
}

function list(status: StatusCodes | undefined, byDefault: readonly number[]): readonly number[] {
  if (status === undefined) return byDefault;
  return typeof status === 'number' ? [status] : status;
}

/** Names of what is not there: a login, a program, a guarantee. */
function danglingNames(
  { programs, probes, notPromised }: StageFile,
  root: Node,
  known: KnownNames,
): Complaint[] {
  const at = (...path: readonly (string | number)[]) => nodeAt(root, path)?.start ?? 0;
  const logins = Object.keys(probes.logins);
  const { as, without, mails } = probes.write ?? {};
  const among = (what: string, typed: string | undefined, choices: readonly string[], place: number) =>
    typed === undefined || choices.includes(typed)
      ? []
      : [
          {
            at: place,
            what: `there is no ${what} ${JSON.stringify(typed)}`,
            hint: choicesFor(typed, choices, what),
          },
        ];
  return [
    ...among('login', as, logins, at('probes', 'write', 'as')),
    ...among('program', without?.program, Object.keys(programs), at('probes', 'write', 'without', 'program')),
    ...among('program', mails?.program, Object.keys(programs), at('probes', 'write', 'mails', 'program')),
    ...notPromised.flatMap(({ guarantee }, index) =>
      known.guarantees
        ? among('guarantee', guarantee, known.guarantees, at('notPromised', index, 'guarantee'))
        : [],
    ),
  ];
}

const MANY = 8;

function choicesFor(typed: string, choices: readonly string[], what: string): string {
  if (choices.length === 0) return `the file names no ${what}`;
  if (choices.length <= MANY) return `${nearest(typed, choices)}there are ${choices.join(', ')}`;
  const near = byDistance(typed, choices).slice(0, 3);
  return `the nearest are ${near.map(({ choice }) => choice).join(', ')}`;
}

function nodeAt(node: Node | undefined, [key, ...deeper]: readonly (string | number)[]): Node | undefined {
  if (key === undefined) return node;
  return nodeAt(typeof key === 'number' ? node?.items?.[key] : node?.entries?.get(key), deeper);
}

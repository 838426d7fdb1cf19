/** Completes the owner's .env with what .env.example asks for. Lines are added at its end; no byte that is there changes. */
import { constants } from 'node:fs';
import { access, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf } from '../../errors.ts';
import { sha256 } from '../manifest.ts';
import { plainText } from '../merge/text-shape.ts';
import type { FileState, FileWrite } from '../transaction/journal.ts';
import type { ChangeRequest, DifferingSetting, EnvChange, Result } from './model.ts';

export const ENV_PATH = '.env';
const EXAMPLE_PATH = '.env.example';

/** @param results what becomes of all other files */
export async function completeEnv(
  request: Pick<ChangeRequest, 'directory' | 'generatedAt'>,
  results: readonly Result[],
): Promise<{ readonly change: EnvChange; readonly writes: readonly FileWrite[] }> {
  const example = results.find(({ subject }) => subject.generated?.path === EXAMPLE_PATH);
  const env = example ? await lookAtEnv(request.directory) : undefined;
  if (!example || !env) return { change: { added: [], differing: [] }, writes: [] };
  const sides = sidesOf(example);
  if (env.text === undefined) {
    const isOfInterest = sides.before !== sides.now;
    const skipped = isOfInterest && env.refusal ? { skipped: env.refusal } : {};
    return { change: { added: [], differing: [], ...skipped }, writes: [] };
  }
  const differing = differingIn(env.text, sides);
  const missing = missingIn(env.text, sides);
  const names = missing.map(({ name }) => name);
  if (names.length === 0) return { change: { added: [], differing }, writes: [] };
  if (env.refusal) {
    return { change: { added: [], differing, skipped: env.refusal, lacks: names }, writes: [] };
  }
  const content = Buffer.concat([env.bytes, additionTo(env.bytes, await headed(request, missing))]);
  const write = {
    path: ENV_PATH,
    content,
    mode: env.state.mode,
    expected: env.state,
    personal: true as const,
  };
  return { change: { added: names, differing }, writes: [write] };
}

/** .env.example as it was generated, as it is generated, and as it will be there, with what its owner made of it. */
interface ExampleSides {
  readonly before: string;
  readonly now: string;
  /** Undefined where its owner does without it. */
  readonly merged: string | undefined;
}

function sidesOf({ subject, outcome, writes }: Result): ExampleSides {
  const written = writes.find(({ path, content }) => path === outcome.path && content)?.content;
  const there = written ?? (subject.found.kind === 'file' ? subject.found.bytes : undefined);
  return {
    before: textOf(subject.before?.bytes),
    now: textOf(subject.generated?.bytes),
    merged: there && textOf(there),
  };
}

const textOf = (bytes: Buffer | undefined) => (bytes && plainText(bytes)) ?? '';

interface Setting {
  readonly name: string;
  /** Its lines as they stand in the file. */
  readonly raw: string;
}

function missingIn(env: string, { before, now, merged }: ExampleSides): Setting[] {
  const known = new Set([...Object.keys(parseEnv(env)), ...namesIn(env), ...namesOff(env)]);
  const old = new Set(namesIn(before));
  const wanted =
    merged === undefined ? settingsIn(now).filter(({ name }) => !old.has(name)) : settingsIn(merged);
  return wanted.filter(({ name }) => !known.has(name));
}

function differingIn(env: string, sides: ExampleSides): DifferingSetting[] {
  const [mine, before, now] = [env, sides.before, sides.now].map(text => parseEnv(text));
  return namesIn(sides.now).flatMap(name => {
    const [has, was, needs] = [mine?.[name], before?.[name], now?.[name]];
    if (has === undefined || needs === undefined || has !== was || has === needs) return [];
    return [looksSecret(name, has, needs) ? { name } : { name, has, needs }];
  });
}

const SECRET_NAME = /PASSWORD|PASSWD|PASSPHRASE|(^|_)(PASS|SECRET|TOKEN|KEY|CREDENTIALS?)(_|$)/i;
/** They name the file that holds the secret. */
const FILE_NAME = /_(FILE|PATH)$/i;
const CREDENTIALS_IN_URL = /\/\/[^/\s]*:[^/\s]*@/;

function looksSecret(name: string, ...values: readonly string[]): boolean {
  if (values.some(value => CREDENTIALS_IN_URL.test(value))) return true;
  return SECRET_NAME.test(name) && !FILE_NAME.test(name);
}

const SETTING = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(["'`]?)/;
/** A setting that is commented out is one that its owner does without. */
const SETTING_OFF = /^\s*#\s*(?:export\s+)?([A-Za-z_]\w*)=/;

/** In the order in which they stand; of a name that stands twice the last, which is the one that counts. */
function settingsIn(text: string): Setting[] {
  const found = new Map<string, Setting>();
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [whole, name, quote] = SETTING.exec(lines[at] ?? '') ?? [];
    if (whole === undefined || name === undefined) continue;
    const first = at;
    if (quote && !lines[at]?.slice(whole.length).includes(quote)) {
      const rest = lines.slice(at + 1).findIndex(line => line.includes(quote));
      if (rest >= 0) at += rest + 1;
    }
    found.set(name, { name, raw: lines.slice(first, at + 1).join('\n') });
  }
  return [...found.values()];
}

const namesIn = (text: string) => settingsIn(text).map(({ name }) => name);
const namesOff = (text: string) => text.split('\n').flatMap(line => SETTING_OFF.exec(line)?.[1] ?? []);

/** The lines to be added, each stage's below a comment that names it. */
async function headed(
  { generatedAt }: Pick<ChangeRequest, 'generatedAt'>,
  missing: readonly Setting[],
): Promise<string> {
  const stages = await generatedAt(EXAMPLE_PATH);
  const left = new Map(missing.map(setting => [setting.name, setting]));
  const blocks: string[] = [];
  const take = (heading: string, names: readonly string[]) => {
    const lines = names.flatMap(name => left.get(name)?.raw ?? []);
    for (const name of names) left.delete(name);
    if (lines.length > 0) blocks.push([heading, ...lines, ''].join('\n'));
  };
  for (const { stage, bytes } of stages) {
    take(`# From the ${stage} stage, as in ${EXAMPLE_PATH}:`, namesIn(textOf(bytes)));
  }
  take(`# From ${EXAMPLE_PATH}:`, [...left.keys()]);
  return blocks.join('\n');
}

/** In the line endings of what is there, and not on its last line. */
function additionTo(bytes: Buffer, text: string): Buffer {
  const there = bytes.toString('utf8');
  const lead = there === '' ? '' : there.endsWith('\n') ? '\n' : '\n\n';
  const added = lead + text;
  return Buffer.from(/\r\n/.test(there) ? added.replaceAll('\n', '\r\n') : added);
}

/** The owner's .env, which may be anything: without `text` it cannot be read, with a `refusal` it must not be written. */
type Env =
  | { readonly text: string; readonly bytes: Buffer; readonly state: FileState; readonly refusal?: string }
  | { readonly text?: undefined; readonly refusal: string };

const LARGEST_BYTES = 1_000_000;

/** @returns undefined if there is none */
async function lookAtEnv(directory: string): Promise<Env | undefined> {
  const path = join(directory, ENV_PATH);
  try {
    const entry = await lstat(path);
    if (entry.isSymbolicLink()) return { refusal: 'it is a symbolic link' };
    if (!entry.isFile()) return { refusal: 'it is no ordinary file' };
    const bytes = await readAtMost(path, LARGEST_BYTES);
    if (!bytes) return { refusal: `it is larger than ${LARGEST_BYTES / 1_000_000} MB` };
    const text = plainText(bytes);
    if (text === undefined) return { refusal: 'it is not UTF-8 text' };
    const state = { sha256: sha256(bytes), mode: entry.mode & 0o777 };
    const isWritable = (entry.mode & 0o222) !== 0 && (await mayWrite(path));
    return { text, bytes, state, ...(isWritable ? {} : { refusal: 'it is read-only' }) };
  } catch (error) {
    const code = codeOf(error);
    return ['ENOENT', 'ENOTDIR'].includes(code) ? undefined : { refusal: `it cannot be read (${code})` };
  }
}

/** Never waits: what was a file a moment ago may be a pipe by now. @returns undefined if there is more */
async function readAtMost(path: string, most: number): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    return size > most ? undefined : await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function mayWrite(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

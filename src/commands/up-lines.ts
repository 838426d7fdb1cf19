/** What `up` says when everything answers: where, and what to paste to see it. */
import { shellWord } from '../ui/words.ts';

export interface Door {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly basePath: string;
}

/** The part of a project's `stage.yaml` that is read here. */
export interface ProbesOfUp {
  readonly probes: {
    readonly read?: { readonly get: string } | undefined;
    readonly logins: Readonly<Record<string, LoginOfUp>>;
  };
}

interface LoginOfUp {
  readonly path: string;
  readonly body?: unknown;
  /** The cookie that a login sets, by name. */
  readonly cookie?: string | undefined;
  readonly bearer?: string | undefined;
}

/** As in the project's README: a session is a secret, and another project's is another one. */
const COOKIES = 'secrets/cookies';
/** `{n}`, `{day}` and their like, which only a verification fills in. */
const PLACEHOLDER = /\{[^{}]*\}/;

/** The front door's address, for a person and for `--json`. */
export function urlOf({ scheme, host, port, basePath }: Door): string {
  return `${scheme}://${host}:${port}${basePath}/`;
}

/** One line with the address; then, for each thing that the project says how to ask, a line that names it and one to paste. */
export function linesOfUp(door: Door, stageFile?: ProbesOfUp): readonly string[] {
  const { read, logins = {} } = stageFile?.probes ?? {};
  const asking = read && !PLACEHOLDER.test(read.get) ? [curl(door, [], read.get)] : [];
  const loggingIn = Object.entries(logins).flatMap(([name, login]) => {
    const { path, body, cookie } = login;
    if (PLACEHOLDER.test(path)) return [];
    const sent = body === undefined ? ['--request', 'POST'] : ['--json', jsonWord(body)];
    const kept = cookie === undefined ? [] : ['--cookie-jar', COOKIES];
    return [`log in as ${name}, in the project's folder:`, `  ${curl(door, [...kept, ...sent], path)}`];
  });
  return [
    `up: ${urlOf(door)} (Ctrl-C stops everything)`,
    ...asking.flatMap(line => ["ask it, in the project's folder:", `  ${line}`]),
    ...loggingIn,
  ];
}

/** @param words ready for a shell */
function curl(door: Door, words: readonly string[], path: string): string {
  const trust = door.scheme === 'https' ? ['--cacert', 'secrets/tls_crt'] : [];
  const url = `${urlOf(door).slice(0, -1)}${path}`;
  return ['curl', ...trust, ...words, shellWord(url)].join(' ');
}

/** JSON as one word of a shell, with `{ secret: NAME }` read from the project's file when it is run. */
function jsonWord(body: unknown): string {
  const secrets: string[] = [];
  const text = JSON.stringify(body, (_key, value: unknown) => {
    const name = secretNamed(value);
    return name === undefined ? value : `${MARK}${secrets.push(name) - 1}${MARK}`;
  });
  return text
    .split(new RegExp(`${JSON_MARK}(\\d+)${JSON_MARK}`))
    .map((part, index) =>
      index % 2 === 0
        ? `'${part.replaceAll("'", "'\\''")}'`
        : `"$(cat ${shellWord(`secrets/${secrets[Number(part)]}`)})"`,
    )
    .join('');
}

/** No text of a body has it: JSON's own way to write it is looked for. */
const MARK = '\u0001';
const JSON_MARK = '\\\\u0001';

function secretNamed(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('secret' in value)) return undefined;
  return Object.keys(value).length === 1 && typeof value.secret === 'string' ? value.secret : undefined;
}

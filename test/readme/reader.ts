/**
 * A person who works through a generated README, with Docker or without: pastes what there is to paste, does what it says in between,
 * and compares what comes with what the README shows.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOOL } from '../support/tool.ts';
import { Shell } from './shell.ts';
import { type EngineName, isShown, type Line, type Paste, type Step } from './steps.ts';

/** Building all images is what takes longest. */
const LINE_WITHIN_MS = 300_000;
const PRINTED_AT_MOST = 2_000;
/** Where the README says that a line fails: by an error of curl, or by a count of none, which is a failure to grep. */
const FAILURE_SHOWN = /^(?:curl: \(\d+\)|0$)/;

/**
 * What is typed for a line of the README. The package cannot be fetched from a registry before it is published: the built tool stands
 * in for it. There is nobody to answer its questions, and whether growing installs and verifies is not what the README is asked about.
 */
function typedFor(text: string): string {
  const [, command, flags] = /^npx create-backend-stage@\S+ (\S+)(.*)$/.exec(text) ?? [];
  if (command === undefined) return text;
  return `node '${TOOL}' ${command}${flags}${command === 'grow' ? ' --yes --no-install --no-verify' : ''}`;
}

export interface ReaderOptions {
  readonly engine: EngineName;
  /** Lines that are left out. */
  readonly skips?: RegExp;
  readonly lineWithinMs?: number;
  readonly endWithinMs?: number;
}

export class Reader {
  readonly #directory: string;
  readonly #options: ReaderOptions;
  readonly #home = mkdtempSync(join(tmpdir(), 'backend-stage-test-'));
  readonly #env: NodeJS.ProcessEnv;
  readonly #shell: Shell;
  /** A line did not end: what comes after it cannot be typed. */
  #isStuck = false;
  /** What goes on in terminals of its own, and the block that started it. */
  readonly #terminals: { shell: Shell; readonly paste: Paste }[] = [];

  constructor(directory: string, options: ReaderOptions) {
    this.#directory = directory;
    this.#options = options;
    // In a terminal curl shows no progress.
    writeFileSync(join(this.#home, '.curlrc'), 'no-progress-meter\n');
    this.#env = { ...ownEnvironment(), CURL_HOME: this.#home };
    this.#shell = new Shell(directory, this.#env);
  }

  /** @returns what did not come as the README says, for each line */
  async follow(steps: readonly Step[]): Promise<string[]> {
    const findings: string[] = [];
    for (const step of steps) {
      if (this.#isStuck) break;
      if (step.kind === 'paste') findings.push(...(await this.#paste(step)));
      else if (step.kind === 'commit') findings.push(...(await this.#type(COMMIT)));
      else findings.push(...(await this.#startAgain()));
    }
    return findings;
  }

  async #paste(paste: Paste): Promise<string[]> {
    if (paste.on !== undefined && paste.on !== this.#options.engine) return [];
    if (paste.isTerminal) return this.#openTerminal(paste);
    return this.#typeAll(paste.lines, this.#shell);
  }

  /** Closes all terminals, with Ctrl-C. @returns what did not end by it */
  async close(): Promise<string[]> {
    const findings: string[] = [];
    for (const { shell, paste } of this.#terminals.reverse())
      if (!(await shell.interrupt(this.#options.endWithinMs)))
        findings.push(`Ctrl-C does not end: ${paste.lines.at(-1)?.text}`);
    await this.#shell.interrupt();
    rmSync(this.#home, { recursive: true, force: true });
    return findings;
  }

  async #typeAll(lines: readonly Line[], shell: Shell): Promise<string[]> {
    const findings: string[] = [];
    for (const line of lines) if (!this.#isStuck) findings.push(...(await this.#type(line, shell)));
    return findings;
  }

  async #type(line: Line, shell = this.#shell): Promise<string[]> {
    if (this.#options.skips?.test(line.text)) return [];
    const { printed, exitCode } = await shell.type(typedFor(line.text), this.#withinMs);
    const missing = line.shows.filter(shown => !isShown(shown, printed));
    if (exitCode === undefined) {
      this.#isStuck = true;
      return [finding(line, 'did not end', printed)];
    }
    if (missing.length > 0) return [finding(line, `does not show "${missing.join('", "')}"`, printed)];
    if (exitCode === 0 || line.shows.some(shown => FAILURE_SHOWN.test(shown))) return [];
    return [finding(line, `ended with exit code ${exitCode}`, printed)];
  }

  async #openTerminal(paste: Paste): Promise<string[]> {
    const shell = new Shell(this.#directory, this.#env);
    this.#terminals.push({ shell, paste });
    return this.#startIn(shell, paste);
  }

  async #startIn(shell: Shell, { lines }: Paste): Promise<string[]> {
    const findings = await this.#typeAll(lines.slice(0, -1), shell);
    if (this.#isStuck) return findings;
    const last = lines.at(-1);
    if (last === undefined || last.shows.length === 0) throw new Error('a terminal has nothing to wait for');
    const isUp = (printed: string) => last.shows.every(shown => isShown(shown, printed));
    const { printed, exitCode } = await shell.start(typedFor(last.text), this.#withinMs, isUp);
    if (exitCode !== undefined) findings.push(finding(last, `ended with exit code ${exitCode}`, printed));
    else if (!isUp(printed))
      findings.push(finding(last, `does not show "${last.shows.join('", "')}"`, printed));
    return findings;
  }

  async #startAgain(): Promise<string[]> {
    const [first] = this.#terminals;
    // Who runs the project with Docker has no such terminal.
    if (first === undefined || first.paste.on !== this.#options.engine) return [];
    const isEnded = await first.shell.interrupt();
    first.shell = new Shell(this.#directory, this.#env);
    const findings = await this.#startIn(first.shell, first.paste);
    return isEnded ? findings : [`Ctrl-C does not end: ${first.paste.lines.at(-1)?.text}`, ...findings];
  }

  get #withinMs(): number {
    return this.#options.lineWithinMs ?? LINE_WITHIN_MS;
  }
}

const COMMIT: Line = {
  text: 'git init --quiet && git add --all && git -c user.name=me -c user.email=me@shop.example commit --quiet --allow-empty --message "What I have"',
  shows: [],
};

function finding({ text }: Line, what: string, printed: string): string {
  const cut = printed.length > PRINTED_AT_MOST ? `…${printed.slice(-PRINTED_AT_MOST)}` : printed;
  return `${text}\n  ${what}, but: ${cut.trim()}`;
}

/** Not the tests' own: a person's. npm has nothing to tell while it is asked what is printed. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([key]) => !/^(?:npm_.*|VITEST.*|NODE_ENV|PORT)$/i.test(key),
  );
  return { ...Object.fromEntries(own), NO_COLOR: '1', npm_config_audit: 'false', npm_config_fund: 'false' };
}

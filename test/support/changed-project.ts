/** A project on disk whose generated files a test chooses itself, and what changing it comes to. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Answers } from '../../src/journey/options.ts';
import { fileClass } from '../../src/plan/file-class.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { ChangePlan, ChangeRequest } from '../../src/project/change/model.ts';
import { planChange } from '../../src/project/change/plan-change.ts';
import { readManifest, recordsOf } from '../../src/project/manifest.ts';
import { commit } from '../../src/project/transaction/commit.ts';

export type Files = Readonly<Record<string, string | Buffer>>;

const BEFORE: Answers = { stage: 'stall', name: 'shop', port: 3000 };
const AFTER: Answers = { stage: 'database', name: 'shop', port: 3000 };

function planOf(files: Files): Plan {
  return {
    files: Object.entries(files)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, content]) => {
        const bytes = Buffer.from(content);
        const mode = bytes.toString().startsWith('#!') ? (0o755 as const) : (0o644 as const);
        return { path, bytes, mode, class: fileClass(path) };
      }),
  };
}

export class ChangedProject {
  readonly directory: string;
  readonly #generated: Files;

  constructor(directory: string, generated: Files) {
    this.directory = directory;
    this.#generated = generated;
    const plan = planOf(generated);
    for (const { path, bytes, mode } of [...plan.files, ...recordsOf(plan, BEFORE, '0.1.0')]) {
      this.write(path, bytes);
      chmodSync(join(directory, path), mode);
    }
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    writeFileSync(join(this.directory, path), content);
  }

  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
    this.write(path, text.replace(from, to));
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(join(this.directory, to)), { recursive: true });
    renameSync(join(this.directory, from), join(this.directory, to));
  }

  remove(path: string): void {
    rmSync(join(this.directory, path), { recursive: true });
  }

  has(path: string): boolean {
    return existsSync(join(this.directory, path));
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), 'utf8');
  }

  async plan(now: Files, more: Partial<ChangeRequest> = {}): Promise<ChangePlan> {
    return planChange({
      directory: this.directory,
      manifest: await readManifest(this.directory),
      answers: AFTER,
      plan: planOf(now),
      version: '0.2.0',
      grownPath: path => path,
      grownOwnPath: path => path,
      follow: { services: [], splits: [], dependencies: undefined },
      generatedAgain: async () => new Map(),
      generatedAt: async () => [],
      command: 'grow',
      mode: 'inline',
      ...more,
    });
  }

  /** Generated now with these changes to what was generated before; undefined: the file is dropped. */
  async grow(
    changes: Readonly<Record<string, string | Buffer | undefined>>,
    more: Partial<ChangeRequest> = {},
  ): Promise<ChangePlan> {
    const now = Object.fromEntries(
      Object.entries({ ...this.#generated, ...changes }).filter(
        (entry): entry is [string, string | Buffer] => entry[1] !== undefined,
      ),
    );
    const change = await this.plan(now, more);
    const { writes } = change;
    await commit(this.directory, { command: 'grow', writes, alsoKept: [], summary: {} });
    return change;
  }
}

/** The one outcome for this path, as `status` or `status from`. */
export function statusOf(change: ChangePlan, path: string): string {
  const found = change.files.filter(file => file.path === path);
  if (found.length !== 1) throw new Error(`${path} has ${found.length} outcomes`);
  return [found[0]?.status, found[0]?.from].filter(Boolean).join(' ');
}

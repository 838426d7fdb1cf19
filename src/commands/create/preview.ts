import type { Answers } from '../../journey/options.ts';
import type { Plan } from '../../plan/plan.ts';
import type { RecordFile } from '../../project/manifest.ts';
import type { Target } from '../../project/target.ts';
import { counted, fileSize } from '../../ui/words.ts';
import type { CommandResult } from '../outcome.ts';

export interface PreviewInput {
  readonly target: Target;
  readonly answers: Answers;
  readonly plan: Plan;
  /** Everything that would be written, records included. */
  readonly files: readonly RecordFile[];
}

/** What `--dry-run` prints instead of writing. */
export function previewStep({ target, answers, plan, files }: PreviewInput): CommandResult {
  const listed = files.map(({ path, bytes, mode }) => ({
    path,
    bytes: bytes.length,
    mode: mode.toString(8),
  }));
  const sizes = listed.map(file => fileSize(file.bytes));
  const widest = Math.max(...sizes.map(size => size.length));
  const planned = listed.slice(0, plan.files.length);
  const total = planned.reduce((sum, file) => sum + file.bytes, 0);
  const text = [
    ...planned.map((file, index) => `${(sizes[index] ?? '').padStart(widest)}  ${file.path}`),
    '',
    `${counted(planned.length, 'file')}, ${fileSize(total)}, and ${counted(files.length - planned.length, 'record')} of them under .stage/; nothing was written to ${target.typed}`,
  ].join('\n');
  return {
    ok: true,
    body: { dryRun: true, directory: target.directory, stage: answers.stage, answers, files: listed },
    text,
  };
}

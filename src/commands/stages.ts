import { STAGES } from '../journey/stages.ts';
import { table } from '../ui/table.ts';
import type { CommandResult } from './outcome.ts';

const DEFAULT_WIDTH = 110;

/** The journey: what each stage adds, fixes and leaves broken, and its picture. */
export async function stages(): Promise<CommandResult> {
  const width = process.stdout.columns ?? DEFAULT_WIDTH;
  const rows = STAGES.map(stage => [stage.name, stage.adds, stage.fixes, stage.breaks]);
  const pictures = STAGES.map(stage => [stage.name, stage.picture]);
  const text = [
    table(['stage', 'adds', 'fixes', 'what still breaks'], rows, width),
    table(['stage', 'picture'], pictures, width),
    'Take the earliest stage that serves: create-backend-stage my-shop --stage <stage>',
  ].join('\n\n');
  return { ok: true, body: { stages: STAGES }, text };
}

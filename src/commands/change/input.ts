/** What `grow` and `regenerate` are given. */
import type { StageName } from '../../journey/stages.ts';
import type { ConflictMode } from '../../project/merge/sides.ts';
import type { AnswerTexts } from '../flags.ts';
import type { CommandContext, CommonFlags } from '../run.ts';

export interface ChangeOptions extends CommonFlags, AnswerTexts {
  readonly dryRun?: boolean;
  readonly install: boolean;
  readonly verify: boolean;
  readonly allowUnverified?: boolean;
  readonly allowDirty?: boolean;
  readonly conflict: ConflictMode;
  readonly continue?: boolean;
  readonly abort?: boolean;
  readonly engine: string;
}

export interface ChangeInput {
  readonly command: 'grow' | 'regenerate';
  /** Where the project goes from its stage. @throws UsageError if it cannot go there */
  readonly stage: (from: StageName) => StageName;
  readonly typed: string | undefined;
  readonly options: ChangeOptions;
  readonly context: CommandContext;
}

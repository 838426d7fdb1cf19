/** What `grow` and `regenerate` are given. */
import type { StageName } from '../../journey/stages.ts';
import type { ChangeOptions } from '../program.ts';
import type { CommandContext } from '../run.ts';

export interface ChangeInput {
  readonly command: 'grow' | 'regenerate';
  /** Where the project goes from its stage. @throws UsageError if it cannot go there */
  readonly stage: (from: StageName) => StageName;
  readonly typed: string | undefined;
  readonly options: ChangeOptions;
  readonly context: CommandContext;
}

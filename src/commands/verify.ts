/** `create-backend-stage verify [directory]`: boots a project and checks every guarantee of its stage. */
import { requireEngineName } from '../engines/select.ts';
import { openProject } from '../project/generated.ts';
import { guaranteeIds } from './guarantee-ids.ts';
import type { CommandResult } from './outcome.ts';
import type { CommandContext, CommonFlags } from './run.ts';
import { runVerification, verdict, verificationError } from './steps/verification.ts';

interface VerifyOptions extends CommonFlags {
  readonly engine: string;
  readonly drill?: boolean;
  /** Ids of guarantees. */
  readonly only?: readonly string[];
  readonly seed?: number;
  readonly allowUnverified?: boolean;
}

export async function verify(
  typed: string | undefined,
  options: VerifyOptions,
  context: CommandContext,
): Promise<CommandResult> {
  requireEngineName(options.engine);
  const project = await openProject(typed, context.cwd, guaranteeIds);
  const { directory, blueprint, stageFile } = project;
  if (project.stageFileMissing) context.terminal.note(MISSING);
  const { engine: engineName, json: _json, debug: _debug, ...chosen } = options;
  const request = { directory, blueprint, stageFile, engineName, ...chosen };
  const verification = await runVerification(request, context);
  const text = verdict(verification, {
    terminal: { ...context.terminal, paint: context.terminal.paintResult },
  });
  const error = verificationError(verification, blueprint.stage);
  const body = { ...verification.report };
  return error ? { ok: false, body, text, error } : { ok: true, body, text };
}

const MISSING =
  'this project has no stage.yaml: what an earlier version took for granted is taken; regenerate writes the file';

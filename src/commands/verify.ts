/** `create-backend-stage verify [directory]`: boots a project and checks every guarantee of its stage. */
import { requireEngineName } from '../engines/select.ts';
import { openProject } from '../project/generated.ts';
import { guaranteeIds } from './guarantee-ids.ts';
import type { CommandResult } from './outcome.ts';
import type { VerifyOptions } from './program.ts';
import type { CommandContext } from './run.ts';
import { brokenError, runVerification, verdict } from './verification.ts';

export async function verify(
  typed: string | undefined,
  options: VerifyOptions,
  context: CommandContext,
): Promise<CommandResult> {
  requireEngineName(options.engine);
  const { directory, blueprint } = await openProject(typed, context.cwd, guaranteeIds);
  const { engine: engineName, drill } = options;
  const request = { directory, blueprint, engineName, ...(drill === undefined ? {} : { drill }) };
  const verification = await runVerification(request, context);
  const { report, status } = verification;
  const text = verdict(verification, {
    terminal: { ...context.terminal, paint: context.terminal.paintResult },
  });
  const { schemaVersion: _schemaVersion, ok: _ok, command: _command, ...body } = report ?? {};
  const error =
    status === 'broken'
      ? brokenError(blueprint.stage)
      : {
          code: 'not-verified',
          message: report?.guarantees[0]?.detail ?? 'nothing could be run',
          ...(report?.hint === undefined ? {} : { hint: report.hint }),
        };
  return status === 'kept' ? { ok: true, body, text } : { ok: false, body, text, error };
}

/** The plan: every file of a project in memory, from its answers and its stage file. The same of both, the same bytes, everywhere. */
import { type Blueprint, nodesOfKind } from '../blueprint/blueprint.ts';
import { buildBlueprint } from '../blueprint/build.ts';
import { withStageFile } from '../blueprint/stage-file.ts';
import type { Answers } from '../journey/options.ts';
import { SERVICE_NAMES } from '../journey/options.ts';
import { stagesUpTo } from '../journey/stages.ts';
import { STAGE_FILE, type StageFile } from '../stage-file/stage-file.ts';
import { projectContext } from './context.ts';
import { type FileClass, fileClass } from './file-class.ts';
import { covers, layersOf, overlayLayers, type PackedFile, SAMPLE } from './layers.ts';
import { createRenderer } from './render.ts';

export interface PlannedFile {
  /** Relative to the project, with `/` between its parts. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: 0o644 | 0o755;
  /** How a later version of it is merged with its owner's edits. */
  readonly class: FileClass;
}

export interface Plan {
  /** Sorted by path. */
  readonly files: readonly PlannedFile[];
}

/**
 * @param stageFile what the project's own `stage.yaml` says of its programs, where there is one
 * @throws UsageError when the answers ask for something that cannot run, such as pools larger than the database
 */
export async function planProject(
  answers: Answers,
  stageFile: Pick<StageFile, 'programs'> = { programs: {} },
): Promise<Plan> {
  const { layers } = await import('packed-templates');
  const blueprint = buildBlueprint(answers);
  const overlay = overlayLayers(layers, layersOf(SAMPLE, stagesUpTo(answers.stage)));
  const renderer = (what: Blueprint) => createRenderer(overlay.partials, projectContext(answers, what));
  const render = renderer(withStageFile(blueprint, stageFile));
  // What its owner is shown as generated does not come from its owner.
  const renderStageFile = renderer(blueprint);
  const files = [...overlay.files.values()]
    .filter(
      file => !belongsToLeftOutService(file.path, answers) && !belongsToLeftOutProxy(file.path, blueprint),
    )
    .map(file => plannedFile(file, (file.path === STAGE_FILE ? renderStageFile : render)(file)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files };
}

/** A service that `--services` leaves out takes its folder along. The contracts stay: the others can still speak them. */
function belongsToLeftOutService(path: string, answers: Answers): boolean {
  const leftOut = SERVICE_NAMES.filter(name => answers.services && !answers.services.includes(name));
  return leftOut.some(name => covers(`services/${name}/`, path));
}

/** HAProxy's folder goes where nginx spreads the requests itself. */
function belongsToLeftOutProxy(path: string, blueprint: Blueprint): boolean {
  return covers('haproxy/', path) && nodesOfKind(blueprint, 'haproxy').length === 0;
}

function plannedFile(file: PackedFile, text: string): PlannedFile {
  return {
    path: file.path,
    bytes: Buffer.from(text, 'utf8'),
    mode: text.startsWith('#!') ? 0o755 : 0o644,
    class: fileClass(file.path),
  };
}

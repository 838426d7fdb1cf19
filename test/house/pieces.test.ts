/** What a kind of node needs besides its entry in the table of kinds, which the compiler asks for. */
import { layers } from 'packed-templates';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { type Blueprint, nodeNamed } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { mermaid } from '../../src/blueprint/diagram.ts';
import { journeyPicture } from '../../src/blueprint/picture.ts';
import { doctor } from '../../src/commands/doctor.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { reaches, STAGE_NAMES } from '../../src/journey/stages.ts';
import { ALL_PIECES, pieceOf } from '../../src/pieces/index.ts';
import { overlayLayers } from '../../src/plan/layers.ts';
import { createTerminal } from '../../src/ui/terminal.ts';

/** Each stage with all that it may have. */
const PROJECTS: readonly Blueprint[] = STAGE_NAMES.map(stage =>
  buildBlueprint(
    resolveAnswers({ stage, ...(reaches(stage, 'nginx') ? { balancer: 'haproxy' } : {}) }, 'my-shop'),
  ),
);

const ALL_LAYERS = overlayLayers(layers, Object.keys(layers));

let told: readonly { readonly name: string; readonly purpose: string }[];

beforeAll(async () => {
  const nowhere = { write: () => true };
  const { body } = await doctor(
    undefined,
    {},
    {
      cwd: process.cwd(),
      env: {},
      terminal: createTerminal(nowhere, nowhere, {}),
      interactive: false,
      signal: new AbortController().signal,
    },
  );
  told = JSON.parse(JSON.stringify(body)).tools;
});

describe.each(ALL_PIECES)('a node of the kind $kind', piece => {
  const project = PROJECTS.find(({ nodes }) => nodes.some(({ kind }) => kind === piece.kind));
  const node = project?.nodes.find(({ kind }) => kind === piece.kind);

  it('is there at some stage', () => {
    expect(node).toBeDefined();
  });

  it('has a partial for compose.yaml', () => {
    expect(Object.keys(ALL_LAYERS.partials)).toContain(`compose-${piece.kind}`);
  });

  it('is in both pictures where it keeps running, and in neither otherwise', () => {
    if (!project || !node) return;
    const label = piece.picture?.label ?? node.name;
    const shown = { flow: new RegExp(`^ {2}${node.name}\\W`, 'm'), drawn: `>${label}` };
    if (piece.keepsRunning) {
      expect(mermaid(project)).toMatch(shown.flow);
      expect(journeyPicture([project])).toContain(shown.drawn);
    } else {
      expect(mermaid(project)).not.toMatch(shown.flow);
      expect(journeyPicture([project])).not.toContain(shown.drawn);
    }
  });

  it('has its tools told by doctor, each with the stage that brings it', () => {
    for (const { name } of [...(piece.server ? [piece.server] : []), ...(piece.helpers ?? [])])
      expect(told.find(tool => tool.name === name)?.purpose).toMatch(new RegExp(`^${project?.stage}\\b`));
  });

  it('has its configuration, if any, among the generated files', () => {
    if (!piece.config) return;
    expect([...ALL_LAYERS.files.keys()]).toContain(piece.config.path);
  });

  it('can be run natively', async () => {
    expect((await piece.native()).makeCopy).toBeTypeOf('function');
  });
});

test.each(PROJECTS.map(project => [project.stage, project] as const))(
  'at the %s stage whoever asks stops no later than whoever answers',
  (_stage, project) => {
    for (const node of project.nodes)
      for (const callee of pieceOf(node).callees(node))
        expect(pieceOf(node).stopRank, `${node.name} asks ${callee}`).toBeLessThanOrEqual(
          pieceOf(nodeNamed(project, callee)).stopRank,
        );
  },
);

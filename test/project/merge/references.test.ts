import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { CONFLICT_MODES, type ConflictMode } from '../../../src/project/merge/sides.ts';
import { mergeYaml } from '../../../src/project/merge/yaml.ts';
import { danglingRefs } from '../../support/openapi-refs.ts';
import { wholeNumbers } from '../../support/random.ts';
import { filesOfStages } from '../../support/stage-files.ts';

const labels = { yours: 'yours', base: 'generated before', generated: 'generated now' };
const merge = (base: string, yours: string, generated: string, mode: ConflictMode = 'inline') =>
  mergeYaml({ base, yours, generated }, { mode, labels });

const COMPONENTS = `components:
  schemas:
    Part:
      type: string
    # What is sold.
    Thing:
      properties:
        part: { $ref: "#/components/schemas/Part" }
    Other: { type: integer }
`;
const BASE = `openapi: 3.1.0
paths:
  /things:
    get: { $ref: "#/components/schemas/Thing" }
${COMPONENTS}`;
const GENERATED = BASE.replace(
  'components:',
  '  /search:\n    get: { $ref: "#/components/schemas/Thing" }\ncomponents:',
);

describe('what generated parts refer to', () => {
  test('comes back where its owner removed it, with what it refers to itself, and nothing else', () => {
    const yours =
      'openapi: 3.1.0\npaths:\n  /mine: {}\ncomponents:\n  schemas:\n    Mine: { type: integer }\n';
    const merged = merge(BASE, yours, GENERATED);
    expect(merged.conflicts).toEqual([]);
    expect(danglingRefs(merged.content)).toEqual([]);
    expect(load(merged.content)).toEqual({
      openapi: '3.1.0',
      paths: { '/mine': {}, '/search': { get: { $ref: '#/components/schemas/Thing' } } },
      components: {
        schemas: {
          Mine: { type: 'integer' },
          Part: { type: 'string' },
          Thing: { properties: { part: { $ref: '#/components/schemas/Part' } } },
        },
      },
    });
    expect(merged.content).toContain('    # What is sold.\n    Thing:');
    expect(merged.notes).toEqual([
      'components.schemas.Thing: you removed it, but paths./search needs it now, so it is back',
      'components.schemas.Part: you removed it, but components.schemas.Thing needs it now, so it is back',
    ]);
  });

  test.each([
    ['its section', 'openapi: 3.1.0\npaths:\n  /mine: {}\ncomponents:\n  headers: {}\n'],
    ['all sections', 'openapi: 3.1.0\npaths:\n  /mine: {}\n'],
    [
      'all that is in a section',
      'openapi: 3.1.0\npaths:\n  /mine: {}\ncomponents:\n  schemas:\n  headers: {}\n',
    ],
    ['all that is in it', 'openapi: 3.1.0\npaths:\n  /mine: {}\ncomponents: {}\n'],
  ])('comes back where its owner removed %s', (_what, yours) => {
    const merged = merge(BASE, yours, GENERATED);
    expect([merged.conflicts, danglingRefs(merged.content)]).toEqual([[], []]);
    expect(merged.content).toContain('/search');
  });

  test('comes back as it is generated now', () => {
    const now = GENERATED.replace('type: string', 'type: number');
    const merged = merge(
      BASE,
      BASE.replace('    Part:\n      type: string\n', '').replace(
        '        part:',
        '        mine: {}\n        part:',
      ),
      now,
    );
    expect(danglingRefs(merged.content)).toEqual([]);
    expect(merged.content).toContain('type: number');
    expect(merged.notes.join()).not.toContain('stays removed');
  });

  test('is a conflict of the whole file where there is no place for it, and its owner’s file is as it was', () => {
    const yours = 'openapi: 3.1.0\npaths:\n  /mine: {}\ncomponents: { schemas: { Mine: {} } }\n';
    const merged = merge(BASE, yours, GENERATED);
    expect(merged.content).toBe(yours);
    expect(merged.conflicts).toHaveLength(1);
    expect(merged.sidecar).toEqual({ of: 'generated', content: GENERATED });
  });
});

test('a comment where it belongs is not lost: the whole file is in conflict', () => {
  const yours = 'openapi: 3.1.0\npaths:\n  /mine: {}\ncomponents:\n  schemas: # mine\n  headers: {}\n';
  const merged = merge(BASE, yours, GENERATED);
  expect([merged.content, merged.conflicts.length]).toEqual([yours, 1]);
});

describe('what its owner’s parts refer to', () => {
  test('stays where it is no longer generated', () => {
    const yours = BASE.replace(
      'components:',
      '  /mine:\n    get: { $ref: "#/components/schemas/Other" }\ncomponents:',
    );
    const merged = merge(BASE, yours, GENERATED.replace('    Other: { type: integer }\n', ''));
    expect([merged.conflicts, danglingRefs(merged.content)]).toEqual([[], []]);
    expect(merged.notes).toEqual([
      'components.schemas.Other: no longer generated, but paths./mine needs it, so it stays',
    ]);
  });

  test('and nobody has is left as it is', () => {
    const yours = BASE.replace(
      'components:',
      '  /mine:\n    get: { $ref: "#/components/schemas/Nothing" }\ncomponents:',
    );
    const merged = merge(BASE, yours, GENERATED);
    expect(danglingRefs(merged.content)).toEqual(['#/components/schemas/Nothing']);
    expect(merged.content).toContain('/search');
  });

  test('is a security scheme that is named', () => {
    const before = `${BASE}  securitySchemes:\n    session: { type: http }\n`;
    const now = before.replace(
      'components:',
      '  /search:\n    get: { security: [{ session: [] }] }\ncomponents:',
    );
    const merged = merge(before, `${BASE}# mine\n`, now);
    expect([merged.conflicts, danglingRefs(merged.content)]).toEqual([[], []]);
  });
});

const files = await filesOfStages();
const openapi = (stage: 'nginx' | 'microservices') => files.get(stage)?.get('openapi.yaml') ?? '';

test('whatever of it its owner removes, all that it refers to is there', () => {
  const random = wholeNumbers(7);
  let whole = 0;
  for (let run = 0; run < 300; run++) {
    const [from, to] =
      run % 3 === 0 ? (['microservices', 'nginx'] as const) : (['nginx', 'microservices'] as const);
    const [base, generated] = [openapi(from), openapi(to)];
    const yours = withoutSome(base, random);
    const mode = CONFLICT_MODES[run % CONFLICT_MODES.length] ?? 'inline';
    const merged = merge(base, yours, generated, mode);
    if (merged.content === yours) whole++;
    else expect(danglingRefs(merged.content), `${run} ${mode}\n${yours}`).toEqual([]);
  }
  expect(whole).toBeLessThan(100);
});

/** Without some of its paths and components, and with a path of one's own that refers to one of those that are left. */
function withoutSome(text: string, random: (bound: number) => number): string {
  let dropped = Number.POSITIVE_INFINITY;
  const lines = text.split('\n').filter(line => {
    const indent = line.search(/\S/);
    if (indent >= 0 && indent <= dropped) {
      const isPart = /^ {2}\/|^ {4}[A-Z]\w*:$/.test(line);
      dropped = isPart && random(3) === 0 ? indent : Number.POSITIVE_INFINITY;
    }
    return dropped === Number.POSITIVE_INFINITY;
  });
  const left = lines.join('\n');
  const names = [...left.matchAll(/^ {4}([A-Z]\w*):\n {6}type/gm)].map(match => match[1]);
  const own = names[random(names.length || 1)];
  return own === undefined
    ? left
    : left.replace(
        /^paths:\n/m,
        `$&  /mine:\n    get:\n      x-mine: { $ref: "#/components/schemas/${own}" }\n`,
      );
}

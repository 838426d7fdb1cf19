import { expect, it } from 'vitest';
import { asOneOfSeveral, programNamesIn } from '../../../src/project/change/one-of-several.ts';

const ONE = `# ours
program: # the only one
    # it is small
    start: node a.js

    port: 3000
    ready: /r
probes: {}
`;
const SEVERAL = `# ours
program: # the only one
    shop:
        # it is small
        start: node a.js

        port: 3000
        ready: /r
probes: {}
`;

it('moves all that is said of the program, comments along, under its name', () => {
  expect(asOneOfSeveral(ONE, 'shop')).toBe(SEVERAL);
});

it('leaves alone what has several, or what it does not understand', () => {
  for (const text of [SEVERAL, 'program: { start: a }\n', 'program: [\n', 'probes: {}\n', '']) {
    expect(asOneOfSeveral(text, 'shop')).toBe(text);
  }
});

it('knows the names of several', () => {
  expect(programNamesIn(SEVERAL)).toEqual(['shop']);
  expect(programNamesIn(ONE)).toEqual([]);
});

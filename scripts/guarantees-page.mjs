/** docs/guarantees.md: every guarantee and drill, what it asks through, and the checklist with what covers each line of it. */
import { readFileSync } from 'node:fs';
import { table } from './markdown.mjs';

/**
 * What a reviewer of such a backend asks, line by line. A line is covered by the guarantees that name it (`lines` in `src/verify`),
 * by a test of this repository (`test`), or it is not covered, and why (`not`). `but` is what is left out of a line that is covered.
 */
const CHECKLIST = JSON.parse(readFileSync(new URL('checklist.json', import.meta.url), 'utf8'));

/** @param appliesAt whether a check applies at a stage: `always`, `sometimes` (with other answers than the defaults) or `never` */
export function guaranteesPage(checks, stages, appliesAt) {
  const names = stages.map(({ name }) => name);
  return [head(), promises(checks, names, appliesAt), checklist(checks)].join('\n');
}

function head() {
  return `# What each stage guarantees

Written by \`npm run docs\` from the checks themselves. Each is run by \`create-backend-stage verify\`; those marked ⚡ are drills, under load and faults, and only
run with \`--drill\`. A stage keeps every guarantee of the stages before it. \`--only ID,ID\` runs some.

A check knows nothing of what a program is about: it asks through the probes of the project's [\`stage.yaml\`](stage-file.md). There are four verdicts:

| verdict | means | exit code |
| --- | --- | --- |
| **kept** | it was seen, by running the project | 0 |
| **broken** | it was seen not to hold; or a probe does not do what \`stage.yaml\` says, which is told once, as that probe | 1 |
| **not verified** | nobody could see it: this **engine** cannot show it (the other can), or this **machine** lacks something or was too busy; or a probe that it needs is wrong | 1 for the machine's sake, unless you say \`--allow-unverified\`; else 0 |
| **not promised** | \`stage.yaml\` has no probe for it, or lists it under \`notPromised\` with a reason | 0 |

A count is never excused: "3 of 5,000 failed" is broken on any machine. A limit on time that was missed while this tool itself did not get to run is judged
once more, and then not verified. "0 of N failed" prints what it bounds: with 95 % confidence at most 3 in N fail.
`;
}

const MARKS = { always: '●', sometimes: '○', never: '' };

function promises(checks, stages, appliesAt) {
  const inOrder = stages.flatMap(stage => checks.filter(({ from }) => from === stage));
  const rows = inOrder.map(check => [
    `\`${check.id}\`${check.drill ? ' ⚡' : ''}`,
    check.title,
    ...stages.map(stage => MARKS[appliesAt(check, stage)]),
    check.needs.map(probes).join(', ') || '–',
    (check.lines ?? []).join(' '),
  ]);
  const heads = ['guarantee', 'what is promised', ...stages, 'probes it asks through', 'checklist'];
  return `## The guarantees\n\n● at this stage; ○ at this stage with other answers than the defaults, such as \`--strategy least-connections\`.\n\n${table(heads, rows)}\n`;
}

/** One probe, or several of which one is enough. */
function probes(need) {
  return [need]
    .flat()
    .map(name => `\`${name}\``)
    .join(' or ');
}

function checklist(checks) {
  const covering = new Map();
  for (const { id, lines = [] } of checks) {
    for (const line of lines) covering.set(line, [...(covering.get(line) ?? []), `\`${id}\``]);
  }
  const rows = part =>
    part.lines.map(({ id, asks, test, not, but = '' }) => {
      const by = [...(covering.get(id) ?? []), ...(test ? [test] : [])];
      return [id, asks, by.length > 0 ? by.join(', ') : '**not covered**', not ?? but];
    });
  const parts = CHECKLIST.map(
    part =>
      `### ${part.part}\n\n${table(['line', 'what is asked', 'covered by', 'what is left out, and why'], rows(part))}\n`,
  );
  return `## The checklist\n\nWhat a reviewer of such a backend asks, from the first stage that it applies to on.\n\n${parts.join('\n')}`;
}

/** Sets of answers that between them try every pair of option values, stage by stage. */
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { UsageError } from '../../src/errors.ts';
import { readAnswers, resolveAnswers } from '../../src/journey/answers.ts';
import type { AnswerKey, Answers, AnswerValue } from '../../src/journey/options.ts';
import { optionsOf } from '../../src/journey/options.ts';
import type { StageName } from '../../src/journey/stages.ts';

/** What is tried of each option: every choice, and the edges and middle of every range. */
export const TRIED: Readonly<Partial<Record<AnswerKey, readonly AnswerValue[]>>> = {
  port: [3000, 443, 65_535],
  poolMax: [1, 8, 20],
  replicas: [1, 2, 3],
  strategy: ['round-robin', 'least-connections'],
  domain: ['localhost', 'shop.example'],
  balancer: ['nginx', 'haproxy'],
  services: [
    ['orders', 'payments', 'search', 'receipts'],
    ['orders', 'payments'],
    ['orders', 'payments', 'search'],
    ['orders', 'payments', 'receipts'],
  ],
};

type Row = { [Key in AnswerKey]?: AnswerValue };

/** Answer sets of one stage in which every value of every option meets every value of every other option. */
export function pairwiseAnswers(stage: StageName): Answers[] {
  const options = optionsOf(stage).flatMap(({ key }) => (TRIED[key] ? [{ key, values: TRIED[key] }] : []));
  const open = new Set(
    options.flatMap((a, index) =>
      options
        .slice(index + 1)
        .flatMap(b => a.values.flatMap(x => b.values.map(y => pairId(a.key, x, b.key, y)))),
    ),
  );
  const rows: Row[] = [];
  if (options.length === 1)
    rows.push(...(options[0]?.values ?? []).map(value => ({ [options[0]?.key ?? 'port']: value })));
  while (open.size > 0) {
    const row = bestRow(options, open);
    for (const id of pairsOf(row)) open.delete(id);
    rows.push(row);
  }
  return rows.map(row => resolveAnswers({ ...readAnswers(row, 'the table above'), stage }, 'my-shop'));
}

/** Begins with a pair that is still open, then takes for each option the value that closes most pairs. */
function bestRow(
  options: readonly { key: AnswerKey; values: readonly AnswerValue[] }[],
  open: ReadonlySet<string>,
): Row {
  const [first = ''] = open;
  const row: Row = Object.fromEntries(JSON.parse(first) as [AnswerKey, AnswerValue][]);
  for (const { key, values } of options.filter(option => row[option.key] === undefined)) {
    const closes = (value: AnswerValue) =>
      pairsOf({ ...row, [key]: value }).filter(id => open.has(id)).length;
    row[key] = [...values].sort((a, b) => closes(b) - closes(a))[0] as AnswerValue;
  }
  return row;
}

function pairsOf(row: Row): string[] {
  const entries = Object.entries(row) as [AnswerKey, AnswerValue][];
  return entries.flatMap(([a, x]) => entries.filter(([b]) => b !== a).map(([b, y]) => pairId(a, x, b, y)));
}

/** The same text whichever of the two comes first. */
function pairId(a: AnswerKey, x: AnswerValue, b: AnswerKey, y: AnswerValue): string {
  return JSON.stringify(
    a < b
      ? [
          [a, x],
          [b, y],
        ]
      : [
          [b, y],
          [a, x],
        ],
  );
}

/** Whether the generator takes these answers; a database too small for the pools is refused. */
export function isLegal(answers: Answers): boolean {
  try {
    buildBlueprint(answers);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** A short name for a test's title. */
export function describeAnswers({ stage, name: _name, ...rest }: Answers): string {
  return `${stage} ${Object.values(rest).map(String).join(' ')}`;
}

import { describe, expect, it } from 'vitest';
import { mergeLineSet } from '../../../src/project/merge/line-set.ts';
import { lostLines, RandomEdits } from './random-edits.ts';

const text = (...lines: string[]) => lines.map(line => `${line}\n`).join('');
const ignored = text('node_modules/', 'dist/', '.env', '*.log');
const merged = (content: string, ...notes: string[]) => ({ content, conflicts: [], notes });

describe('mergeLineSet', () => {
  it('joins what both appended', () => {
    const sides = { base: ignored, yours: `${ignored}mine/\n`, generated: `${ignored}secrets/\n` };
    expect(mergeLineSet(sides)).toEqual(merged(`${ignored}secrets/\nmine/\n`));
  });

  it('puts a new line after the one that it follows, in whatever order yours is', () => {
    const yours = text('# mine', '*.log', '', 'dist/', 'cache/', 'cache/', '.env', 'node_modules/');
    const generated = text('node_modules/', 'dist/', 'public/', '.env', '*.log', '*.tmp');
    expect(mergeLineSet({ base: ignored, yours, generated })).toEqual(
      merged(
        text('# mine', '*.log', '*.tmp', '', 'dist/', 'public/', 'cache/', 'cache/', '.env', 'node_modules/'),
      ),
    );
  });

  it('takes out what the generator dropped, but not what the owner changed or wrote again', () => {
    const yours = text('node_modules/', 'node_modules/', '/dist/', '.env', '*.log');
    expect(mergeLineSet({ base: ignored, yours, generated: text('.env') })).toEqual(
      merged(text('node_modules/', '/dist/', '.env')),
    );
  });

  it('adds no line that yours has, and puts back none that the owner took out', () => {
    const yours = text('secrets/', 'node_modules/', '.env', '*.log');
    const generated = `${ignored}secrets/\n*.tmp\n*.tmp\n`;
    expect(mergeLineSet({ base: ignored, yours, generated })).toEqual(
      merged(text('secrets/', '*.tmp', 'node_modules/', '.env', '*.log')),
    );
    expect(mergeLineSet({ base: undefined, yours, generated: ignored })).toEqual(
      merged(text('secrets/', 'node_modules/', 'dist/', '.env', '*.log')),
    );
  });

  it('moves comments and blank lines with the lines that they belong to', () => {
    const base = text('# Where', 'HOST=a', '# How', 'MODE=b');
    const generated = text('# Where it listens', 'HOST=a', '', '# The pool', '# (see the README)', 'POOL=1');
    expect(mergeLineSet({ base, yours: `${base}# mine\nMINE=1\n`, generated })).toEqual(
      merged(
        text(
          '# Where it listens',
          'HOST=a',
          '# mine',
          'MINE=1',
          '',
          '# The pool',
          '# (see the README)',
          'POOL=1',
        ),
      ),
    );
    expect(mergeLineSet({ base: generated, yours: `# hello\n${generated}`, generated: base })).toEqual(
      merged(text('# hello', '# Where', 'HOST=a', '# How', 'MODE=b')),
    );
  });

  it('leaves the final newline to the owner', () => {
    const sides = { base: 'a\n', yours: 'mine\na', generated: 'a\nb\n' };
    expect(mergeLineSet(sides)).toEqual(merged('mine\na\nb'));
  });

  it('knows a key only where it is told that there are keys', () => {
    const sides = { base: 'a=1\n', yours: 'a=1\nmine\n', generated: 'a=1\na=2\n' };
    expect(mergeLineSet(sides, false)).toEqual(merged(text('a=1', 'a=2', 'mine')));
    expect(mergeLineSet(sides)).toEqual(merged(text('a=1', 'mine')));
  });
});

describe('mergeLineSet of settings', () => {
  it.each([
    ['only the generator changed', 'A=1', 'A=1', 'A=2', 'A=2'],
    ['only the owner changed', 'A=1', 'A=9', 'A=1', 'A=9'],
    ['both changed alike', 'A=1', 'A=2', 'A=2', 'A=2'],
    ['the owner commented out', 'A=1', '# A=1', 'A=1', '# A=1'],
    ['the owner put in force', '# A=', 'A=9', '# A=', 'A=9'],
    ['the generator put in force', '#A=1', '#A=1', 'A=1', 'A=1'],
    ['the owner changed and the generator dropped', 'A=1', 'A=9', '', 'A=9'],
    ['the owner took out', 'A=1', '', 'A=2', ''],
    ['the owner has commented out beside it', 'A=1', '# A=7\nA=1', 'A=2', '# A=7\nA=2'],
  ])('of a line that %s', (_, before, own, now, content) => {
    const [base, yours, generated] = [before, own, now].map(line =>
      text('X=1', ...(line ? [line] : []), 'Z=1'),
    );
    expect(mergeLineSet({ base, yours: `${yours}MINE=1\n`, generated: `${generated}` })).toEqual(
      merged(text('X=1', ...(content ? [content] : []), 'Z=1', 'MINE=1')),
    );
  });

  it('keeps your value where both changed it, and notes the generated one', () => {
    const note = 'A: your line stays; generated now is `A=2`';
    expect(mergeLineSet({ base: 'A=1\n', yours: 'A=9\n', generated: 'A=2\n' })).toEqual(
      merged('A=9\n', note),
    );
    expect(mergeLineSet({ base: 'A=1\n', yours: '# A=1\n', generated: 'A=2\n' })).toEqual(
      merged('# A=1\n', note),
    );
    expect(mergeLineSet({ base: '', yours: 'export A=9\n', generated: 'A=2\n' })).toEqual(
      merged('export A=9\n', note),
    );
  });

  it('adds a setting that yours only mentions, beside it, and takes prose for prose', () => {
    const sides = {
      base: 'X=1\n',
      yours: '# A=9\nX=1\n# B=1 is a good start\n',
      generated: 'X=1\nA=2\nB=1\n',
    };
    expect(mergeLineSet(sides)).toEqual(merged('# A=9\nA=2\nB=1\nX=1\n# B=1 is a good start\n'));
  });
});

describe('mergeLineSet on random edits', () => {
  it('loses nothing, adds nothing twice, and takes out what was dropped', () => {
    const random = new RandomEdits(11, 25);
    for (let run = 0; run < 2000; run++) {
      const sides = random.triple();
      const result = mergeLineSet(sides);
      const lines = result.content.split('\n').filter(line => line.startsWith('line'));
      const dropped = lostLines(sides.base, sides.generated, { ...merged('') });
      const problems = [
        ...lostLines(sides.yours, sides.base, result),
        ...lostLines(sides.generated, sides.base, result),
        ...lines.filter((line, at) => lines.indexOf(line) < at),
        ...dropped.filter(line => line.startsWith('line') && lines.includes(line)),
      ];
      if (problems.length) expect({ sides, problems }).toBeUndefined();
      expect(result.conflicts).toEqual([]);
    }
  });

  it('takes less than two seconds for 10,000 lines', () => {
    const numbered = (word: string) =>
      Array.from({ length: 10_000 }, (_, at) => `\n# ${word}\n${word}${at}=1`);
    const [base, yours, generated] = ['B', 'Y', 'G'].map(word => `${numbered(word).join('\n')}\n`);
    const start = performance.now();
    expect(mergeLineSet({ base, yours: `${yours}`, generated: `${generated}` }).notes).toEqual([]);
    mergeLineSet({ base: 'x\n'.repeat(10_000), yours: 'x\n'.repeat(10_001), generated: 'x\n'.repeat(9_000) });
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

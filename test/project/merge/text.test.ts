import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFLICT_MODES, type ConflictMode, type Sides } from '../../../src/project/merge/sides.ts';
import { mergeText } from '../../../src/project/merge/text.ts';
import { temporaryFolder } from '../../support/tool.ts';
import { lostLines, RandomEdits } from './random-edits.ts';

const labels = { yours: 'yours', base: 'generated before', generated: 'generated now' };
const merge = (sides: Sides<string>, mode: ConflictMode = 'inline') => mergeText(sides, { mode, labels });
const clean = (content: string) => ({ content, conflicts: [], notes: [] });

const base = 'one\ntwo\nthree\nfour\nfive\n';
const both = {
  base,
  yours: 'one\nTWO\nthree\nfour\nfive\nmine\n',
  generated: 'zero\none\n2\nthree\nfour\nfive\n',
};

describe('mergeText where nothing is in conflict', () => {
  it('takes what either side changed, wherever the other did not', () => {
    const yours = 'one\ntwo\nthree\nfour\nmine\nfive\n';
    const generated = 'zero\ntwo\nthree\nfive\n';
    expect(merge({ base, yours: 'one\nTWO\nthree\nfour\nfive\n', generated: `${base}six\n` })).toEqual(
      clean('one\nTWO\nthree\nfour\nfive\nsix\n'),
    );
    expect(merge({ base, yours, generated: 'zero\ntwo\nthree\nfour\nfive\n' })).toEqual(
      clean('zero\ntwo\nthree\nfour\nmine\nfive\n'),
    );
    expect(merge({ base, yours, generated })).toMatchObject({ conflicts: ['lines 4-10'] });
  });

  it('takes a side whole where the other changed nothing, and what both made alike once', () => {
    const edited = 'one\nthree\nfour\n';
    expect(merge({ base, yours: edited, generated: base })).toEqual(clean(edited));
    expect(merge({ base, yours: base, generated: edited })).toEqual(clean(edited));
    expect(merge({ base, yours: edited, generated: edited })).toEqual(clean(edited));
    const generated = 'I\nII\nthree\nfour\nfive\n';
    expect(merge({ base, yours: 'I\nII\nthree\nfour\n5\n', generated })).toEqual(
      clean('I\nII\nthree\nfour\n5\n'),
    );
  });

  it('sees the same addition where lines repeat', () => {
    const added = (name: string) => `\n${name}() {\n}\n`;
    expect(
      merge({
        base: `a() {\n}\n${added('c')}`,
        yours: `a() {\n}\n${added('b')}${added('c')}`,
        generated: `a() {\n}\n${added('b')}${added('c')}${added('d')}`,
      }),
    ).toEqual(clean(`a() {\n}\n${added('b')}${added('c')}${added('d')}`));
  });

  it('sees a line changed into its neighbour as git does, and not as one more after it', () => {
    const sides = { base: 'x\np\nq\nz\n', yours: 'x\nq\nq\nz\n', generated: 'x\np\nq\nZ\n' };
    expect(merge(sides)).toEqual(clean('x\nq\nq\nZ\n'));
  });

  it.each([
    ['yours took it off', 'a\nb\nc\n', 'a\nb\nc', 'A\nb\nc\n', 'A\nb\nc'],
    ['the generator took it off', 'a\nb\nc\n', 'A\nb\nc\n', 'a\nb\nc', 'A\nb\nc'],
    ['yours added it', 'a\nb\nc', 'a\nb\nc\n', 'A\nb\nc', 'A\nb\nc\n'],
    ['there is none', 'a\nb\nc', 'A\nb\nc', 'a\nb\nC', 'A\nb\nC'],
    ['yours took it off a line that the generator changed', 'a\nb\n', 'a\nb', 'a\nB\n', 'a\nB'],
  ])('keeps the final newline apart from the last line: %s', (_, before, yours, generated, content) => {
    expect(merge({ base: before, yours, generated })).toEqual(clean(content));
  });
});

describe('mergeText where both changed the same', () => {
  const marked =
    'zero\none\n<<<<<<< yours\nTWO\n||||||| generated before\ntwo\n=======\n2\n>>>>>>> generated now\nthree\n';

  it('marks it inline, with the base, and says where', () => {
    const merged = merge(both);
    expect(merged).toEqual({ content: `${marked}four\nfive\nmine\n`, conflicts: ['lines 3-9'], notes: [] });
    expect(merged.content.split('\n').slice(2, 9).at(0)).toBe('<<<<<<< yours');
    expect(merged.content.split('\n').slice(2, 9).at(-1)).toBe('>>>>>>> generated now');
  });

  it('starts each marker on a line of its own where a file ends without a newline', () => {
    const { content } = merge({ base: 'a', yours: 'b', generated: 'c' });
    expect(content).toBe('<<<<<<< yours\nb\n||||||| generated before\na\n=======\nc\n>>>>>>> generated now');
  });

  it('keeps yours as it is, settles it for yours, or for the generated one with yours beside it', () => {
    expect(merge(both, 'sidecar')).toEqual({
      content: both.yours,
      conflicts: ['line 2'],
      notes: [],
      sidecar: { of: 'generated', content: both.generated },
    });
    expect(merge(both, 'ours')).toEqual({
      content: 'zero\none\nTWO\nthree\nfour\nfive\nmine\n',
      conflicts: ['line 3'],
      notes: [],
    });
    expect(merge(both, 'theirs')).toEqual({
      content: 'zero\none\n2\nthree\nfour\nfive\nmine\n',
      conflicts: ['line 3'],
      notes: [],
      sidecar: { of: 'yours', content: both.yours },
    });
  });

  it('says where lines are gone on the side that it was settled for', () => {
    const deleted = { base, yours: 'one\nfour\nfive\n', generated: base.replace('two', '2') };
    expect(merge(deleted, 'ours')).toMatchObject({ content: deleted.yours, conflicts: ['after line 1'] });
    expect(merge({ ...deleted, yours: 'three\nfour\nfive\n' }, 'ours').conflicts).toEqual(['before line 1']);
  });

  it('takes edits of neighbouring lines for a conflict, as git does', () => {
    const sides = { base, yours: base.replace('two', 'TWO'), generated: base.replace('three', '3') };
    expect(merge(sides).conflicts).toEqual(['lines 2-11']);
  });

  it('takes neighbouring imports for none: their order means nothing', () => {
    const line = (name: string) => `import { ${name} } from './${name}.ts';\n`;
    const [a, b, c, d, e] = [...'abcde'].map(line);
    const both = { base: `${a}${b}${c}\n`, yours: `${a}${b}${d}${c}\n` };
    expect(merge({ ...both, generated: `${a}${c}\n` })).toEqual(clean(`${a}${d}${c}\n`));
    expect(merge({ ...both, generated: `${a}${b}${e}\n` })).toEqual(clean(`${a}${b}${e}${d}\n`));
    expect(merge({ base: `${a}\n`, yours: `${b}${a}\n`, generated: `${c}${a}\n` })).toEqual(
      clean(`${c}${b}${a}\n`),
    );
    // Both took something else out: only a person knows what was meant.
    const taken = { base: `${a}${b}${c}\n`, yours: `${a}${d}\n`, generated: `${c}${e}\n` };
    expect(merge(taken).conflicts).toHaveLength(1);
    expect(merge({ ...both, generated: `${a}b();\n${c}\n` }).conflicts).toHaveLength(1);
  });

  it('leaves what both begin and end with out of the conflict where there was no such file', () => {
    const merged = merge({ base: undefined, yours: 'a\nb\nz\n', generated: 'a\nc\nd\nz\n' });
    expect(merged.content).toBe(
      'a\n<<<<<<< yours\nb\n||||||| generated before\n=======\nc\nd\n>>>>>>> generated now\nz\n',
    );
    expect(merged.conflicts).toEqual(['lines 2-8']);
    const longer = { base: undefined, yours: 'a\nb\na\nb\n', generated: 'a\nb\n' };
    expect(merge(longer, 'theirs')).toMatchObject({ content: 'a\nb\n', conflicts: ['after line 2'] });
    expect(merge(longer, 'ours')).toMatchObject({ content: longer.yours, conflicts: ['lines 3-4'] });
    expect(merge({ base: undefined, yours: 'a\n', generated: 'a\n' })).toEqual(clean('a\n'));
  });
});

describe('mergeText on random edits', () => {
  it('is seen to lose a line', () => {
    expect(lostLines('a\nmine\n', 'a\n', clean('a\n'))).toEqual(['mine']);
    expect(
      lostLines('a\nmine\n', 'a\n', { ...clean('a\n'), sidecar: { of: 'yours', content: 'mine\n' } }),
    ).toEqual([]);
  });

  it.each(CONFLICT_MODES)('loses no line that either side wrote: %s', mode => {
    const random = new RandomEdits(5, 25);
    const losing = Array.from({ length: 2500 }, () => random.triple()).filter(sides => {
      const merged = merge(sides, mode);
      const dropped = mode === 'ours' && merged.conflicts.length > 0;
      return (
        lostLines(sides.yours, sides.base, merged).length > 0 ||
        (!dropped && lostLines(sides.generated, sides.base, merged).length > 0)
      );
    });
    expect(losing).toEqual([]);
  });

  it('keeps the rules of each mode', () => {
    const random = new RandomEdits(6, 25);
    let conflicts = 0;
    for (let run = 0; run < 500; run++) {
      const sides = random.triple();
      const inline = merge(sides);
      const modes = CONFLICT_MODES.map(mode => merge(sides, mode));
      const message = JSON.stringify(sides);
      expect(new Set(modes.map(merged => merged.conflicts.length)).size, message).toBe(1);
      expect(/^<{7} /m.test(inline.content), message).toBe(inline.conflicts.length > 0);
      if (!inline.conflicts.length) {
        for (const merged of modes) expect(merged, message).toEqual(inline);
        continue;
      }
      conflicts++;
      const [, sidecar, ours, theirs] = modes;
      expect([inline.sidecar, ours?.sidecar], message).toEqual([undefined, undefined]);
      expect(sidecar?.content, message).toBe(sides.yours);
      expect(sidecar?.sidecar, message).toEqual({ of: 'generated', content: sides.generated });
      expect(theirs?.sidecar, message).toEqual({ of: 'yours', content: sides.yours });
      expect(settledFor(inline.content, 'yours'), message).toBe(ours?.content);
      expect(settledFor(inline.content, 'generated'), message).toBe(theirs?.content);
    }
    expect(conflicts).toBeGreaterThan(150);
  });

  it.runIf(spawnSync('git', ['--version']).status === 0)('agrees with git merge-file', () => {
    const folder = temporaryFolder();
    const outcomes = { clean: 0, conflict: 0 };
    for (const random of [new RandomEdits(7, 0), new RandomEdits(8, 10)])
      for (let run = 0; run < 100; run++) {
        const sides = random.triple();
        const files = (['yours', 'base', 'generated'] as const).map(side => {
          writeFileSync(join(folder, side), sides[side]);
          return join(folder, side);
        });
        const git = spawnSync('git', ['merge-file', '-p', '--diff3', ...files], { encoding: 'utf8' });
        const merged = merge(sides);
        expect(merged.conflicts.length > 0, JSON.stringify(sides)).toBe(git.status !== 0);
        if (git.status === 0) expect(merged.content, JSON.stringify(sides)).toBe(git.stdout);
        outcomes[git.status === 0 ? 'clean' : 'conflict']++;
      }
    expect(outcomes.clean).toBeGreaterThan(50);
    expect(outcomes.conflict).toBeGreaterThan(50);
  });
});

/** What an owner is left with who takes one side of each conflict. */
function settledFor(content: string, side: 'yours' | 'generated'): string {
  const pattern =
    /^<{7} yours\n([\s\S]*?)^\|{7} generated before\n[\s\S]*?^={7}\n([\s\S]*?)^>{7} generated now\n/gm;
  return content.replace(pattern, side === 'yours' ? '$1' : '$2');
}

describe('mergeText on large files', () => {
  const numbered = (count: number, word: string) => Array.from({ length: count }, (_, at) => `${word} ${at}`);
  const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;
  const timed = (sides: Sides<string>, mode: ConflictMode = 'inline') => {
    const start = performance.now();
    const merged = merge(sides, mode);
    expect(performance.now() - start).toBeLessThan(2000);
    return merged;
  };

  it('keeps 10,000 lines whole that are all different, since markers around them help nobody', () => {
    const [yours, generated] = [text(numbered(10_000, 'yours')), text(numbered(10_000, 'generated'))];
    expect(timed({ base: text(numbered(10_000, 'base')), yours, generated })).toEqual({
      content: yours,
      conflicts: ['the whole file'],
      notes: [],
      sidecar: { of: 'generated', content: generated },
    });
    expect(timed({ base: undefined, yours, generated })).toMatchObject({ content: yours });
  });

  it('gives up on lines in another order', () => {
    const lines = numbered(10_000, 'line');
    const random = new RandomEdits(9, 0);
    const shuffled = () =>
      text(
        lines
          .map(line => [random.below(1e9), line] as const)
          .sort(([a], [b]) => a - b)
          .map(([, line]) => line),
      );
    const sides = { base: text(lines), yours: shuffled(), generated: shuffled() };
    expect(timed(sides)).toMatchObject({ content: sides.yours, conflicts: ['the whole file'] });
    expect(timed(sides, 'theirs')).toMatchObject({
      content: sides.generated,
      sidecar: { content: sides.yours },
    });
  });

  it('merges 10,000 identical lines', () => {
    const same = Array<string>(10_000).fill('same');
    const generated = [...same.slice(0, 5000), 'generated', ...same.slice(5000)];
    expect(timed({ base: text(same), yours: text(['mine', ...same]), generated: text(generated) })).toEqual(
      clean(text(['mine', ...generated])),
    );
    expect(
      timed({ base: text(same), yours: text(same.slice(100)), generated: text(generated) }).notes,
    ).toEqual([]);
  });

  it('merges 40,000 lines with few edits', () => {
    const lines = numbered(40_000, 'line');
    const [yours, generated] = [[...lines], [...lines]];
    for (let at = 0; at < 40_000; at += 1000) {
      yours.splice(at, 1, `mine ${at}`);
      generated.splice(at + 500, 1, `generated ${at}`);
    }
    const merged = timed({ base: text(lines), yours: text(yours), generated: text(generated) });
    expect(merged.conflicts).toEqual([]);
    expect(merged.content).toBe(
      text(yours.map((line, at) => (line === lines[at] ? (generated[at] ?? '') : line))),
    );
  });
});

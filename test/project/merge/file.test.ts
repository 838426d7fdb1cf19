import { describe, expect, it } from 'vitest';
import type { FileClass } from '../../../src/plan/file-class.ts';
import { mergeFile } from '../../../src/project/merge/file.ts';
import { CONFLICT_MODES, type ConflictMode, type Sides } from '../../../src/project/merge/sides.ts';
import { RandomEdits } from './random-edits.ts';

const labels = { yours: 'yours', base: 'generated before', generated: 'generated now' };

/** Contents as text; latin1 ones stand for bytes. */
function merge(
  fileClass: FileClass,
  sides: Sides<string>,
  mode: ConflictMode = 'inline',
  encoding: BufferEncoding = 'utf8',
) {
  const bytes = (text: string) => Buffer.from(text, encoding);
  const { base, yours, generated } = sides;
  const path = fileClass === 'line-set' ? '.env.example' : 'some/file';
  const merged = mergeFile(
    fileClass,
    path,
    { base: base === undefined ? base : bytes(base), yours: bytes(yours), generated: bytes(generated) },
    { mode, labels },
  );
  const { content, sidecar, ...rest } = merged;
  return {
    ...rest,
    content: content.toString(encoding),
    ...(sidecar && { sidecar: { of: sidecar.of, content: sidecar.content.toString(encoding) } }),
  };
}

const clean = (content: string) => ({ content, conflicts: [], notes: [] });
const crlf = (text: string) => text.replaceAll('\n', '\r\n');
const [base, yours, generated] = ['a\nb\nc\nd\n', 'A\nb\nc\nd\n', 'a\nb\nc\nd\ne\n'];

describe('mergeFile', () => {
  it.each<FileClass>(['text', 'json-keys', 'yaml', 'line-set', 'binary'])(
    'takes the side that changed, byte for byte: %s',
    fileClass => {
      expect(merge(fileClass, { base: crlf(base), yours: crlf(base), generated })).toEqual(clean(generated));
      expect(merge(fileClass, { base, yours: crlf(yours), generated: base })).toEqual(clean(crlf(yours)));
      expect(merge(fileClass, { base, yours, generated: yours })).toEqual(clean(yours));
      expect(merge(fileClass, { base: undefined, yours, generated: yours })).toEqual(clean(yours));
    },
  );

  it.each<[FileClass, string, string]>([
    ['binary', 'GIF89a', 'GIF89b'],
    ['text', '\xff\xfea\0', '\xff\xfeb\0'],
    ['text', 'caf\xe9\n', 'th\xe9\n'],
    ['text', 'caf\xe9\n', 'tea\n'],
    ['line-set', 'a\0b', 'b'],
    ['yaml', 'a: \xe9\n', 'a: b\n'],
  ])('merges no bytes: %s %j', (fileClass, own, now) => {
    const all = CONFLICT_MODES.map(mode =>
      merge(fileClass, { base: 'x', yours: own, generated: now }, mode, 'latin1'),
    );
    const kept = { content: own, conflicts: ['the whole file'], notes: [] };
    const beside = { ...kept, sidecar: { of: 'generated', content: now } };
    const taken = { ...kept, content: now, sidecar: { of: 'yours', content: own } };
    expect(all).toEqual([beside, beside, kept, taken]);
  });

  it('merges by class', () => {
    expect(merge('text', { base, yours, generated })).toEqual(clean('A\nb\nc\nd\ne\n'));
    expect(merge('line-set', { base: 'A=1\n', yours: 'A=1\nB=1\n', generated: 'A=1\nC=1\n' })).toEqual(
      clean('A=1\nC=1\nB=1\n'),
    );
  });

  it.each<FileClass>(['json-keys', 'yaml'])('puts no markers into a file that must parse: %s', fileClass => {
    const broken = { base: '{"a": 1}\n', yours: '{"a": [2\n', generated: '{"a": 3}\n' };
    const kept = { content: broken.yours, sidecar: { of: 'generated', content: broken.generated } };
    expect(merge(fileClass, broken)).toMatchObject(kept);
    expect(merge(fileClass, broken).conflicts).toHaveLength(1);
  });

  it('does not merge into an unfinished merge', () => {
    const unfinished = 'a\n<<<<<<< yours\nB\n=======\nb\n>>>>>>> theirs\nc\nd\n';
    expect(merge('text', { base, yours: unfinished, generated })).toEqual({
      content: unfinished,
      conflicts: ['the whole file: it holds conflict markers already'],
      notes: [],
      sidecar: { of: 'generated', content: generated },
    });
    const told = { base: unfinished, yours: `${unfinished}mine\n`, generated: `new\n${unfinished}` };
    expect(merge('text', told)).toEqual(clean(`new\n${unfinished}mine\n`));
  });
});

describe("mergeFile keeps the owner's form", () => {
  it('of line endings', () => {
    expect(merge('text', { base, yours: crlf(yours), generated })).toEqual(clean(crlf('A\nb\nc\nd\ne\n')));
    expect(merge('text', { base: crlf(base), yours, generated: crlf(generated) })).toEqual(
      clean('A\nb\nc\nd\ne\n'),
    );
    expect(merge('text', { base, yours: crlf(base), generated })).toEqual(clean(crlf(generated)));
    expect(merge('line-set', { base: 'a\n', yours: 'a\r\nb\r\n', generated: 'a\nc\n' })).toEqual(
      clean('a\r\nc\r\nb\r\n'),
    );
  });

  it('of line endings that are mixed, each its own', () => {
    const mixed = 'A\r\nb\nc\r\nd\r\n';
    expect(merge('text', { base, yours: mixed, generated })).toEqual(clean('A\r\nb\nc\r\nd\r\ne\r\n'));
    expect(merge('text', { base, yours: 'A\r\nb\nc\nd\n', generated })).toEqual(clean('A\r\nb\nc\nd\ne\n'));
    const inline = merge('text', { base, yours: mixed, generated: '1\nb\nc\nd\n' });
    expect(inline.content).toMatch(/^<{7} yours\r\nA\r\n[\s\S]*>{7} generated now\r\nb\nc\r\nd\r\n$/);
  });

  it('of the byte order mark and of the final newline', () => {
    expect(merge('text', { base, yours: `\uFEFF${yours}`, generated })).toEqual(
      clean('\uFEFFA\nb\nc\nd\ne\n'),
    );
    expect(merge('text', { base: `\uFEFF${base}`, yours, generated })).toEqual(clean('A\nb\nc\nd\ne\n'));
    expect(merge('text', { base, yours: yours.trim(), generated })).toEqual(clean('A\nb\nc\nd\ne'));
    expect(merge('text', { base, yours, generated: generated.trim() })).toEqual(clean('A\nb\nc\nd\ne'));
  });

  it('in what it lays beside a file, and yours byte for byte', () => {
    const sides = { base, yours: `\uFEFF${crlf('A\nb\nc\n')}`, generated: '1\nb\nc\nd\n' };
    expect(merge('text', sides, 'sidecar')).toMatchObject({
      content: sides.yours,
      sidecar: { of: 'generated', content: `\uFEFF${crlf(sides.generated)}` },
    });
    expect(merge('text', sides, 'theirs')).toMatchObject({
      content: `\uFEFF${crlf('1\nb\nc\n')}`,
      sidecar: { of: 'yours', content: sides.yours },
    });
  });

  it('in random edits with mixed line endings', () => {
    const random = new RandomEdits(13, 0);
    for (let run = 0; run < 300; run++) {
      const sides = random.triple();
      const mixed = sides.yours.replace(/\n/g, () => (random.below(2) ? '\r\n' : '\n'));
      const { content } = merge('text', { ...sides, yours: mixed });
      const lines = new Set(content.match(/.*\r?\n/g));
      const kept = content.replaceAll('\r', '').split('\n');
      const changed = (mixed.match(/.*\r?\n/g) ?? []).filter(
        line => kept.includes(line.trimEnd()) && !lines.has(line),
      );
      expect(changed, JSON.stringify(sides)).toEqual([]);
    }
  });
});

describe('a text that its owner only indented anew', () => {
  const code = 'start {\n  one();\n  two();\n  three();\n}\n';
  const tabs = code.replaceAll('  ', '\t');

  it('gets what the generator changed, and keeps the indentation', () => {
    const now = code.replace('two', 'TWO').replace('three();\n', 'three();\n  four();\n');
    const merged = merge('text', { base: code, yours: tabs, generated: now });
    expect(merged).toEqual(clean('start {\n\tone();\n  TWO();\n\tthree();\n  four();\n}\n'));
  });

  it('is in conflict where words of both collide', () => {
    const sides = { base: code, yours: tabs.replace('two', 'mine'), generated: code.replace('two', 'TWO') };
    const { content, conflicts } = merge('text', sides);
    expect(conflicts).not.toEqual([]);
    expect(content).toContain('\tmine();');
  });
});

import { describe, expect, it } from 'vitest';
import { envelope } from '../../src/ui/envelope.ts';
import { isInteractive } from '../../src/ui/interactive.ts';
import { table, wrap } from '../../src/ui/table.ts';
import { createTerminal } from '../../src/ui/terminal.ts';
import { duration, fileSize, firstFew, shellWord } from '../../src/ui/words.ts';

describe('isInteractive', () => {
  const person = { stdinIsTerminal: true, stdoutIsTerminal: true, env: {}, yes: false, json: false };

  it('holds only for a person at a terminal who asked for no silence', () => {
    expect(isInteractive(person)).toBe(true);
    expect(isInteractive({ ...person, stdinIsTerminal: false })).toBe(false);
    expect(isInteractive({ ...person, stdoutIsTerminal: false })).toBe(false);
    expect(isInteractive({ ...person, env: { CI: 'true' } })).toBe(false);
    expect(isInteractive({ ...person, env: { CI: '1' } })).toBe(false);
    expect(isInteractive({ ...person, yes: true })).toBe(false);
    expect(isInteractive({ ...person, json: true })).toBe(false);
  });
});

describe('table', () => {
  it('aligns columns and leaves no trailing blanks', () => {
    expect(
      table(
        ['a', 'long'],
        [
          ['xx', 'y'],
          ['z', ''],
        ],
      ),
    ).toBe('a   long\nxx  y\nz');
  });

  it('wraps the widest column to a width', () => {
    const text = table(['k', 'v'], [['key', 'one two three four five six seven']], 24);
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(24);
    expect(text.replaceAll(/\s+/g, ' ')).toBe('k v key one two three four five six seven');
  });

  it('never breaks a word', () => {
    expect(wrap('a verylongword b', 4)).toEqual(['a', 'verylongword', 'b']);
  });
});

describe('a terminal', () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, written, write: (text: string) => written.push(text) };
  };

  it('keeps results and notes apart', () => {
    const [stdout, stderr] = [record(false), record(false)];
    const terminal = createTerminal(stdout, stderr, {});
    terminal.result('result');
    terminal.note('note');
    expect([stdout.written, stderr.written]).toEqual([['result\n'], ['note\n']]);
  });

  it.each([
    { tty: true, env: {}, coloured: true },
    { tty: false, env: {}, coloured: false },
    { tty: true, env: { NO_COLOR: '1' }, coloured: false },
    { tty: true, env: { TERM: 'dumb' }, coloured: false },
    { tty: false, env: { FORCE_COLOR: '1' }, coloured: true },
    { tty: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' }, coloured: false },
  ])('colours $coloured for $env on a terminal: $tty', ({ tty, env, coloured }) => {
    const { paint } = createTerminal(record(false), record(tty), env);
    expect(paint.red('x')).toBe(coloured ? '\u001b[31mx\u001b[39m' : 'x');
  });
});

describe('envelope', () => {
  it('is one line, with the error last and only where there is one', () => {
    expect(envelope('verify', true, { stage: 'pool' })).toBe(
      '{"schemaVersion":1,"ok":true,"command":"verify","stage":"pool"}',
    );
    expect(JSON.parse(envelope('up', false, {}, { code: 'engine', message: 'a\nb' }))).toEqual({
      schemaVersion: 1,
      ok: false,
      command: 'up',
      error: { code: 'engine', message: 'a\nb' },
    });
  });
});

describe('words', () => {
  it('tell sizes, durations and lists in a few characters', () => {
    expect([0, 999, 1000, 12_345, 2_000_000].map(fileSize)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '12.3 kB',
      '2.0 MB',
    ]);
    expect([12.4, 999, 61_500].map(duration)).toEqual(['12 ms', '999 ms', '61.5 s']);
    expect(firstFew(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  });

  it('quote an argument only where a shell needs it', () => {
    expect(['my-shop', './a/b', 'a b', "it's", '$HOME'].map(shellWord)).toEqual([
      'my-shop',
      './a/b',
      "'a b'",
      "'it'\\''s'",
      "'$HOME'",
    ]);
  });
});

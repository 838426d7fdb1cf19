/** Whoever follows a README notices what is wrong with it: each of these READMEs is. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/tool.ts';
import { Reader } from './reader.ts';
import { stepsOf } from './steps.ts';

const directory = temporaryFolder();
let reader: Reader | undefined;

afterEach(async () => {
  await reader?.close();
  reader = undefined;
});

/** @returns what is found by somebody who has no Docker */
async function found(...lines: string[]): Promise<string[]> {
  reader = new Reader(directory, { engine: 'native', lineWithinMs: 1_500 });
  return reader.follow(stepsOf(['## Run it', '', ...lines, ''].join('\n')));
}

const sh = (...lines: string[]) => ['```sh', ...lines, '```', ''];

describe('a README is followed in one shell', () => {
  it('where all of it is right', async () => {
    const findings = await found(
      ...sh(`export SHOP='the "stall"'`, 'echo "$SHOP" >&2', '# → the "…"', 'cd .'),
      ...sh('printf 0; false', '# → 0'),
      'With Docker:',
      '',
      ...sh('exit 1'),
    );
    expect(findings).toEqual([]);
  });

  it.each([
    ['another answer', sh('echo 200', '# → 401'), /^echo 200\n {2}does not show "401", but: 200$/],
    ['one answer of two', sh('echo 200', '# → 200', '# → 401'), /^echo 200\n {2}does not show "401"/],
    ['a command that fails', sh('true', '(exit 3)'), /^\(exit 3\)\n {2}ended with exit code 3/],
    [
      'a command that fails after it answered',
      sh('echo 1; false', '# → 1'),
      /^echo 1; false\n {2}ended with exit code 1/,
    ],
    [
      'what is no command',
      sh('grep <requestId>'),
      /^grep <requestId>\n {2}ended with exit code [12].*syntax error/s,
    ],
    ['a program that is not there', sh('creat-backend-stage up'), /ended with exit code 127/],
    ['a command that does not end', sh('sleep 60', 'false'), /^sleep 60\n {2}did not end/],
    ['a shell that is closed', sh('exit 0'), /^exit 0\n {2}did not end/],
    [
      'a terminal whose program ends',
      ['In a terminal of its own, or: in a terminal of its own:', '', ...sh('echo no', '# → up')],
      /^echo no\n {2}ended with exit code 0/,
    ],
    [
      'a terminal whose program does not come up',
      ['Here, in a terminal of its own:', '', ...sh('sleep 60', '# → up')],
      /^sleep 60\n {2}does not show "up"/,
    ],
  ])('and %s is found', async (_, lines, expected) => {
    expect(await found(...lines)).toEqual([expect.stringMatching(expected)]);
  });

  it('and what reads the terminal does not eat the lines that follow', async () => {
    expect(await found(...sh('cat', 'echo there', '# → there'))).toEqual([]);
  });

  it('and what was begun anew begins anew, after Ctrl-C', async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'starts'), '');
    const server = `trap 'echo bye >> starts; exit' INT; echo start >> starts; echo up; while :; do sleep 0.1; done`;
    const findings = await found(
      'Without Docker, in a terminal of its own:',
      '',
      ...sh(server, '# → up'),
      'Without Docker, end it with Ctrl-C, and start it again. Then:',
      '',
      ...sh('grep --count start starts', '# → 2', 'grep --count bye starts', '# → 1'),
    );
    expect(findings).toEqual([]);
  });

  it('and what does not end by Ctrl-C is told', async () => {
    reader = new Reader(directory, { engine: 'native', endWithinMs: 500 });
    const steps = stepsOf(
      [
        'Without Docker, in a terminal of its own:',
        '',
        ...sh(`trap '' INT; echo up; sleep 60`, '# → up'),
      ].join('\n'),
    );
    expect(await reader.follow(steps)).toEqual([]);
    expect(await reader.close()).toEqual([expect.stringContaining('Ctrl-C does not end: trap')]);
    reader = undefined;
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { filesBelow, runTool, temporaryFolder } from '../support/tool.ts';

const cwd = temporaryFolder();
const path = join(cwd, 'backend', 'stage.yaml');
let written: string;

beforeAll(() => {
  const made = runTool(['backend', '--stage', 'stall', '--no-install', '--no-git', '--no-verify'], { cwd });
  expect(made.exitCode, made.stderr).toBe(0);
  written = readFileSync(path, 'utf8');
});

describe.each([
  ['a mistyped key', (text: string) => text.replace('port: 3000', 'prot: 3000'), /stage\.yaml:9:3: "prot"/],
  [
    'a guarantee that is not there',
    (text: string) => text.replace('[]', '[{ guarantee: nginx.cashing, because: x }]'),
    /stage\.yaml:\d+:\d+: there is no guarantee "nginx\.cashing".*nginx\.caching/s,
  ],
])('%s in stage.yaml', (_what, edit, told) => {
  it.each([['verify'], ['grow'], ['regenerate']])('is refused by %s, and nothing is changed', command => {
    writeFileSync(path, edit(written));
    const before = filesBelow(join(cwd, 'backend'));
    const { exitCode, stdout, stderr } = runTool([command, 'backend'], { cwd });
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(told);
    expect(filesBelow(join(cwd, 'backend'))).toEqual(before);
  });

  it('is among the findings of check', () => {
    writeFileSync(path, edit(written));
    const { exitCode, stdout } = runTool(['check', 'backend'], { cwd });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^corrupt +stage\.yaml/m);
  });
});

it('is refused by up before anything starts', () => {
  writeFileSync(path, written.replace('ready: /readyz', 'ready: http://elsewhere.example/'));
  const { exitCode, stderr } = runTool(['up', 'backend'], { cwd });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/stage\.yaml:11:10: program\.ready is not a path/);
});

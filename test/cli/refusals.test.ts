import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runTool, temporaryFolder } from '../support/tool.ts';

const NOBODY = 65_534;
const STALL = ['--stage', 'stall', '--no-install', '--no-verify'];

interface Refusal {
  readonly what: string;
  readonly args: readonly string[];
  /** What the one line has to name. */
  readonly names: readonly string[];
}

const REFUSALS: readonly Refusal[] = [
  { what: 'an unknown flag', args: ['shop', ...STALL, '--fast'], names: ['--fast', '--help'] },
  { what: 'a mistyped flag', args: ['shop', '--stag', 'stall'], names: ['--stag', '--stage'] },
  {
    what: 'a flag without its value',
    args: ['shop', '--stage'],
    names: ['--stage', 'stall', 'microservices'],
  },
  {
    what: 'an unknown stage',
    args: ['shop', '--stage', 'castle'],
    names: ['--stage', 'castle', 'stall', 'nginx'],
  },
  {
    what: 'an unknown strategy',
    args: ['shop', '--stage', 'balancer', '--strategy', 'luck'],
    names: ['--strategy', 'round-robin'],
  },
  { what: 'an unknown engine', args: ['shop', ...STALL, '--engine', 'steam'], names: ['--engine', 'native'] },
  {
    what: 'a flag of a later stage',
    args: ['shop', ...STALL, '--pool-max', '5'],
    names: ['--pool-max', '--stage pool'],
  },
  { what: 'a port that is none', args: ['shop', ...STALL, '--port', '70000'], names: ['--port', '65535'] },
  {
    what: 'a pool larger than the database',
    args: ['shop', '--stage', 'pool', '--pool-max', '500'],
    names: ['--pool-max', '45'],
  },
  {
    what: 'no terminal and no stage',
    args: ['shop'],
    names: ['--stage', 'stall', 'database', 'pool', 'balancer', 'nginx', 'microservices'],
  },
  { what: 'no terminal, --yes and no stage', args: ['shop', '--yes'], names: ['--stage'] },
  { what: 'nothing at all', args: [], names: ['--stage'] },
  { what: 'a path outside', args: ['../evil', ...STALL], names: ['../evil'] },
  { what: 'a path outside by a detour', args: ['a/../../evil', ...STALL], names: ['a/../../evil'] },
  { what: 'node_modules', args: ['node_modules', ...STALL], names: ['node_modules'] },
  { what: 'below node_modules', args: ['node_modules/shop', ...STALL], names: ['node_modules'] },
  {
    what: 'node_modules with another name',
    args: ['node_modules', ...STALL, '--name', 'shop'],
    names: ['node_modules'],
  },
  { what: 'favicon.ico', args: ['favicon.ico', ...STALL], names: ['favicon.ico'] },
  { what: 'upper case', args: ['UPPER CASE', ...STALL], names: ['UPPER CASE', 'upper-case'] },
  { what: 'a name of Node itself', args: ['fs', ...STALL], names: ['fs'] },
  { what: 'a name that npm does not take', args: ['.hidden', ...STALL], names: ['.hidden'] },
  { what: 'such a name as --name', args: ['shop', ...STALL, '--name', 'http'], names: ['--name', 'http'] },
  { what: 'an empty directory name', args: ['', ...STALL], names: ['directory'] },
  { what: 'a file as target', args: ['a-file', ...STALL], names: ['a-file'] },
  { what: 'a target below a file', args: ['a-file/shop', ...STALL], names: ['a-file/shop'] },
  { what: 'two directories', args: ['one', 'two', ...STALL], names: ['directory'] },
  { what: 'the stage as a word', args: ['stall', 'my-shop'], names: ['--stage stall'] },
  {
    what: 'an answers file that is not there',
    args: ['shop', '--config', 'none.json'],
    names: ['none.json'],
  },
  {
    what: 'an answers file that is no JSON',
    args: ['shop', '--config', 'a-file'],
    names: ['a-file', 'JSON'],
  },
  {
    what: 'an unknown field in an answers file',
    args: ['shop', '--config', 'odd.json'],
    names: ['colour', 'poolMax'],
  },
  { what: 'grow without a project', args: ['grow'], names: ['.stage/manifest.json'] },
  { what: 'a stage for regenerate', args: ['regenerate', '--stage', 'pool'], names: ['--stage'] },
  { what: 'measure', args: ['measure', '--json=no'], names: ['measure', 'later'] },
  { what: 'verify without a project', args: ['verify'], names: ['.stage/manifest.json'] },
  { what: 'up without a project', args: ['up', 'nowhere'], names: ['nowhere'] },
];

describe('bad input ends with 2, one line that names it and the way out, and nothing written', () => {
  const folder = temporaryFolder();
  const cwd = join(folder, 'work');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'a-file'), 'mine\n');
  writeFileSync(join(cwd, 'odd.json'), '{"stage":"stall","colour":"red"}');
  const before = [readdirSync(folder), readdirSync(cwd)];

  it.each(REFUSALS)('$what', ({ args, names }) => {
    const { exitCode, stdout, stderr } = runTool(args, { cwd });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    for (const name of names) expect(stderr).toContain(name);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
    expect([readdirSync(folder), readdirSync(cwd)]).toEqual(before);
  });

  it.each(REFUSALS.filter(({ args }) => !args.includes('--json=no')))('$what, as JSON', ({ args }) => {
    const { exitCode, stdout } = runTool([...args, '--json'], { cwd });
    const envelope = JSON.parse(stdout);
    expect(envelope).toMatchObject({ schemaVersion: 1, ok: false, error: { code: 'usage' } });
    expect(exitCode).toBe(2);
    expect(readdirSync(cwd)).toEqual(before[1]);
  });

  it('a target without permission', () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    chmodSync(folder, 0o755);
    const uid = process.getuid?.() === 0 ? { uid: NOBODY } : {};
    const { exitCode, stderr } = runTool([join(closed, 'shop'), ...STALL], { cwd, ...uid });
    expect(stderr).toContain('permission');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(exitCode).toBe(2);
    expect(readdirSync(closed)).toEqual([]);
  });
});

import { chmod, mkdir, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, expectStatus, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { describe } from '../../http/client.ts';
import { newMark } from '../../http/mark.ts';
import { findPage, PUBLIC, ROOT } from '../../http/page.ts';
import { NotPromised } from '../../outcome.ts';

/** Folders as URLs have them. */
const PREFIXES = ['/', '/images/', '/errors/', '/.well-known/'];
/** Ways up and out, from a folder to the project's own files. */
const WAYS_OUT = [
  '../package.json',
  '../../package.json',
  '..%2fpackage.json',
  '..%2f..%2fpackage.json',
  '%2e%2e/package.json',
  '%2e%2e%2f%2e%2e%2fpackage.json',
  '..%5c..%5cpackage.json',
  '%252e%252e%252fpackage.json',
  '..;/package.json',
  './/../../package.json',
  '%00',
  'index.html%00.svg',
];
const NOT_PUBLIC = [
  '/.env',
  '/.git/config',
  '/images../package.json',
  '//package.json',
  '/%2e%2e/package.json',
];
/** What ends up beside pages without anybody wanting it there. */
const LEFT_OVERS = ['.NAME', 'NAME.bak', 'NAME.conf', 'NAME.sql', 'NAME.env', 'NAME.key'];

export const nginxTraversal: Guarantee = {
  id: 'nginx.traversal',
  lines: ['F5'],
  title: 'no path leads out of the public files, nor to hidden ones and left-overs among them',
  from: 'nginx',
  needs: [],
  async check(world) {
    const canary = newMark(world.random);
    const folders = await foldersToPlantIn(world);
    const hidden = folders.flatMap(folder => LEFT_OVERS.map(name => folder + name.replace('NAME', canary)));
    const open = `/.well-known/${canary}`;
    const files = await planted(world, [...hidden, open]);
    try {
      const found = await world.door.get(open, ROOT);
      expectStatus(found, 200);
      const paths = [
        ...PREFIXES.flatMap(prefix => WAYS_OUT.map(way => prefix + way)),
        ...NOT_PUBLIC,
        ...hidden.flatMap(path => [path, path.replace(/([^/]+)$/, '/$1'), path.replace('/.', '/%2e')]),
      ];
      const page = await findPage(world);
      for (const path of paths) await expectHidden(world, path, page?.response.text);
      return kept(`${paths.length} paths are 400 or 404; /.well-known/ is served`, { paths: paths.length });
    } finally {
      for (const file of files) await unlink(file).catch(() => {});
      // Only if this check made it: a folder with files in it stays.
      await rmdir(join(world.directory, PUBLIC, '.well-known')).catch(() => {});
    }
  },
};

/** @param page what the owner may show at every path that leads to nothing */
async function expectHidden({ door }: World, path: string, page: string | undefined): Promise<void> {
  const response = await door.get(path, ROOT);
  const isHidden = response.status === 400 || response.status === 404 || response.text === page;
  expect(isHidden, `${describe(response)}, not 400 or 404`);
}

/** @throws NotPromised where the project has no public files */
async function foldersToPlantIn({ directory }: World): Promise<string[]> {
  const isThere = async (folder: string) =>
    (await stat(join(directory, PUBLIC, folder)).catch(() => undefined))?.isDirectory() ?? false;
  if (!(await isThere('/'))) throw new NotPromised(`there is no folder ${PUBLIC}/ for nginx to serve`);
  return (await isThere('/images/')) ? ['/', '/images/'] : ['/'];
}

/** Puts files among the public ones, readable for nginx whoever it runs as. @returns where they are */
async function planted({ directory }: World, paths: readonly string[]): Promise<string[]> {
  const wellKnown = join(directory, PUBLIC, '.well-known');
  if (await mkdir(wellKnown, { recursive: true })) await chmod(wellKnown, 0o755);
  const files = paths.map(path => join(directory, PUBLIC, path));
  for (const file of files) {
    await writeFile(file, 'not for everybody\n');
    await chmod(file, 0o644);
  }
  return files;
}

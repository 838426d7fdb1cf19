/** The pages are the owner's to replace: what nginx promises about them holds for whatever is there. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import { openProject } from '../../src/project/generated.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { defaultAnswers, installedProject } from '../support/generated-project.ts';
import { Editor } from '../support/realistic-edits.ts';

const ABOUT_FILES = ['static', 'routing', 'one-door', 'headers', 'traversal', 'caching'].map(
  name => `nginx.${name}`,
);

let directory: string;

beforeAll(async () => {
  directory = await installedProject(defaultAnswers('nginx'));
}, 180_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** What is not kept, with its reason. */
async function notKept(): Promise<string[]> {
  const { blueprint, stageFile } = await openProject(directory, directory);
  const { guarantees } = await verifyProject({
    directory,
    blueprint,
    stageFile,
    engine: nativeEngine,
    only: ABOUT_FILES,
  });
  return guarantees
    .filter(({ status }) => status !== 'kept')
    .map(({ id, status, detail }) => `${id} ${status}: ${detail}`);
}

test('a page of words alone, without style, script or image', async () => {
  const files = join(directory, 'public');
  for (const name of ['images', 'style.css', 'app.js']) await rm(join(files, name), { recursive: true });
  await writeFile(join(files, 'index.html'), '<!doctype html><title>Hello</title><p>Nothing else is here.');
  expect(await notKept()).toEqual([]);
});

test('that page for every path that is no file', async () => {
  const missing = 'location / {\n      try_files $uri =404;';
  const config = new Editor(directory);
  config.replace('nginx/nginx.conf', missing, missing.replace('=404', '/index.html'));
  expect(await notKept()).toEqual([]);
  config.undo();
});

test('no page at all', async () => {
  await rm(join(directory, 'public', 'index.html'));
  expect(await notKept()).toEqual([
    'nginx.static not-promised: there is no public/index.html: nginx has no page to serve',
  ]);
});

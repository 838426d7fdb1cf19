/** The page at the front door, and those of nginx's own files that it refers to. All of them are the owner's to replace. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, expectStatus } from '../expect.ts';
import type { World } from '../guarantee.ts';
import { NotPromised } from '../outcome.ts';
import type { HttpResponse } from './client.ts';

/** The folder of public files: nginx's root. */
export const PUBLIC = 'public';
/** Paths start at the address's root, not at the API. */
export const ROOT = { from: 'root' } as const;

const REFERENCE = /["'(=]([^"'()\s<>]+\.(?:css|js|png|jpe?g|gif|svg|webp|avif|ico)(?:[?#][^"'()\s<>]*)?)/gi;

export interface Page {
  readonly response: HttpResponse;
  /** Paths of style sheets and scripts. */
  readonly texts: readonly string[];
  readonly images: readonly string[];
}

/** @returns the page; undefined where the project has none. @throws Broken if it has one that is not served */
export async function findPage({
  door,
  directory,
}: Pick<World, 'door' | 'directory'>): Promise<Page | undefined> {
  if (!(await isPublic(directory, '/index.html'))) return undefined;
  const response = await door.get('/', ROOT);
  expectStatus(response, 200);
  const type = response.headers['content-type'] ?? 'no type';
  expect(type.startsWith('text/html'), `GET / answered 200 as ${type}, not as text/html`);
  const files = await filesNamedIn(response.text, directory);
  const isText = (path: string) => /\.(?:css|js)(?:\?|$)/i.test(path);
  return { response, texts: files.filter(isText), images: files.filter(path => !isText(path)) };
}

/** The same, for checks that are about the page. @throws NotPromised where the project has none */
export async function pageOf(world: Pick<World, 'door' | 'directory'>): Promise<Page> {
  const page = await findPage(world);
  if (!page) throw new NotPromised(`there is no ${PUBLIC}/index.html: nginx has no page to serve`);
  return page;
}

/** What the page names may also come from elsewhere, or from the program: only files of the project are nginx's. */
async function filesNamedIn(html: string, directory: string): Promise<string[]> {
  const files = new Set<string>();
  for (const [, reference = ''] of html.matchAll(REFERENCE)) {
    if (!URL.canParse(reference, 'https://page')) continue;
    const { host, pathname, search } = new URL(reference, 'https://page');
    if (host === 'page' && (await isPublic(directory, pathname))) files.add(pathname + search);
  }
  return [...files];
}

async function isPublic(directory: string, path: string): Promise<boolean> {
  const found = await stat(join(directory, PUBLIC, path)).catch(() => undefined);
  return found?.isFile() ?? false;
}

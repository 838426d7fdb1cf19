import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChangedProject } from '../../support/changed-project.ts';
import { temporaryFolder } from '../../support/tool.ts';

const BEFORE = 'services:\n  app:\n    image: app\n  door:\n    image: door:1\nvolumes:\n  data:\n';
const AFTER = 'services:\n  app:\n    image: app\n  gate:\n    image: gate\nvolumes:\n  data:\n';

const folder = temporaryFolder();
let count = 0;
const project = () => new ChangedProject(join(folder, String(count++)), { 'compose.yaml': BEFORE });

describe('services that are replaced', () => {
  it('are those that compose.yaml loses, whatever its owner has added', async () => {
    const shop = project();
    shop.edit('compose.yaml', 'volumes:', '  mine:\n    image: mine\nvolumes:');
    expect((await shop.grow({ 'compose.yaml': AFTER })).replacedServices).toEqual(['door']);
    expect(shop.read('compose.yaml')).toContain('  mine:');
    expect((await shop.grow({ 'compose.yaml': AFTER })).replacedServices).toEqual([]);
  });

  it('are none where its owner’s edits keep them, or where nobody can tell', async () => {
    const kept = project();
    kept.edit('compose.yaml', 'door:1', 'door:2');
    expect((await kept.grow({ 'compose.yaml': AFTER })).replacedServices).toEqual([]);
    expect(kept.read('compose.yaml')).toContain('door:2');
    const damaged = project();
    damaged.write('compose.yaml', 'services: [');
    expect((await damaged.grow({ 'compose.yaml': AFTER })).replacedServices).toEqual([]);
  });
});

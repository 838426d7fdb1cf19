/** A project with realistic edits that grows by the command itself: installed, verified and asked at each stage. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from '../../src/engines/engine.ts';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import type { StageName } from '../../src/journey/stages.ts';
import { openProject } from '../../src/project/generated.ts';
import { HttpClient } from '../../src/verify/http/client.ts';
import { Editor, editsSince, missingLines } from './realistic-edits.ts';
import { runTool, temporaryFolder } from './tool.ts';

const REVIEW = { stars: 5, text: 'Types by itself.' };

/** @param stages in the order of the journey; the project starts at the first one */
export function describeGrowth([first, ...rest]: readonly [StageName, ...StageName[]]): void {
  describe('a project with realistic edits', () => {
    const cwd = temporaryFolder();
    const directory = join(cwd, 'shop');
    let running: Running | undefined;

    beforeAll(() => {
      const args = ['shop', '--stage', first, '--no-git', '--no-install', '--no-verify'];
      expect(runTool(args, { cwd })).toMatchObject({ exitCode: 0 });
      edit(first);
    });
    afterAll(async () => running?.down());

    let stageBefore: StageName | undefined;
    const edit = (stage: StageName) => {
      for (const { make } of editsSince(stage, stageBefore)) make(new Editor(directory));
      stageBefore = stage;
    };

    it.each(rest)(
      'grows to %s: keeps its guarantees, and its own route answers',
      async stage => {
        const args = ['grow', 'shop', '--to', stage, '--yes', '--engine', 'native', '--json'];
        const { stdout, stderr, exitCode } = runTool(args, { cwd });
        const report = JSON.parse(stdout);
        expect(report, stderr).toMatchObject({
          ok: true,
          stage,
          conflicts: 0,
          installed: 'installed',
          verified: true,
        });
        expect(exitCode).toBe(0);
        edit(stage);
        expect(missingLines(directory, stage)).toEqual([]);
        await answers(stage);
      },
      400_000,
    );

    async function answers(stage: StageName): Promise<void> {
      const { blueprint } = await openProject(directory, cwd);
      const project = { directory, blueprint, onProgress: () => undefined };
      await nativeEngine.prepare?.(project);
      running = await nativeEngine.up(project);
      const client = HttpClient.frontDoor(running);
      try {
        const added = await client.request('POST', '/products/1/reviews', { body: REVIEW });
        expect(added.status, added.text).toBe(201);
        // From whichever copy: it is in the table.
        for (let copy = 0; copy < 3; copy++) {
          const listed = await client.get('/products/1/reviews');
          expect(listed.json()).toEqual({ items: [{ ...REVIEW, id: expect.any(String), productId: 1 }] });
        }
        expect((await client.get('/products/1')).status).toBe(200);
        if (stage === 'nginx' || stage === 'microservices') {
          expect((await client.get('/ping')).text).toBe('pong\n');
        }
      } finally {
        client.close();
        await running.down();
        running = undefined;
      }
    }
  });
}

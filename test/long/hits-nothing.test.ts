/** Faults that hit no request: a drill that says nothing of them is right, and one that says "none failed" is not. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nativeEngine } from '../../src/engines/native/engine.ts';
import { openProject } from '../../src/project/generated.ts';
import { verifyProject } from '../../src/verify/verify-project.ts';
import { defaultAnswers, installedProject } from '../support/generated-project.ts';

const DRILLS = [
  'balancer.failover',
  'balancer.kill-under-load',
  'balancer.writes-once',
  'balancer.hang-under-load',
  'balancer.rolling-restart',
];

it('is not kept by a drill whose victim gets no requests', async () => {
  const answers = defaultAnswers('balancer');
  const directory = await installedProject(answers);
  try {
    const path = join(directory, 'haproxy', 'haproxy.cfg');
    const text = await readFile(path, 'utf8');
    // The second copy has everything: the first, which drills kill, nothing.
    const spoiled = text.replace(/^ {2}balance roundrobin$/m, '$&\n  use-server app2 if TRUE');
    expect(spoiled).not.toBe(text);
    await writeFile(path, spoiled);
    const report = await verifyProject({
      ...(await openProject(directory, directory)),
      engine: nativeEngine,
      only: DRILLS,
    });
    const verdicts = report.guarantees.map(({ id, status, why, detail }) => ({ id, status, why, detail }));
    expect(verdicts).toEqual(
      DRILLS.map(id => ({
        id,
        status: 'not-verified',
        why: 'machine',
        detail: expect.stringContaining('the fault hit no request'),
      })),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 600_000);

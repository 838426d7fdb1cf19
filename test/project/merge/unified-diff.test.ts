import { applyPatch } from 'diff';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/project/merge/unified-diff.ts';
import { randomFrom } from '../../../src/verify/random.ts';

test('a change is shown with three lines around it', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', ''].join('\n');
  const patch = unifiedDiff('a/x', 'b/x', before, before.replace('5', 'five'));
  expect(patch).toBe('--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n');
});

test('a missing last newline is told, a new and a removed file have no other side', () => {
  expect(unifiedDiff('a/x', 'b/x', 'one\n', 'one')).toContain('+one\n\\ No newline at end of file\n');
  expect(unifiedDiff('a/x', 'b/x', undefined, 'one\n')).toBe(
    '--- /dev/null\n+++ b/x\n@@ -0,0 +1,1 @@\n+one\n',
  );
  expect(unifiedDiff('a/x', 'b/x', 'one\n', undefined)).toBe(
    '--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-one\n',
  );
});

test('what it shows turns one text into the other', () => {
  const random = randomFrom(7);
  const some = () => Array.from({ length: 40 }, () => String(Math.floor(random() * 25))).join('\n');
  for (let run = 0; run < 200; run++) {
    const before = some();
    const lines = before.split('\n');
    for (let edit = 0; edit < 4; edit++) {
      lines.splice(
        Math.floor(random() * 40),
        Math.floor(random() * 3),
        ...(random() < 0.6 ? [`new ${edit}`] : []),
      );
    }
    const after = lines.join('\n') + (random() < 0.5 ? '\n' : '');
    expect(applyPatch(before, unifiedDiff('a/x', 'b/x', before, after))).toBe(after);
  }
});

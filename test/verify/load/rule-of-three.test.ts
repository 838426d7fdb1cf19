import { expect, test } from 'vitest';
import { withBound } from '../../../src/verify/load/rule-of-three.ts';

test.each([
  [5_000, '0 of 5000 (95 %: at most 0.06 %)'],
  [5_001, '0 of 5001 (95 %: at most 0.06 %)'],
  [4_999, '0 of 4999 (95 %: at most 0.061 %)'],
  [700, '0 of 700 (95 %: at most 0.43 %)'],
  [30, '0 of 30 (95 %: at most 10 %)'],
  [2, '0 of 2 (95 %: at most 100 %)'],
  [0, '0 of 0 (95 %: at most 100 %)'],
])('says what none of %i bounds', (count, words) => {
  expect(withBound(count)).toBe(words);
});

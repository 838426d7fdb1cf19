import { expect, it } from 'vitest';
import { inheritedEnvironment } from '../../../src/engines/run/environment.ts';

it('the inherited environment holds what programs need to start, and no more', () => {
  expect(
    inheritedEnvironment({ PATH: '/bin', PGHOST: 'elsewhere', NODE_OPTIONS: '--inspect', AWS_SECRET: 'x' }),
  ).toEqual({
    PATH: '/bin',
  });
});

/**
 * Before the tests with servers: where no Docker Engine answers, or images are missing, a script beside the repository that brings up
 * an engine with stand-in images is run, if there is one. Elsewhere Docker is taken as it is, and pulls what it needs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { IMAGES } from '../../src/journey/versions.ts';
import { whyNoDocker } from './docker.ts';
import { ROOT } from './tool.ts';

const BRING_UP = resolve(ROOT, '..', 'shared', 'docker-lab', 'up');
const WITHIN_MS = 600_000;

export function setup(): void {
  const images = Object.values(IMAGES);
  if (!existsSync(BRING_UP) || whyNoDocker({ images }) === undefined) return;
  process.stderr.write('setup: bringing up a Docker Engine and its images (a few minutes the first time)\n');
  const { status } = spawnSync(BRING_UP, images, { stdio: ['ignore', 2, 2], timeout: WITHIN_MS });
  if (status !== 0) process.stderr.write('setup: NO DOCKER: tests that need it will be skipped\n');
}

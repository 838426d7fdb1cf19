/** A folder with a compose.yaml, run the way a user runs it, under a name of its own. */
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { everythingInDocker } from '../support/docker.ts';
import type { Container } from './probes.ts';

export class ComposeProject {
  readonly directory: string;
  /** Part of the name of whatever Compose makes for it. */
  readonly name: string;

  constructor(directory: string, name: string) {
    this.directory = directory;
    this.name = name;
  }

  async compose(...args: string[]): Promise<string> {
    const env = { COMPOSE_PROJECT_NAME: this.name };
    return (await execa('docker', ['compose', ...args], { cwd: this.directory, env })).stdout;
  }

  /** All containers, finished ones included. */
  async containers(): Promise<Container[]> {
    const ids = await lines('ps', '-aq', '--filter', `label=com.docker.compose.project=${this.name}`);
    if (ids.length === 0) return [];
    return JSON.parse((await execa('docker', ['inspect', ...ids])).stdout) as Container[];
  }

  /** Whatever bears the project's name. */
  leftovers(): string[] {
    return everythingInDocker(this.name).map(({ name }) => name);
  }
}

/** A name that no other run has. */
export function nameOfItsOwn(label: string): string {
  return `as-typed-${label}-${randomBytes(3).toString('hex')}`;
}

async function lines(...args: string[]): Promise<string[]> {
  return (await execa('docker', args)).stdout.split('\n').filter(line => line !== '');
}

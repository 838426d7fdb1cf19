/** A folder with a compose.yaml, run the way a user runs it, but under a name and on ports of its own. */
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { everythingInDocker } from '../support/docker.ts';
import type { Container } from './probes.ts';

export class ComposeProject {
  readonly directory: string;
  /** Part of the name of whatever Compose makes for it. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;

  /** @param ports values for the variables by which compose.yaml takes its host ports */
  constructor(directory: string, label: string, ports: Readonly<Record<string, number>> = {}) {
    this.directory = directory;
    this.name = `as-typed-${label}-${randomBytes(3).toString('hex')}`;
    const published = Object.entries(ports).map(([key, port]) => [key, `127.0.0.1:${port}`]);
    this.env = { COMPOSE_PROJECT_NAME: this.name, ...Object.fromEntries(published) };
  }

  /** Types a line into a shell in the folder. @returns what it printed. @throws Error with both streams if it fails */
  async type(line: string): Promise<string> {
    const { stdout } = await execa('bash', ['-e', '-c', line], {
      cwd: this.directory,
      env: this.env,
      stdin: 'ignore',
    });
    return stdout;
  }

  async compose(...args: string[]): Promise<string> {
    return (await execa('docker', ['compose', ...args], { cwd: this.directory, env: this.env })).stdout;
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

async function lines(...args: string[]): Promise<string[]> {
  return (await execa('docker', args)).stdout.split('\n').filter(line => line !== '');
}

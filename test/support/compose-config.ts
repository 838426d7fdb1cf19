/** A generated compose.yaml as Docker Compose understands it, and as it is written. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import type { Blueprint } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import type { Answers } from '../../src/journey/options.ts';
import { planProject } from '../../src/plan/plan.ts';

/** The parts of `docker compose config --format json` that are looked at. */
export interface ComposeService {
  image?: string;
  build?: unknown;
  user?: string;
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  init?: boolean;
  privileged?: boolean;
  devices?: unknown[];
  network_mode?: string;
  pid?: string;
  ipc?: string;
  userns_mode?: string;
  container_name?: string;
  restart?: string;
  stop_grace_period?: string;
  logging?: { driver?: string; options?: Record<string, string> };
  healthcheck?: { disable?: boolean; test?: string[]; interval?: string; timeout?: string; retries?: number };
  environment?: Record<string, string | null>;
  networks?: Record<string, unknown>;
  ports?: { target: number; published?: string; protocol?: string; mode?: string; host_ip?: string }[];
  volumes?: { type: string; source?: string; target: string; read_only?: boolean }[];
  secrets?: { source: string }[];
  depends_on?: Record<string, { condition: string }>;
  deploy?: {
    replicas?: number;
    resources?: { limits?: { cpus?: number | string; memory?: string; pids?: number } };
  };
}

export interface ComposeConfig {
  name: string;
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean; external?: boolean }>;
  volumes?: Record<string, unknown>;
  secrets?: Record<string, { file?: string }>;
}

/** compose.yaml as it is written: keys may say `<<`, and what was merged is not yet in its place. */
export interface WrittenCompose {
  version?: string;
  'x-hardened'?: Record<string, unknown>;
  services: Record<string, Record<string, unknown>>;
}

/** All that a rule may look at. */
export interface ComposeCase {
  readonly config: ComposeConfig;
  readonly written: WrittenCompose;
  readonly text: string;
  readonly blueprint: Blueprint;
  /** The project's folder: paths in `config` are absolute. */
  readonly folder: string;
}

/** Why `docker compose config` cannot be asked here, or '' where it can. No Docker Engine is needed for it. */
export function composeMissing(): string {
  const { error, status, stdout } = spawnSync('docker', ['compose', 'version', '--short'], {
    encoding: 'utf8',
  });
  if (error) return 'there is no docker command';
  if (status !== 0) return 'docker has no compose plugin';
  return /^v?([2-9]|\d\d)\./.test(stdout) ? '' : `docker compose is ${stdout.trim()}, not 2 or later`;
}

/** The compose.yaml that is generated for these answers. */
export async function composeText(answers: Answers): Promise<string> {
  const file = (await planProject(answers)).files.find(({ path }) => path === 'compose.yaml');
  if (!file) throw new Error('the plan has no compose.yaml');
  return String(file.bytes);
}

/** @throws Error with Compose's complaint */
export async function composeCase(answers: Answers): Promise<ComposeCase> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'create-backend-stage-test-')));
  try {
    const text = await composeText(answers);
    await writeFile(join(folder, 'compose.yaml'), text);
    const { stdout } = await execa('docker', ['compose', 'config', '--format', 'json'], {
      cwd: folder,
      env: withoutSettings(),
      extendEnv: false,
    });
    const config = JSON.parse(stdout) as ComposeConfig;
    return { config, written: writtenCompose(text), text, blueprint: buildBlueprint(answers), folder };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The environment, without what would change the file's own ports or name. */
function withoutSettings(): NodeJS.ProcessEnv {
  const isSetting = (key: string) => key.startsWith('COMPOSE_') || /^(HTTPS?_)?PORT$/.test(key);
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !isSetting(key)));
}

export function writtenCompose(text: string): WrittenCompose {
  return load(text) as WrittenCompose;
}

/** With `<<` carried out, as the schema wants it. */
export function mergedCompose(text: string): unknown {
  return load(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
}

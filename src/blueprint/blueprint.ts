/**
 * The blueprint: what runs for a set of answers, as plain data. The compose file, the proxies' configurations, the native
 * processes and the diagrams are all read off it; nothing else decides what runs.
 */
import type { StageName } from '../journey/stages.ts';

/** `edge` is the only network with a way out; `mail` lets the mailer reach its server; the others are internal. */
export type NetworkName = 'edge' | 'app' | 'data' | 'mail';

/**
 * An environment variable of a node. A value is literal text, or a reference that each engine resolves its own way:
 * Compose by service name and `/run/secrets`, the native engine by loopback port and a file in its run directory.
 */
export type EnvEntry =
  | { readonly key: string; readonly value: string }
  | { readonly key: string; readonly hostOf: string }
  | { readonly key: string; readonly portOf: string }
  | { readonly key: string; readonly urlOf: string; readonly scheme: 'http' | 'smtp' }
  | { readonly key: string; readonly secretFile: string };

export interface Need {
  readonly node: string;
  readonly condition: 'healthy' | 'completed';
}

interface NodeBase {
  /** The Compose service's name, and the name by which engines and guarantees address the node. */
  readonly name: string;
  readonly image: string;
  readonly networks: readonly NetworkName[];
  readonly needs: readonly Need[];
  /** Names of the secrets that this node may read. */
  readonly secrets: readonly string[];
  readonly env: readonly EnvEntry[];
  /** The port that it listens on inside its container. */
  readonly port: number;
  /** Ceilings for one container. */
  readonly limits: { readonly cpus: string; readonly memory: string; readonly pids: number };
  /** What one line of a diagram says about it. */
  readonly caption: string;
}

/** A Node program of the project that keeps running: the app itself, or one of the services. */
export interface ProgramNode extends NodeBase {
  readonly kind: 'program';
  /** The workspace that holds it, relative to the project: `.` or `services/orders`. */
  readonly folder: string;
  readonly replicas: number;
  readonly database: string;
  /** Answers 200 when the program wants requests. */
  readonly healthPath: string;
  /** Answers 200 while the process is alive; undefined where the program has no such path. */
  readonly livePath: string | undefined;
  /** What builds it, in words, run in the project's folder; empty where nothing has to be built. */
  readonly build: readonly string[];
  /** What starts it, in words, run in `folder`. */
  readonly start: readonly string[];
}

/** What tells one program from another. */
export interface ProgramSpec {
  readonly name: string;
  readonly folder: string;
  readonly replicas: number;
  readonly env: readonly EnvEntry[];
  readonly secrets: readonly string[];
  readonly caption: string;
  /** Whether the front door sends requests to it; absent: yes. */
  readonly isPublic?: boolean;
  readonly reachesMail?: boolean;
}

/** A Node program of the project that runs to its end before others start: a migration. */
export interface JobNode extends NodeBase {
  readonly kind: 'job';
  readonly folder: string;
  /** Compiled entry file, relative to `folder`. */
  readonly entry: string;
  readonly database: string;
}

export interface PostgresNode extends NodeBase {
  readonly kind: 'postgres';
  readonly maxConnections: number;
}

export interface HaproxyNode extends NodeBase {
  readonly kind: 'haproxy';
  readonly strategy: 'round-robin' | 'least-connections';
  /** The program node whose copies it balances. */
  readonly balances: string;
}

export interface NginxRoute {
  /** A URL prefix under the front door's base path, such as `/orders`, or '' for whatever no other route takes. */
  readonly prefix: string;
  /** Name of the nginx upstream that serves it. */
  readonly upstream: string;
}

export interface NginxUpstream {
  readonly name: string;
  /** The node behind it: a program's copies, or HAProxy. */
  readonly node: string;
  readonly strategy: 'round-robin' | 'least-connections';
}

export interface NginxNode extends NodeBase {
  readonly kind: 'nginx';
  readonly domain: string;
  /** The container's port for HTTPS. */
  readonly tlsPort: number;
  readonly upstreams: readonly NginxUpstream[];
  readonly routes: readonly NginxRoute[];
}

/** A development SMTP server that keeps what it gets; production points SMTP_URL at a real one. */
export interface MailNode extends NodeBase {
  readonly kind: 'mail';
}

export type BlueprintNode = ProgramNode | JobNode | PostgresNode | HaproxyNode | NginxNode | MailNode;

export interface DatabaseSpec {
  readonly name: string;
  /** Owns the schemas and migrates them. */
  readonly ownerRole: string;
  /** The programs' own role: reads and writes rows, owns nothing. */
  readonly appRole: string;
  /** Names of the secrets that hold their passwords. */
  readonly ownerSecret: string;
  readonly appSecret: string;
}

export interface SecretSpec {
  readonly name: string;
  readonly purpose: string;
  /** `random`: 32 random characters; the others are the halves of one self-signed certificate, or of one signing key pair. */
  readonly kind: 'random' | 'tls-certificate' | 'tls-key' | 'ed25519-private' | 'ed25519-public';
}

export interface FrontDoor {
  readonly node: string;
  readonly scheme: 'http' | 'https';
  /** The port on the user's machine. */
  readonly publishedPort: number;
  /** The port that only redirects to HTTPS, where there is one. */
  readonly redirectPort: number | undefined;
  /** What the API's paths begin with: '' or '/api'. */
  readonly basePath: '' | '/api';
  readonly domain: string;
}

export interface Blueprint {
  readonly stage: StageName;
  readonly project: string;
  /** In an order in which they can start. */
  readonly nodes: readonly BlueprintNode[];
  readonly frontDoor: FrontDoor;
  readonly databases: readonly DatabaseSpec[];
  readonly secrets: readonly SecretSpec[];
}

/** The node called `name`. @throws Error if the blueprint has none: a fault in the generator, not in the input. */
export function nodeNamed(blueprint: Blueprint, name: string): BlueprintNode {
  const found = blueprint.nodes.find(node => node.name === name);
  if (!found) throw new Error(`the blueprint has no node called ${name}`);
  return found;
}

/** How many copies of a node run. */
export function copyCount(node: BlueprintNode): number {
  return node.kind === 'program' ? node.replicas : 1;
}

export function nodesOfKind<K extends BlueprintNode['kind']>(
  blueprint: Blueprint,
  kind: K,
): Extract<BlueprintNode, { kind: K }>[] {
  return blueprint.nodes.filter((node): node is Extract<BlueprintNode, { kind: K }> => node.kind === kind);
}

/** How an engine resolves the references in a node's environment. */
export interface Places {
  host(node: string): string;
  port(node: string): number;
  secretFile(name: string): string;
}

/** A node's environment with every reference resolved. */
export function resolveEnv(node: BlueprintNode, places: Places): Record<string, string> {
  return Object.fromEntries(node.env.map(entry => [entry.key, resolveEntry(entry, places)]));
}

/** One value of a node's environment, its reference resolved. */
export function resolveEntry(entry: EnvEntry, places: Places): string {
  if ('value' in entry) return entry.value;
  if ('hostOf' in entry) return places.host(entry.hostOf);
  if ('portOf' in entry) return String(places.port(entry.portOf));
  if ('urlOf' in entry) return `${entry.scheme}://${places.host(entry.urlOf)}:${places.port(entry.urlOf)}`;
  return places.secretFile(entry.secretFile);
}

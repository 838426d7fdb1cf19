/** A program that this machine needs to run a node natively. */
import type { FetchOptions } from '../engines/native/embedded-postgres.ts';

export interface Tool {
  /** As package managers call it. */
  readonly name: string;
  /** Which stages need it, in words. */
  readonly purpose: string;
  /** The program, or the folder of its programs; undefined where it is not installed. */
  find(): Promise<string | undefined>;
  /** @param found what `find` found @returns such as `1.22.1`, or nothing where it does not say */
  version(found: string): Promise<string>;
  /** How it comes here by itself where it is not installed. */
  readonly fetched?: Fetched;
}

export interface Fetched {
  /** What `doctor` says where it has not come yet. */
  readonly note: string;
  isPossible(): Promise<boolean>;
  /** @throws EngineError when it fails */
  fetch(options: FetchOptions): Promise<string>;
  /** The command that installs it by hand. */
  installHint(): Promise<string>;
}

/** A tool that is one program on PATH. @param flag has it print its version */
export function programOnPath(name: string, purpose: string, flag: string): Tool {
  return {
    name,
    purpose,
    find: async () => (await import('../processes/executables.ts')).findExecutable(name),
    version: async found => (await import('../processes/executables.ts')).reportedVersion(found, flag),
  };
}

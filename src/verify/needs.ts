/** Which probes of `stage.yaml` a guarantee needs. */
import type { StageFile } from '../stage-file/stage-file.ts';

/** Whether the file has what a guarantee may need, by the name under which its owner finds it there. */
const PRESENT = {
  'probes.read': ({ probes }: StageFile) => probes.read !== undefined,
  'probes.write': ({ probes }: StageFile) => probes.write !== undefined,
  'probes.write.as': ({ probes }: StageFile) => probes.write?.as !== undefined,
  'probes.write.key': ({ probes }: StageFile) => probes.write?.key !== undefined,
  'probes.write.readBack': ({ probes }: StageFile) => probes.write?.readBack !== undefined,
  'probes.write.settles': ({ probes }: StageFile) => probes.write?.settles !== undefined,
  'probes.write.without': ({ probes }: StageFile) => probes.write?.without !== undefined,
  'probes.write.mails': ({ probes }: StageFile) => probes.write?.mails !== undefined,
  'probes.logins': ({ probes }: StageFile) => Object.keys(probes.logins).length > 0,
  'database.lock': ({ database }: StageFile) => database?.lock !== undefined,
  'database.counts': ({ database }: StageFile) => database?.counts !== undefined,
} as const satisfies Readonly<Record<string, (facts: StageFile) => boolean>>;

export type ProbeName = keyof typeof PRESENT;

/** A probe, or several of which one is enough. */
export type ProbeNeed = ProbeName | readonly ProbeName[];

/** @returns what is missing, in words; undefined where the file has all of it */
export function missingIn(facts: StageFile, needs: readonly ProbeNeed[]): string | undefined {
  const missing = needs.find(need => !anyOf(need).some(name => PRESENT[name](facts)));
  return missing && anyOf(missing).join(' or ');
}

/** @returns the first need whose probes that are there do not do what the file says */
export function brokenAmong(
  facts: StageFile,
  needs: readonly ProbeNeed[],
  isBroken: (probe: ProbeName) => boolean,
): ProbeName | undefined {
  return needs.flatMap(anyOf).find(name => PRESENT[name](facts) && isBroken(rootOf(name)));
}

/** `probes.write.key` stands and falls with `probes.write`. */
function rootOf(name: ProbeName): ProbeName {
  return name.startsWith('probes.write') ? 'probes.write' : name;
}

function anyOf(need: ProbeNeed): readonly ProbeName[] {
  return typeof need === 'string' ? [need] : need;
}

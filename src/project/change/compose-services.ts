/** Gives services of a compose.yaml other names, where they stand and where others depend on them; no other byte changes. */

type Names = readonly (readonly [from: string, to: string])[];

/** The text as it was, if it already has a service of a new name: it would be there twice. */
export function renameServices(text: string, names: Names): string {
  const lines = text.split('\n');
  const start = lines.findIndex(line => /^services:/.test(line));
  if (start < 0) return text;
  const length = lines.slice(start + 1).findIndex(line => /^[^\s#]/.test(line));
  const end = length < 0 ? lines.length : start + 1 + length;
  const own = lines.slice(start + 1, end);
  const indent = indentOf(own.find(isContent) ?? '');
  const keys = new Set(own.filter(line => indentOf(line) === indent).map(line => keyOf(line)));
  if (names.some(([from, to]) => keys.has(from) && keys.has(to))) return text;
  const renamed = new Map(names.filter(([from]) => keys.has(from)));
  let depends = Number.POSITIVE_INFINITY;
  const body = own.map(line => {
    const at = indentOf(line);
    if (isContent(line) && at <= depends) depends = Number.POSITIVE_INFINITY;
    if (at === indent) return line.replace(KEY, (whole, lead, key) => lead + renamedKey(whole, lead, key));
    if (at > depends) return line.replace(ENTRY, (whole, lead, key) => lead + renamedKey(whole, lead, key));
    if (!/^\s*depends_on\s*:/.test(line)) return line;
    depends = at;
    return line.replace(/[[{].*/, flow =>
      flow.replace(/(?<=[[{,]\s*["']?)[\w.-]+/g, key => renamed.get(key) ?? key),
    );
  });
  function renamedKey(whole: string, lead: string, key: string): string {
    return renamed.get(key) ?? whole.slice(lead.length);
  }
  return [...lines.slice(0, start + 1), ...body, ...lines.slice(end)].join('\n');
}

const KEY = /^(\s*["']?)([\w.-]+)(?=["']?\s*:)/;
/** In a mapping or a list. */
const ENTRY = /^(\s*(?:-\s+)?["']?)([\w.-]+)(?=["']?\s*(?:[:#]|$))/;

const isContent = (line: string) => !/^\s*(#|$)/.test(line);
const indentOf = (line: string) => /^ */.exec(line)?.[0].length ?? 0;
const keyOf = (line: string) => KEY.exec(line)?.[2];

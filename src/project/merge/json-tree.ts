/** JSON with comments and trailing commas, as a tree. */
import type { Node } from './tree.ts';

const TOKEN = /\s+|\/\/.*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|[-+.\w]+|[{}[\],:]/y;
const LINE_REST = /[^\S\n]*(?:\/\*(?:(?!\*\/)[^\n])*\*\/[^\S\n]*)*(?:\/\/.*)?/y;
const COMMENT = /^\/[/*]/;
/** Deeper files than any that people write, and far from the end of the stack. */
const MAX_DEPTH = 200;

/** @throws Error saying what is wrong, also where a key stands twice in an object */
export function parseJson(text: string): Node {
  let at = 0;
  let token = '';
  next();
  const root = value(0, 0, 0);
  if (token) throw new Error('text behind its end');
  return root;

  /** Moves on to the next token that is neither space nor comment; '' is the end. */
  function next(): void {
    at += token.length;
    do {
      TOKEN.lastIndex = at;
      token = TOKEN.exec(text)?.[0] ?? '';
      if (!token && at < text.length) throw new Error(`unexpected ${text[at]}`);
      if (!/^\s/.test(token) && !COMMENT.test(token)) return;
      at += token.length;
    } while (token);
  }

  function value(from: number, keyStart: number, depth: number): Node {
    const start = at;
    if (depth > MAX_DEPTH) throw new Error('nested too deeply');
    const isObject = token === '{';
    const inside = isObject || token === '[' ? members(isObject, depth + 1) : { leaf: literal() };
    const end = at + token.length;
    next();
    const comma = token === ',' ? at : undefined;
    const to = lineRest(text, comma === undefined ? end : comma + 1);
    return Object.assign(inside, { start, end, keyStart, from, to, comma });
  }

  function literal(): string {
    const known: unknown = JSON.parse(token || ' ');
    // Not the number itself: two long ones can be the same to JavaScript.
    return typeof known === 'string' ? JSON.stringify(known) : token;
  }

  function members(isObject: boolean, depth: number): Pick<Node, 'entries' | 'items'> {
    const entries = new Map<string, Node>();
    const items: Node[] = [];
    const close = isObject ? '}' : ']';
    let from = lineRest(text, at + 1);
    for (next(); token !== close; ) {
      const keyStart = at;
      const key = isObject ? property() : '';
      if (entries.has(key)) throw new Error(`two keys ${key}`);
      const member = value(from, keyStart, depth);
      if (isObject) entries.set(key, member);
      else items.push(member);
      from = member.to;
      if (member.comma !== undefined) next();
      else if (token !== close) throw new Error(`no comma before ${token}`);
    }
    return isObject ? { entries } : { items };
  }

  function property(): string {
    if (!token.startsWith('"')) throw new Error(`a key is not a string: ${token}`);
    const key: unknown = JSON.parse(token);
    next();
    if (token !== ':') throw new Error(`no colon behind ${key}`);
    next();
    return String(key);
  }
}

/** The end of what belongs to the line's own entry: comments up to the line's end, if nothing else stands there. */
function lineRest(text: string, from: number): number {
  LINE_REST.lastIndex = from;
  const end = from + (LINE_REST.exec(text)?.[0].length ?? 0);
  return end === text.length || text[end] === '\n' ? end : from;
}

/** Holds a YAML tree against the schema, and says of each thing that does not fit where it is, and what would. */
import type { Node } from '../project/merge/tree.ts';
import { scalarOf } from '../project/merge/yaml-tree.ts';
import { nearest } from './nearest.ts';
import {
  type BodyRule,
  type ChoiceRule,
  type ListRule,
  type MapRule,
  type Rule,
  SECRET_RULE,
  type TextRule,
} from './schema.ts';

export interface Complaint {
  /** Where in the text. */
  readonly at: number;
  readonly what: string;
  readonly hint?: string;
  /** Something is not there: told after what is there and does not fit, as that may be it, mistyped. */
  readonly isMissing?: true;
}

/** @param name how its owner finds it: `probes.write` */
export function judge(node: Node, rule: Rule, name = ''): Complaint[] {
  const marked = refusedMark(node, name);
  if (marked) return [marked];
  if ('$ref' in rule) return judgeBody(node, rule, name);
  if ('anyOf' in rule) return judgeChoice(node, rule, name);
  if (isMayBeEmpty(rule) && isEmpty(node)) return [];
  const kind = kindOf(node);
  if (rule.type === 'string') {
    return kind === 'text'
      ? judgeText(textOf(node), node.start, rule, name)
      : [wrongKind(node, name, 'text')];
  }
  if (rule.type === 'integer') return judgeNumber(node, rule, name);
  if ('items' in rule) {
    return node.items ? judgeList(node.items, node, rule, name) : [wrongKind(node, name, 'a list')];
  }
  return node.entries
    ? judgeMap(node.entries, node, rule, name)
    : [wrongKind(node, name, 'keys with values')];
}

function judgeText(value: string, at: number, rule: Omit<TextRule, 'type'>, name: string): Complaint[] {
  if (rule.minLength !== undefined && value.length < rule.minLength)
    return [{ at, what: `${name} is empty` }];
  if (rule.pattern === undefined || new RegExp(rule.pattern, 'u').test(value)) return [];
  return [
    { at, what: `${name} ${rule.patternErrorMessage ?? 'is not as it has to be'}`, ...examplesOf(rule) },
  ];
}

function examplesOf({ examples }: Omit<TextRule, 'type'>): { hint?: string } {
  return examples ? { hint: `such as ${examples.join(', or ')}` } : {};
}

function judgeNumber(node: Node, rule: Extract<Rule, { type: 'integer' }>, name: string): Complaint[] {
  const value = kindOf(node) === 'number' ? Number(scalarOf(node.leaf ?? '')) : Number.NaN;
  if (Number.isInteger(value) && value >= rule.minimum && value <= rule.maximum) return [];
  return [wrongKind(node, name, `a whole number from ${rule.minimum} to ${rule.maximum}`)];
}

function judgeList(items: readonly Node[], { start }: Node, rule: ListRule, name: string): Complaint[] {
  if (rule.minItems !== undefined && items.length < rule.minItems) {
    return [{ at: start, what: `${name} is an empty list` }];
  }
  return items.flatMap((item, index) => judge(item, rule.items, `${name}[${index}]`));
}

function judgeMap(entries: ReadonlyMap<string, Node>, node: Node, rule: MapRule, name: string): Complaint[] {
  const at = node.start;
  if (rule.minProperties !== undefined && entries.size < rule.minProperties) {
    return [{ at, what: `${name} names nothing` }];
  }
  const members = [...entries].flatMap(([key, value]) => judgeMember(key, value, rule, name));
  const missing = (rule.required ?? []).filter(key => !entries.has(key));
  return [
    ...members,
    ...missing.map(key => ({
      at,
      what: `${named(name, key)} is missing`,
      isMissing: true as const,
      ...describedBy(rule, key),
    })),
    ...oneOfThem(entries, node, rule, name),
  ];
}

function judgeMember(key: string, value: Node, rule: MapRule, name: string): Complaint[] {
  const known = rule.properties && Object.hasOwn(rule.properties, key) ? rule.properties[key] : undefined;
  if (known) return judge(value, known, named(name, key));
  if (rule.additionalProperties === false) {
    const keys = Object.keys(rule.properties ?? {});
    const where = name === '' ? 'at the top' : `in ${name}`;
    const what = `${JSON.stringify(key)} is no key ${where}`;
    return [{ at: value.keyStart, what, hint: `${nearest(key, keys)}the keys there are ${keys.join(', ')}` }];
  }
  const itsName = rule.propertyNames
    ? judgeText(key, value.keyStart, rule.propertyNames, `the name ${JSON.stringify(key)}`)
    : [];
  return [...itsName, ...judge(value, rule.additionalProperties, named(name, key))];
}

function oneOfThem(entries: ReadonlyMap<string, Node>, node: Node, rule: MapRule, name: string): Complaint[] {
  if (!rule.oneOf) return [];
  const keys = rule.oneOf.flatMap(({ required = [] }) => required);
  const given = keys.flatMap(key => {
    const value = entries.get(key);
    return value ? [{ key, value }] : [];
  });
  const [, second] = given;
  if (given.length === 1) return [];
  const hint = `it has exactly one of ${keys.join(', ')}`;
  if (!second) return [{ at: node.start, what: `${name} has none of ${keys.join(', ')}`, hint }];
  return [
    {
      at: second.value.keyStart,
      what: `${name} has both ${given.map(({ key }) => key).join(' and ')}`,
      hint,
    },
  ];
}

/** Of the rules for what it is, the one that it comes closest to is what its owner meant. */
function judgeChoice(node: Node, { anyOf }: ChoiceRule, name: string): Complaint[] {
  const ofItsKind = anyOf.filter(rule => 'items' in rule === (node.items !== undefined));
  const judged = (ofItsKind.length > 0 ? ofItsKind : anyOf).map(rule => judge(node, rule, name));
  return judged.reduce((best, each) => (each.length < best.length ? each : best));
}

/** Anything goes, except for what only looks like a secret's name. */
function judgeBody(node: Node, rule: BodyRule, name: string): Complaint[] {
  if (node.items) return node.items.flatMap((item, index) => judge(item, rule, `${name}[${index}]`));
  if (!node.entries) {
    const value = scalarOf(node.leaf ?? '');
    return typeof value === 'number' && !Number.isFinite(value) ? [wrongKind(node, name, 'JSON')] : [];
  }
  const secret = node.entries.get('secret');
  if (secret && node.entries.size === 1) return judge(secret, SECRET_RULE, named(name, 'secret'));
  return [...node.entries].flatMap(([key, value]) => judge(value, rule, named(name, key)));
}

/** Tags build things, and aliases make much of little: both are refused, so that the file means what stands there. */
function refusedMark({ mark, leaf, start }: Node, name: string): Complaint | undefined {
  const isAlias = leaf?.startsWith('*') === true;
  if (mark === undefined && !isAlias) return undefined;
  const what = isAlias || mark?.startsWith('&') ? 'an anchor or an alias' : `the tag ${mark}`;
  return { at: start, what: `${name || 'the file'} has ${what}`, hint: 'write the value itself' };
}

const named = (name: string, key: string) => (name === '' ? key : `${name}.${key}`);

function describedBy({ properties }: MapRule, key: string): { hint?: string } {
  const rule = properties?.[key];
  return rule?.description === undefined ? {} : { hint: rule.description };
}

type ValueKind = 'text' | 'number' | 'nothing' | 'yes or no' | 'a list' | 'keys with values';

function kindOf(node: Node): ValueKind {
  if (node.items) return 'a list';
  if (node.entries) return 'keys with values';
  const value = scalarOf(node.leaf ?? '');
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return 'yes or no';
  return typeof value === 'number' ? 'number' : 'text';
}

function wrongKind(node: Node, name: string, wanted: string): Complaint {
  const kind = kindOf(node);
  const found = node.leaf === undefined || kind === 'nothing' ? kind : `${node.leaf.slice(1, 60)}`;
  const quotes = wanted === 'text' && (kind === 'number' || kind === 'yes or no');
  return {
    at: node.start,
    what: `${name || 'the file'} is ${found}, and has to be ${wanted}`,
    ...(quotes ? { hint: 'put it between quotes' } : {}),
  };
}

const textOf = ({ leaf = '' }: Node) => leaf.slice(1);
const isEmpty = (node: Node) => kindOf(node) === 'nothing';
const isMayBeEmpty = (rule: Exclude<Rule, ChoiceRule | BodyRule>) => Array.isArray(rule.type);

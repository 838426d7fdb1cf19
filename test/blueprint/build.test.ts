import { describe, expect, test } from 'vitest';
import { type BlueprintNode, nodeNamed } from '../../src/blueprint/blueprint.ts';
import { buildBlueprint } from '../../src/blueprint/build.ts';
import { mermaid } from '../../src/blueprint/diagram.ts';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { MOST_REPLICAS } from '../../src/journey/limits.ts';
import type { Answers } from '../../src/journey/options.ts';
import { reaches, STAGE_NAMES } from '../../src/journey/stages.ts';
import { pieceOf } from '../../src/pieces/index.ts';
import { describeAnswers, pairwiseAnswers } from '../support/answer-sets.ts';

const everything = STAGE_NAMES.flatMap(pairwiseAnswers);

/** An oracle of its own: what each program may open, written out per stage instead of read off the blueprint. */
function fitsTheDatabase({ stage, poolMax = 0, replicas = 1, services = [] }: Answers): boolean {
  if (!reaches(stage, 'pool')) return true;
  if (stage === 'microservices') return (replicas + 1) * (poolMax + 2) + services.length * 2 * 10 <= 191;
  return (replicas + 1) * poolMax <= 91;
}

describe.each(everything.map(answers => [describeAnswers(answers), answers] as const))(
  '%s',
  (_title, answers) => {
    if (!fitsTheDatabase(answers)) {
      test('is refused, since the database could not take its pools', () => {
        expect(() => buildBlueprint(answers)).toThrow(/database connections/);
      });
      return;
    }
    const blueprint = buildBlueprint(answers);
    const names = blueprint.nodes.map(node => node.name);

    test('nodes have names of their own, and need only nodes that start before them', () => {
      expect(new Set(names).size).toBe(names.length);
      for (const [index, node] of blueprint.nodes.entries()) {
        for (const need of node.needs) expect(names.slice(0, index)).toContain(need.node);
      }
    });

    test('every reference leads to a node or a secret that is there, and a node may read every secret that it names', () => {
      for (const node of blueprint.nodes) {
        for (const entry of node.env) {
          if ('secretFile' in entry) expect(node.secrets).toContain(entry.secretFile);
          if ('hostOf' in entry) expect(names).toContain(entry.hostOf);
          if ('urlOf' in entry) expect(names).toContain(entry.urlOf);
        }
        for (const secret of node.secrets)
          expect(blueprint.secrets.map(({ name }) => name)).toContain(secret);
      }
    });

    test('whoever talks to somebody shares a network with them', () => {
      for (const node of blueprint.nodes) {
        for (const callee of pieceOf(node).callees(node)) {
          expect(shared(node, nodeNamed(blueprint, callee)), `${node.name} to ${callee}`).not.toEqual([]);
        }
      }
    });

    test('only the front door is on the network that is reached from outside', () => {
      const outside = blueprint.nodes.filter(node => node.networks.includes('edge')).map(node => node.name);
      expect(outside).toEqual([blueprint.frontDoor.node]);
    });

    test('every secret is read by somebody', () => {
      const read = new Set(blueprint.nodes.flatMap(node => node.secrets));
      expect(blueprint.secrets.map(({ name }) => name).filter(name => !read.has(name))).toEqual([]);
    });
  },
);

function shared(a: BlueprintNode, b: BlueprintNode) {
  return a.networks.filter(network => b.networks.includes(network));
}

test('nginx does not reach the database, and no service reaches the mail server but receipts', () => {
  const blueprint = buildBlueprint(resolveAnswers({ stage: 'microservices' }, 'my-shop'));
  expect(shared(nodeNamed(blueprint, 'nginx'), nodeNamed(blueprint, 'db'))).toEqual([]);
  const mailers = blueprint.nodes.filter(node => node.networks.includes('mail')).map(node => node.name);
  expect(mailers).toEqual(['mail', 'receipts']);
});

test('a service has one database, and no other program has its roles', () => {
  const blueprint = buildBlueprint(resolveAnswers({ stage: 'microservices' }, 'my-shop'));
  for (const database of blueprint.databases) {
    const readers = blueprint.nodes
      .filter(node => node.secrets.includes(database.appSecret))
      .map(node => node.name);
    expect(readers).toEqual([`migrate-${database.name}`, database.name]);
  }
});

test('the most copies that can be asked for have a default that works', () => {
  for (const stage of STAGE_NAMES.filter(name => reaches(name, 'balancer'))) {
    expect(() => buildBlueprint(resolveAnswers({ stage, replicas: MOST_REPLICAS }, 'my-shop'))).not.toThrow();
  }
});

test('the diagram shows what talks to what', () => {
  const blueprint = buildBlueprint(resolveAnswers({ stage: 'balancer' }, 'my-shop'));
  expect(mermaid(blueprint)).toBe(
    [
      'flowchart LR',
      '  browser((browser))',
      '  db[("db<br/>PostgreSQL")]',
      '  app["app x 3<br/>the shop, all of it"]',
      '  haproxy["haproxy<br/>HAProxy: spreads requests, checks health"]',
      '  browser --> haproxy',
      '  app --> db',
      '  haproxy --> app',
    ].join('\n'),
  );
});

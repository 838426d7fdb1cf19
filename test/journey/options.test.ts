import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { answersAsFlags, readAnswers, resolveAnswers } from '../../src/journey/answers.ts';
import { OPTIONS, optionFor, optionsOf, parseAnswer } from '../../src/journey/options.ts';
import { STAGE_NAMES, STAGES } from '../../src/journey/stages.ts';

describe('answers', () => {
  test('a stage gets exactly the answers that it has options for', () => {
    for (const stage of STAGE_NAMES) {
      const answers = resolveAnswers({ stage }, 'my-shop');
      expect(Object.keys(answers)).toEqual(optionsOf(stage).map(option => option.key));
    }
  });

  test('the defaults come from the journey', () => {
    expect(resolveAnswers({ stage: 'pool' }, 'my-shop')).toEqual({
      stage: 'pool',
      name: 'my-shop',
      port: 3000,
      poolMax: 20,
    });
    expect(resolveAnswers({ stage: 'microservices' }, 'my-shop')).toEqual({
      stage: 'microservices',
      name: 'my-shop',
      port: 8443,
      poolMax: 20,
      replicas: 3,
      strategy: 'round-robin',
      domain: 'localhost',
      balancer: 'nginx',
      services: ['orders', 'payments', 'search', 'receipts'],
    });
  });

  test('the default pool shrinks when many copies share the database', () => {
    expect(resolveAnswers({ stage: 'balancer', replicas: 10 }, 'my-shop').poolMax).toBe(8);
  });

  test('without a stage there is nothing to generate', () => {
    expect(() => resolveAnswers({}, 'my-shop')).toThrow(/--stage is missing/);
  });

  test('an answer that the stage has no use for is refused', () => {
    expect(() => resolveAnswers({ stage: 'stall', poolMax: 5 }, 'my-shop')).toThrow(
      /--pool-max has no meaning at the stall stage/,
    );
  });

  test('flags reproduce the answers, and leave out what is the default anyway', () => {
    const answers = resolveAnswers({ stage: 'nginx', port: 443, strategy: 'least-connections' }, 'my-shop');
    expect(answersAsFlags(answers, 'my-shop')).toEqual([
      '--stage',
      'nginx',
      '--port',
      '443',
      '--strategy',
      'least-connections',
    ]);
  });

  test('an answers file may hold any answer, and nothing else', () => {
    expect(readAnswers({ stage: 'pool', poolMax: 7 }, 'a.json')).toEqual({ stage: 'pool', poolMax: 7 });
    expect(() => readAnswers({ stages: 'pool' }, 'a.json')).toThrow(/a.json: unknown field "stages"/);
    expect(() => readAnswers(['pool'], 'a.json')).toThrow(/one JSON object/);
    expect(() => readAnswers({ port: 'three' }, 'a.json')).toThrow(
      /a.json: field "port" "three" is not a whole number/,
    );
  });
});

describe('bad values are refused by name', () => {
  const bad: [flag: string, value: string, complaint: RegExp][] = [
    ['stage', 'cloud', /--stage "cloud" is not one of stall, database/],
    ['port', '0', /--port "0" is not a whole number from 1 to 65535/],
    ['port', '80a', /--port/],
    ['replicas', '11', /--replicas "11" is not a whole number from 1 to 10/],
    ['strategy', 'random', /--strategy "random" is not one of round-robin, least-connections/],
    ['domain', 'https://shop.example', /--domain .* is not a host name/],
    ['domain', 'shop_example', /--domain/],
    ['services', 'orders,mail', /--services "orders,mail" may only list/],
    ['services', 'search', /--services leaves out orders and payments/],
    ['name', 'My Shop', /--name "My Shop" has upper-case/],
    ['name', '../evil', /--name/],
    ['name', 'node_modules', /reserves/],
    ['name', 'http', /is the name of a Node module/],
  ];
  test.each(bad)('--%s %s', (key, value, complaint) => {
    const option = OPTIONS.find(candidate => candidate.key === key);
    expect(() => parseAnswer(option ?? optionFor('stage'), value)).toThrow(complaint);
    expect(() => parseAnswer(option ?? optionFor('stage'), value)).toThrow(UsageError);
  });

  test('a list keeps the order of the table, whatever was typed', () => {
    expect(parseAnswer(optionFor('services'), 'payments, orders')).toEqual(['orders', 'payments']);
  });
});

test('what breaks at a stage is what a later one fixes: each stage says both', () => {
  for (const stage of STAGES) {
    expect(stage.fixes).not.toBe('');
    expect(stage.breaks).not.toBe('');
  }
});

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseStageFile, readStageFile } from '../../src/stage-file/read.ts';
import { BAD, GOOD, KNOWN, WHOLE } from './documents.ts';

function refused(text: string, known = KNOWN): UsageError {
  try {
    parseStageFile(text, known);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('what it says', () => {
  test('is read as facts, with what it leaves out filled in', () => {
    expect(parseStageFile(WHOLE, KNOWN)).toEqual({
      programs: {
        app: {
          build: 'npm run build',
          start: 'node --enable-source-maps dist/server.js',
          port: 3000,
          live: '/livez',
          ready: '/readyz',
        },
      },
      probes: {
        read: { get: '/products?limit=1', status: [200] },
        write: {
          method: 'POST',
          path: '/orders',
          as: 'customer',
          body: { items: [{ productId: 1, quantity: 1 }] },
          status: [201, 202],
          key: 'Idempotency-Key',
          readBack: '{location}',
          settles: { field: 'state', to: ['paid', 'completed'] },
        },
        logins: {
          customer: {
            path: '/sessions',
            body: { email: 'demo@shop.example', password: { secret: 'demo_password' } },
            status: [200, 201, 204],
            cookie: 'session',
          },
        },
      },
      database: { lock: 'products.products', counts: 'orders.orders' },
      notPromised: [{ guarantee: 'nginx.caching', because: 'our pages are private' }],
    });
  });

  test('several programs keep their names', () => {
    const { programs, probes } = parseStageFile(GOOD['several programs'] ?? '', KNOWN);
    expect(Object.keys(programs)).toEqual(['web', 'jobs']);
    expect(probes.write).toMatchObject({ method: 'PUT', path: '/bookings/{uuid}', status: [200, 201, 202] });
  });

  test('what is commented out is left out', () => {
    const file = parseStageFile(GOOD['blocks with everything in them commented out'] ?? '', KNOWN);
    expect(file).toEqual({ programs: file.programs, probes: { logins: {} }, notPromised: [] });
  });

  test('a body that is null is sent', () => {
    expect(parseStageFile(GOOD['a body that is null'] ?? '', KNOWN).probes.write).toHaveProperty(
      'body',
      null,
    );
  });

  test.each(Object.entries(GOOD))('%s', (_name, text) => {
    expect(() => parseStageFile(text, KNOWN)).not.toThrow();
    expect(parseStageFile(text.replaceAll('\n', '\r\n'), KNOWN)).toEqual(parseStageFile(text, KNOWN));
    expect(parseStageFile(`\uFEFF${text}`, KNOWN)).toEqual(parseStageFile(text, KNOWN));
  });

  test('ids are looked at only by who knows them', () => {
    const { text } = BAD['a guarantee that is not there'] ?? { text: '' };
    expect(parseStageFile(text, { program: 'app' }).notPromised).toHaveLength(1);
  });
});

describe('what is wrong', () => {
  test.each(Object.entries(BAD))('%s', (_name, { text, at, says, hint }) => {
    const error = refused(text);
    expect(error.message).toMatch(/^stage\.yaml:\d+:\d+: /);
    expect(error.message).toContain(`stage.yaml:${at}: `);
    expect(error.message).toMatch(says);
    expect(error.message).not.toContain('\n');
    if (hint) expect(error.hint).toMatch(hint);
  });

  test('the first of several is told, and how many there are', () => {
    const { message } = refused(`${WHOLE}a: 1\nb: 2\n`);
    expect(message).toMatch(/"a" is no key at the top \(and 1 more\)/);
  });

  test.each([
    ['a tag', 'program: !!js/function "x"\n', '1:10', /tag/],
    ['a tag that is harmless', WHOLE.replace('/readyz', '!!str /readyz'), '6:10', /tag/],
    ['an anchor', WHOLE.replace('/readyz', '&r /readyz'), '6:10', /anchor/],
    ['an alias', `${WHOLE.replace('/readyz', '&r /readyz')}`.replace('/livez', '/l'), '6:10', /anchor/],
    ['a bomb', bomb(), '1:1', /no key/],
    ['a bomb in a body', `${WHOLE}`.replace('items: [{', `items: [&a [1], *a, *a, {`), '12:21', /anchor/],
    ['a key twice', WHOLE.replace('  live:', '  port: 1\n  live:'), '5:3', /two keys port/],
    ['two documents', `${WHOLE}---\n${WHOLE}`, '1:1', /several documents/],
    ['a tab', 'program:\n\tstart: x\n', '2:1', /tab/],
    ['a bracket that stays open', 'program: { start: x\n', '2:1', /./],
    ['a key that is a list', '? [a]\n: b\n', '1:3', /plain word/],
    ['depth', `program: ${'['.repeat(5000)}`, '1:', /depth|nest/i],
  ])('%s', (_name, text, at, says) => {
    const { message } = refused(text);
    expect(message).toContain(`stage.yaml:${at}`);
    expect(message).toMatch(says);
  });

  test('garbage is refused soon, whatever it is', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ' ',
      '\n',
      '- ',
      '#',
      '"',
      "'",
      '&a',
      '*a',
      '!!x',
      '|',
      '>',
      'a',
      '\t',
      '%',
    ];
    let seed = 7;
    const next = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed;
    };
    for (let run = 0; run < 300; run++) {
      const text = Array.from({ length: next() % 60 }, () => pieces[next() % pieces.length]).join('');
      expect(() => parseStageFile(text, KNOWN), JSON.stringify(text)).toThrow(UsageError);
    }
    const began = performance.now();
    for (const piece of pieces) refused(piece.repeat(250_000 / piece.length));
    refused(`program: { start: ${'a '.repeat(120_000)}`);
    refused(`program:\n  start: "${'a '.repeat(120_000)}|"\n  port: 1\n  ready: /${'{n}'.repeat(4000)}{\n`);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

function bomb(): string {
  const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
  return ['a0: &a0 x', ...lines].join('\n');
}

describe('the file itself', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'create-backend-stage-test-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const read = () => readStageFile(directory, KNOWN);

  test('is read', async () => {
    await writeFile(join(directory, 'stage.yaml'), WHOLE);
    expect(await read()).toEqual(parseStageFile(WHOLE, KNOWN));
  });

  test('need not be there', async () => {
    expect(await read()).toBeUndefined();
  });

  test('is no folder', async () => {
    await mkdir(join(directory, 'stage.yaml'));
    await expect(read()).rejects.toThrow(/stage\.yaml is a folder/);
  });

  test('is no link', async () => {
    await writeFile(join(directory, 'other.yaml'), WHOLE);
    await symlink('other.yaml', join(directory, 'stage.yaml'));
    await expect(read()).rejects.toThrow(UsageError);
  });

  test.skipIf(process.platform === 'win32')('is no pipe, which nobody would ever write to', async () => {
    execFileSync('mkfifo', [join(directory, 'stage.yaml')]);
    await expect(read()).rejects.toThrow(UsageError);
  });

  test('is not larger than 256 kB', async () => {
    const padding = '#'.repeat(256 * 1024 - WHOLE.length);
    await writeFile(join(directory, 'stage.yaml'), WHOLE + padding);
    expect(await read()).toBeDefined();
    await writeFile(join(directory, 'stage.yaml'), `${WHOLE}${padding}#`);
    await expect(read()).rejects.toThrow(/larger than 256 kB/);
  });

  test('is text', async () => {
    await writeFile(join(directory, 'stage.yaml'), Buffer.from([0x61, 0xff, 0xfe]));
    await expect(read()).rejects.toThrow(/is not UTF-8/);
  });
});

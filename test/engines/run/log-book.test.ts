import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LogBook, lineCutter } from '../../../src/engines/run/log-book.ts';

const folder = mkdtempSync(join(tmpdir(), 'log-book-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a log', () => {
  it('keeps the last 5,000 lines', async () => {
    const seen: string[] = [];
    const log = new LogBook(join(folder, 'node.log'), line => seen.push(line));
    for (let line = 1; line <= 6_000; line++) log.add(String(line));
    await log.close();
    expect(log.lines).toHaveLength(5_000);
    expect(log.tail(2)).toEqual(['5999', '6000']);
    expect(seen).toHaveLength(6_000);
  });

  it('cuts lines where they end, not where a chunk or a character does', () => {
    const lines: string[] = [];
    const cutter = lineCutter(line => lines.push(line));
    const bytes = Buffer.from('first\r\nsecond €\nthird');
    for (const byte of bytes) cutter.write(Buffer.from([byte]));
    cutter.end();
    expect(lines).toEqual(['first', 'second €', 'third']);
  });
});

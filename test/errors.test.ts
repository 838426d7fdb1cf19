import { describe, expect, it } from 'vitest';
import { codeOf, Failure, messageOf } from '../src/errors.ts';

describe('the code of an error', () => {
  it('is the one that the system gave, and never one of the tool', () => {
    expect(codeOf(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT');
    expect(codeOf(new Failure('install-failed', 'npm install failed'))).toBe('');
    expect(codeOf('ENOENT')).toBe('');
  });
});

describe('the message of an error', () => {
  it.each([
    [new Error('refused'), 'refused'],
    [new AggregateError([new Error('first'), new Error('second')]), 'first'],
    [Object.assign(new Error(), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [new TypeError(), 'TypeError'],
    ['plain text', 'plain text'],
  ])('is never empty: %s', (error, message) => {
    expect(messageOf(error)).toBe(message);
  });
});

import { expect, test } from 'vitest';
import { holdsText } from '../../../src/verify/system/mails.ts';

const ID = '0198c1f2-7a3e-7cc1-9b7e-52f0a9c1d4e5';

test.each([
  ['as it is', `Subject: hello\r\n\r\nAbout ${ID}.\r\n`],
  ['quoted-printable, with a soft line break in it', `\r\nAbout ${ID.slice(0, 10)}=\r\n${ID.slice(10)}.\r\n`],
  [
    'base64, over two lines, as a part of many',
    [
      '--part',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      ...(Buffer.from(`Über die Nummer ${ID} schreiben wir gern.`)
        .toString('base64')
        .match(/.{1,40}/g) ?? []),
      '--part--',
      '',
    ].join('\r\n'),
  ],
])('a mail holds an id: %s', (_how, raw) => {
  expect(holdsText(raw, ID)).toBe(true);
  expect(holdsText(raw, ID.replace('f', 'e'))).toBe(false);
});

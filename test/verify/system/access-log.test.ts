import { describe, expect, it } from 'vitest';
import { loggedUnder, markedId } from '../../../src/verify/system/access-log.ts';

const MARK = 'verify-0123456789ab';

function haproxy(index: number, server: string, retries: string): string {
  return `{"time":1,"server":"${server}","status":200,"retries":"${retries}","requestId":"${markedId(MARK, index)}"}`;
}

function nginx(index: number, upstream: string): string {
  return `{"time":"now","upstream":"${upstream}","status":200,"requestId":"${markedId(MARK, index)}"}`;
}

describe('what an access log says about a request', () => {
  it.each([
    ['the first try', haproxy(1, 'app2', '0'), ['app2'], 0],
    ['another try on the same server', haproxy(1, 'app2', '1'), ['app2'], 1],
    ['two more tries, on another server', haproxy(1, 'app3', '+2'), ['app3'], 2],
    ['nobody there', haproxy(1, '<NOSRV>', '0'), [], 0],
    ['HAProxy without a count', '{"server":"app1","requestId":"verify-0123456789ab-1"}', ['app1'], 0],
    ['nginx and one address', nginx(1, '10.0.0.2:3000'), ['10.0.0.2:3000'], 0],
    [
      'nginx and the next one',
      nginx(1, '10.0.0.2:3000, 10.0.0.3:3000'),
      ['10.0.0.2:3000', '10.0.0.3:3000'],
      1,
    ],
    [
      'nginx and a second round',
      nginx(1, '10.0.0.2:3000 : 10.0.0.3:3000'),
      ['10.0.0.2:3000', '10.0.0.3:3000'],
      1,
    ],
    ['nginx and a file', nginx(1, ''), [], 0],
  ])('%s', (_title, line, servers, again) => {
    expect(loggedUnder(MARK, [line])).toEqual(new Map([[1, { servers, again }]]));
  });

  it('adds up what a proxy in front sent twice', () => {
    const lines = [
      haproxy(7, 'app1', '0'),
      'HAProxy says hello',
      haproxy(8, 'app2', '0'),
      haproxy(7, 'app3', '+1'),
    ];
    expect(loggedUnder(MARK, lines).get(7)).toEqual({ servers: ['app1', 'app3'], again: 2 });
  });

  it('takes no notice of the requests of others', () => {
    const others = haproxy(1, 'app1', '0').replace(MARK, 'verify-ffffffffffff');
    expect(loggedUnder(MARK, [others, `{"half a line with ${MARK}`])).toEqual(new Map());
  });
});

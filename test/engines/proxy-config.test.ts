import { describe, expect, it } from 'vitest';
import { adaptProxyConfig } from '../../src/engines/native/proxy-config.ts';

const generated = `# front
frontend web
  bind :8080
  timeout client 30s

backend app
  balance roundrobin
  # one slot each
  server-template app 1-10 app:3000 resolvers docker
`;

const wanted = `# front
frontend web
  bind 127.0.0.1:20001
  timeout client 30s

backend app
  balance roundrobin
  server app1 127.0.0.1:20002
  server app2 127.0.0.1:20003
`;

const adapt = (owned: string, from = generated, to = wanted) =>
  adaptProxyConfig({ file: 'haproxy/haproxy.cfg', owned, generated: from, wanted: to });

describe('a proxy configuration for a native run', () => {
  it('is what the template renders, where nobody has edited the file', () => {
    expect(adapt(generated)).toBe(wanted);
  });

  it('keeps every edit: changed, added, removed and reindented lines', () => {
    const owned = generated
      .replace('timeout client 30s', 'timeout client 5s')
      .replace('# front', '# our own front\n# in two lines')
      .replace('  bind :8080', '\tbind :8080')
      .replace('roundrobin\n', 'leastconn\n  option forwardfor\n');
    expect(adapt(owned)).toBe(
      wanted
        .replace('timeout client 30s', 'timeout client 5s')
        .replace('# front', '# our own front\n# in two lines')
        .replace('roundrobin\n', 'leastconn\n  option forwardfor\n'),
    );
  });

  it('does not mind a rewritten comment', () => {
    const adapted = adapt(generated.replace('# one slot each', '# ten of them'));
    expect(adapted.replace('  # ten of them\n', '')).toBe(wanted);
  });

  it('follows lines that were moved', () => {
    const [front, back] = generated.split('\n\n');
    const [wantedFront, wantedBack] = wanted.split('\n\n');
    expect(adapt(`${back}\n${front}\n`)).toBe(`${wantedBack}\n${wantedFront}\n`);
  });

  it('reads Windows line ends', () => {
    expect(adapt(generated.replaceAll('\n', '\r\n'))).toBe(wanted);
  });

  it('tells apart lines that stand in a file more than once', () => {
    const twice = 'server {\n  listen 8080 default_server;\n}\nserver {\n  listen 8080;\n  root /srv;\n}\n';
    const there = twice
      .replace('listen 8080;', 'listen 9;')
      .replace('8080 d', '10 d')
      .replace('/srv', '/home/me');
    const edited = (text: string) => `# mine\n${text.replace('root', '# here\n  root')}`;
    expect(adapt(edited(twice), twice, there)).toBe(edited(there));
  });

  it('puts an added line beside its neighbour', () => {
    const base = 'pid /tmp/pid;\nevents {\n}\n';
    const more = 'pid /tmp/pid;\nuser root;\nevents {\n}\n';
    expect(adapt('# a\npid /tmp/pid;\n# b\nevents {\n}\n', base, more)).toBe(
      '# a\npid /tmp/pid;\nuser root;\n# b\nevents {\n}\n',
    );
    expect(adapt('pid /run/pid;\nevents {\n}\n', base, more)).toBe(
      'pid /run/pid;\nuser root;\nevents {\n}\n',
    );
  });

  it('takes a block out of which only the middle is the owner’s', () => {
    const base = 'a\nresolvers docker\n  hold valid 1s\n\nb\n';
    expect(adapt('a\nresolvers docker\n  hold valid 1s\n# mine\n\nb\n', base, 'a\nb\n')).toBe(
      'a\n# mine\nb\n',
    );
  });

  it('names the file and the line where the owner has taken its place', () => {
    const owned = generated.replace('bind :8080', 'bind :9090 ssl');
    expect(() => adapt(owned)).toThrow(
      'haproxy/haproxy.cfg was edited where this run needs its own addresses: the line `bind :8080` is not there',
    );
  });
});

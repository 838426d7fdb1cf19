/** HAProxy: spreads requests over the copies of the main program. */
import type { EnvEntry, HaproxyNode } from '../blueprint/blueprint.ts';
import type { Answers } from '../journey/options.ts';
import { reaches } from '../journey/stages.ts';
import { IMAGES } from '../journey/versions.ts';
import type { Piece } from './piece.ts';
import { programOnPath } from './tool.ts';

export const HAPROXY_NODE = 'haproxy';

/** Proxies reach programs from private addresses; what they say about the client is believed, and nobody else. */
const TRUSTED_PROXIES = '127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16';

export const haproxy: Piece<HaproxyNode> = {
  kind: 'haproxy',
  nodes: ({ answers, main }) =>
    hasHaproxy(answers)
      ? [
          {
            kind: 'haproxy',
            name: HAPROXY_NODE,
            image: IMAGES.haproxy,
            networks: reaches(answers.stage, 'nginx') ? ['app'] : ['edge', 'app'],
            needs: [{ node: main, condition: 'healthy' }],
            secrets: [],
            env: [],
            port: 8080,
            limits: { cpus: '0.5', memory: '128M', pids: 64 },
            caption: 'HAProxy: spreads requests, checks health',
            strategy: answers.strategy ?? 'round-robin',
            balances: main,
          },
        ]
      : [],
  callees: ({ balances }) => [balances],
  picture: { column: 2, shape: 'card' },
  keepsRunning: true,
  stopRank: 0,
  server: programOnPath('haproxy', 'balancer; nginx on with --balancer haproxy', '-v'),
  config: { path: 'haproxy/haproxy.cfg' },
  native: () => import('../engines/native/haproxy.ts'),
};

/** nginx takes its place, unless both are wanted. */
function hasHaproxy({ stage, balancer }: Answers): boolean {
  return reaches(stage, 'nginx') ? balancer === 'haproxy' : reaches(stage, 'balancer');
}

/** Whose word a program takes for a client's address. */
export function trustProxyEnv({ stage }: Answers): EnvEntry[] {
  return [{ key: 'TRUST_PROXY', value: reaches(stage, 'balancer') ? TRUSTED_PROXIES : '' }];
}

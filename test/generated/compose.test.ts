/** Every compose.yaml that the option values can lead to keeps to the hardening list, as Docker Compose itself reads it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';
import {
  type ComposeCase,
  type ComposeService,
  composeCase,
  composeMissing,
} from '../support/compose-config.ts';
import { breaches, brokenRules, HARDENING, type RuleName, serviceOf } from '../support/compose-rules.ts';
import { defaultAnswers } from '../support/generated-project.ts';

const answerSets = STAGE_NAMES.flatMap(pairwiseAnswers).filter(isLegal);
const missing = composeMissing();

describe.skipIf(missing)(`the hardening list${missing && ` (skipped: ${missing})`}`, () => {
  test.each(answerSets.map(answers => [describeAnswers(answers), answers] as const))(
    '%s',
    async (_title, answers) => {
      expect(breaches(await composeCase(answers))).toEqual([]);
    },
  );

  describe('sees', () => {
    let good: ComposeCase;
    beforeAll(async () => {
      good = await composeCase(defaultAnswers('balancer'));
    });

    const broken = (Object.keys(HARDENING) as RuleName[]).flatMap(rule =>
      FAULTS[rule].map((spoil, index) => [`${rule} (${index + 1})`, rule, spoil] as const),
    );
    test.each(broken)('broken: %s', (_title, rule, spoil) => {
      const bad = structuredClone(good) as Mutable<ComposeCase>;
      spoil(bad);
      expect(brokenRules(bad)).toEqual([rule]);
    });
  });
});

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends object ? Mutable<T[Key]> : T[Key] };
type Fault = (file: Mutable<ComposeCase>) => void;

/** A fault in one service. */
function of(name: string, spoil: (service: ComposeService) => void): Fault {
  return ({ config }) => spoil(serviceOf(config, name));
}

const inApp = (spoil: (service: ComposeService) => void) => of('app', spoil);
const inDb = (spoil: (service: ComposeService) => void) => of('db', spoil);
const inBalancer = (spoil: (service: ComposeService) => void) => of('haproxy', spoil);

/** Changes what is expected of a service: for a rule that must hold whatever the blueprint says. */
function expecting(
  file: Mutable<ComposeCase>,
  name: string,
  change: Partial<Mutable<ComposeCase>['blueprint']['nodes'][number]>,
) {
  Object.assign(file.blueprint.nodes.find(node => node.name === name) ?? {}, change);
}

/** For each rule, what breaks it and nothing else. */
const FAULTS: Readonly<Record<RuleName, readonly Fault[]>> = {
  'a user who is not root': [
    inApp(service => delete service.user),
    inApp(service => Object.assign(service, { user: '0:0' })),
    inApp(service => Object.assign(service, { user: 'node' })),
  ],
  'a root that nobody writes to': [inApp(service => delete service.read_only)],
  'tmpfs that runs nothing and has an end': [
    inApp(service => delete service.tmpfs),
    inApp(service => Object.assign(service, { tmpfs: ['/tmp:rw,nosuid,nodev,size=16m'] })),
    inApp(service => Object.assign(service, { tmpfs: ['/tmp:rw,noexec,nosuid,nodev'] })),
    inApp(service => service.tmpfs?.push('/run')),
  ],
  'every capability dropped': [
    inApp(service => delete service.cap_drop),
    inApp(service => Object.assign(service, { cap_drop: ['NET_RAW'] })),
  ],
  'no capability added': [inApp(service => Object.assign(service, { cap_add: ['NET_BIND_SERVICE'] }))],
  'no new privileges': [
    inApp(service => delete service.security_opt),
    inApp(service => service.security_opt?.push('seccomp:unconfined')),
  ],
  'an init process': [inApp(service => delete service.init)],
  'an end to memory': [inApp(service => delete service.deploy?.resources?.limits?.memory)],
  'an end to processors': [inApp(service => delete service.deploy?.resources?.limits?.cpus)],
  'an end to processes': [inApp(service => delete service.deploy?.resources?.limits?.pids)],
  'a health check, unless it ends by itself': [
    inApp(service => delete service.healthcheck),
    inApp(service => Object.assign(service, { healthcheck: { disable: true } })),
    of('migrate', service => delete service.healthcheck),
  ],
  'a restart policy': [
    inApp(service => delete service.restart),
    of('migrate', service => Object.assign(service, { restart: 'unless-stopped' })),
  ],
  'time to stop': [
    inApp(service => delete service.stop_grace_period),
    inApp(service => Object.assign(service, { stop_grace_period: '10s' })),
  ],
  'logs that end': [
    inApp(service => delete service.logging),
    inApp(service => delete service.logging?.options?.['max-size']),
    inApp(service => delete service.logging?.options?.['max-file']),
  ],
  'an image by version, or built here': [
    inBalancer(service => Object.assign(service, { image: 'haproxy' })),
    inBalancer(service => Object.assign(service, { image: 'haproxy:latest' })),
    inBalancer(service => Object.assign(service, { image: 'registry.example:5000/haproxy' })),
    inApp(service => delete service.build),
  ],
  'no privileged container': [
    inApp(service => Object.assign(service, { privileged: true })),
    inApp(service => Object.assign(service, { devices: ['/dev/sda:/dev/sda'] })),
  ],
  'no namespace of the machine': [
    inApp(service => Object.assign(service, { network_mode: 'host' })),
    inApp(service => Object.assign(service, { pid: 'host' })),
    inApp(service => Object.assign(service, { ipc: 'host' })),
    inApp(service => Object.assign(service, { userns_mode: 'host' })),
  ],
  'no Docker socket': [
    inBalancer(service =>
      service.volumes?.push({
        type: 'bind',
        source: '/var/run/docker.sock',
        target: '/var/run/docker.sock',
        read_only: true,
      }),
    ),
  ],
  'no name of its own': [inApp(service => Object.assign(service, { container_name: 'app' }))],
  'configuration that is only read': [inBalancer(service => delete service.volumes?.[0]?.read_only)],
  'networks by name': [
    inApp(service => Object.assign(service, { networks: { default: null } })),
    inApp(service => delete service.networks),
  ],
  'internal networks': [
    ({ config }) => delete config.networks.data?.internal,
    ({ config }) => Object.assign(config.networks.edge ?? {}, { internal: true }),
  ],
  'a database that only the inside reaches': [
    file => {
      serviceOf(file.config, 'db').networks = { data: null, edge: null };
      expecting(file, 'db', { networks: ['data', 'edge'] });
    },
  ],
  'one front door': [
    inDb(service =>
      Object.assign(service, { ports: [{ published: '5432', target: 5432, protocol: 'tcp' }] }),
    ),
    inBalancer(service => Object.assign(service.ports?.[0] ?? {}, { published: '8080' })),
    inBalancer(service => delete service.ports),
  ],
  'no port of the machine for what is scaled': [
    file => {
      const { config, blueprint } = file;
      delete serviceOf(config, 'haproxy').ports;
      const published = String(blueprint.frontDoor.publishedPort);
      serviceOf(config, 'app').ports = [{ published, target: 3000, protocol: 'tcp' }];
      blueprint.frontDoor.node = 'app';
    },
  ],
  'as many copies as asked for': [
    inApp(service => delete service.deploy?.replicas),
    inApp(service => Object.assign(service.deploy ?? {}, { replicas: 2 })),
  ],
  'data in a named volume, where the image keeps it': [
    inDb(service => delete service.volumes),
    inDb(service => delete service.volumes?.[0]?.source),
    inDb(service => Object.assign(service.volumes?.[0] ?? {}, { target: '/var/lib/postgresql/data' })),
  ],
  'no secret in the environment': [
    inApp(service => Object.assign(service.environment ?? {}, { PGPASSWORD: 'x' })),
    inApp(service => Object.assign(service.environment ?? {}, { DATABASE_URL: 'postgres://a:b@db/shop' })),
    inApp(service => Object.assign(service.environment ?? {}, { PGPASSWORD_FILE: '/srv/password' })),
    inApp(service => Object.assign(service.environment ?? {}, { API_KEY: 'x' })),
  ],
  'secrets in files of the project': [
    ({ config }) => Object.assign(config.secrets?.db_app_password ?? {}, { file: '/etc/db_app_password' }),
    ({ config }) => delete config.secrets?.db_app_password?.file,
  ],
  'no more secrets than it needs': [inApp(service => service.secrets?.push({ source: 'db_admin_password' }))],
  'a start in order': [
    inBalancer(service => delete service.depends_on),
    inBalancer(service => Object.assign(service.depends_on?.app ?? {}, { condition: 'service_started' })),
  ],
  'migrations before programs': [
    file => {
      delete serviceOf(file.config, 'app').depends_on?.migrate;
      expecting(file, 'app', { needs: [{ node: 'db', condition: 'healthy' }] });
    },
  ],
  'the hardening by its anchor': [
    ({ written }) => Object.assign(written.services.app ?? {}, { '<<': { ...written['x-hardened'] } }),
    ({ written }) => delete written.services.app?.['<<'],
  ],
  'no exception without its reason': [
    ({ written }) => Object.assign(written.services.app ?? {}, { read_only: false }),
    file => {
      file.text = file.text.replace(/^ {4}#.*\n( {4}restart:)/m, '$1');
    },
  ],
  'a name, and no version': [
    ({ config }) => Object.assign(config, { name: 'other' }),
    ({ written }) => Object.assign(written, { version: '3.9' }),
  ],
};

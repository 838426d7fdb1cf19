import type { ProgramNode } from '../../../blueprint/blueprint.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { directTo } from '../../http/direct.ts';
import { copiesOf, programs } from '../../system/nodes.ts';

export const microservicesOwnDatabase: Guarantee = {
  id: 'microservices.own-database',
  title: 'every service is up, on a database of its own',
  from: 'microservices',
  needs: [],
  async check(world) {
    const { blueprint, running } = world;
    const services = programs(blueprint);
    const names = services.map(service => service.database);
    expect(new Set(names).size === names.length, `services share a database: ${names.join(', ')}`);
    const pids = await Promise.all(
      copiesOf(blueprint).map(each => running.pid(each.program.name, each.copy)),
    );
    expect(
      pids.every(pid => pid !== undefined),
      'a service is not running',
    );
    for (const service of services) {
      await expectReady(world, service);
      await expectConnectedTo(world, service);
    }
    return kept(
      `${services.map(each => each.name).join(', ')}: each ready, each connected to its own database`,
      {
        services: services.length,
        processes: pids.length,
      },
    );
  },
};

async function expectReady(world: World, service: ProgramNode): Promise<void> {
  const direct = directTo(world, service);
  if (!direct) return;
  try {
    const response = await direct.get(service.healthPath, { from: 'root' });
    expect(
      response.status === 200,
      `${service.name} is not ready: ${service.healthPath} answered ${response.status}`,
    );
  } finally {
    direct.close();
  }
}

/** Whoever is connected to the service's database must be its own role, and that role must be connected nowhere else. */
async function expectConnectedTo({ running, blueprint }: World, service: ProgramNode): Promise<void> {
  const role = blueprint.databases.find(each => each.name === service.database)?.appRole;
  expect(role, `${service.name} has no database in the blueprint`);
  const [seen] = await running.sql<{ database: string; role: string }>(
    service.database,
    'select current_database() as database, current_user as role',
    { as: 'app' },
  );
  expect(
    seen?.database === service.database && seen.role === role,
    `${service.name} reaches ${seen?.database} as ${seen?.role}, not ${service.database} as ${role}`,
  );
  const used = await running.sql<{ database: string; role: string }>(
    service.database,
    `select distinct datname as database, usename as role from pg_stat_activity
     where backend_type = 'client backend' and (usename = $1 or (datname = $2 and usename like '%\\_app'))`,
    { values: [role, service.database], as: 'admin' },
  );
  const wrong = used.find(each => each.database !== service.database || each.role !== role);
  expect(!wrong, `${wrong?.role} is connected to ${wrong?.database}: one service uses another's database`);
  expect(used.length > 0, `${service.name} holds no connection to its database ${service.database}`);
}

import type { DatabaseSpec } from '../../../blueprint/blueprint.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee, World } from '../../guarantee.ts';
import { Broken } from '../../outcome.ts';

export const microservicesRolesApart: Guarantee = {
  id: 'microservices.roles-apart',
  title: "one service's role cannot read another's tables",
  from: 'microservices',
  needs: [],
  async check(world) {
    const { databases } = world.blueprint;
    let pairs = 0;
    for (const other of databases) pairs += await expectClosed(world, other);
    return kept(`${pairs} pairs: no role may connect to another's database, or read a table there`, {
      pairs,
    });
  },
};

/**
 * Asks PostgreSQL itself what every other service's roles may do here: what a login with their passwords would run into.
 * @returns how many services were kept out
 */
async function expectClosed({ running, blueprint }: World, database: DatabaseSpec): Promise<number> {
  const others = blueprint.databases.filter(each => each.name !== database.name);
  const rows = await running.sql<{
    role: string;
    connects: boolean;
    readable: string | null;
    tables: number;
  }>(
    database.name,
    `select role, has_database_privilege(role, current_database(), 'connect') as connects,
            (select min(c.oid::regclass::text) from pg_class c join pg_namespace n on n.oid = c.relnamespace
              where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
                and n.nspname not like 'pg\\_%'
                and has_schema_privilege(role, n.oid, 'usage')
                and has_table_privilege(role, c.oid, 'select')) as readable,
            (select count(*)::int from pg_tables
              where schemaname not in ('pg_catalog', 'information_schema')) as tables
     from unnest(string_to_array($1, ',')) as role`,
    { values: [others.flatMap(each => [each.appRole, each.ownerRole]).join(',')], as: 'admin' },
  );
  expect(
    rows.length === others.length * 2 && rows.every(row => row.tables > 0),
    `the database ${database.name} has no tables`,
  );
  for (const { role, connects, readable } of rows) {
    if (connects) throw new Broken(`${role} may connect to the database ${database.name}`);
    if (readable) throw new Broken(`${role} may read ${readable} in ${database.name}`);
  }
  return others.length;
}

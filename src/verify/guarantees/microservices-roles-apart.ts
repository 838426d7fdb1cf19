import type { DatabaseSpec } from '../../blueprint/blueprint.ts';
import { expect, kept } from '../expect.ts';
import { Broken, type Guarantee, type World } from '../guarantee.ts';

export const microservicesRolesApart: Guarantee = {
  id: 'microservices.roles-apart',
  title: "one service's role cannot read another's tables",
  from: 'microservices',
  async check(world) {
    const { databases } = world.blueprint;
    let pairs = 0;
    for (const own of databases) {
      for (const other of databases) {
        if (own.name === other.name) continue;
        await expectApart(world, own, other);
        pairs += 1;
      }
    }
    return kept(`${pairs} pairs: no role may connect to another's database, or read a table there`, {
      pairs,
    });
  },
};

/** Asks PostgreSQL itself what the role may do: what a login with its password would run into. */
async function expectApart({ running }: World, own: DatabaseSpec, other: DatabaseSpec): Promise<void> {
  for (const role of [own.appRole, own.ownerRole]) {
    const [seen] = await running.sql<{ connects: boolean; readable: string | null; tables: number }>(
      other.name,
      `select has_database_privilege($1, current_database(), 'connect') as connects,
              (select min(c.oid::regclass::text) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
                  and n.nspname not like 'pg\\_%'
                  and has_schema_privilege($1, n.oid, 'usage')
                  and has_table_privilege($1, c.oid, 'select')) as readable,
              (select count(*)::int from pg_tables
                where schemaname not in ('pg_catalog', 'information_schema')) as tables`,
      { values: [role], as: 'admin' },
    );
    expect(seen && seen.tables > 0, `the database ${other.name} has no tables`);
    if (seen.connects) throw new Broken(`${role} may connect to the database ${other.name}`);
    if (seen.readable) throw new Broken(`${role} may read ${seen.readable} in ${other.name}`);
  }
}

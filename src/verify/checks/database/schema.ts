import type { DatabaseSpec } from '../../../blueprint/blueprint.ts';
import type { Running } from '../../../engines/engine.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';

/** The project's own tables: not the server's, nor those that extensions, migrations and queues keep for themselves. */
const OWN = `nspname !~ '^pg_' and nspname not in ('information_schema', 'graphile_worker')
  and relname !~* 'migrat|^(flyway_schema_history|databasechangelog|goose_db_version)'
  and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')`;

/** Names that mean money; the last two only where the table has a currency or a price. */
const MONEY = `(attname ~ '(^|_)(cents|prices?|cost|fee|balance)(_|$)' or attname ~ '(^|_)(amount|total)(_|$)' and exists (
  select from pg_attribute other
  where other.attrelid = pg_class.oid and other.attnum > 0 and other.attname ~ '(^|_)(currency|prices?)(_|$)'))`;

/** What is wrong with a database, a line each; no line is as it should be. */
const FLAWS = `
  select format('%s.%s.%s is a timestamp without a time zone', nspname, relname, attname) as flaw
    from pg_attribute join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'r' and attnum > 0 and atttypid = 'timestamp'::regtype and ${OWN}
  union all
  select format('%s.%s.%s keeps money as %s', nspname, relname, attname, format_type(atttypid, null))
    from pg_attribute join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'r' and attnum > 0 and ${OWN} and (atttypid = 'money'::regtype
      or atttypid in ('real'::regtype, 'double precision'::regtype) and ${MONEY})
  union all
  select format('%s on %s.%s has no index', conname, nspname, relname)
    from pg_constraint join pg_class on pg_class.oid = conrelid join pg_namespace on pg_namespace.oid = relnamespace
    where contype = 'f' and ${OWN} and not exists (
      select from pg_index where indrelid = conrelid and indpred is null
        and (indkey::smallint[])[0:cardinality(conkey) - 1] @> conkey)
  union all
  select format('%s.%s has no primary key', nspname, relname)
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'r' and ${OWN} and not exists (select from pg_constraint where conrelid = pg_class.oid and contype = 'p')
  union all
  select format('the password of %s is not kept as SCRAM-SHA-256', rolname)
    from pg_authid where rolcanlogin and rolpassword not like 'SCRAM-SHA-256$%'
  union all
  select format('pg_hba.conf, line %s, lets %s in over the network by %s', line_number, user_name, auth_method)
    from pg_hba_file_rules where type <> 'local' and auth_method not in ('scram-sha-256', 'reject')`;

export const databaseSchema: Guarantee = {
  id: 'database.schema',
  lines: ['C3', 'C8'],
  title:
    'times have zones, money is exact, rows have a primary key, foreign keys an index, and passwords are SCRAM',
  from: 'database',
  needs: [],
  async check({ running, blueprint }) {
    let tables = 0;
    for (const database of blueprint.databases) tables += await expectSound(running, database);
    return kept(`${tables} tables in ${blueprint.databases.length} database(s)`, {
      tables,
      databases: blueprint.databases.length,
    });
  },
};

async function expectSound(running: Running, { name }: DatabaseSpec): Promise<number> {
  const flaws = await running.sql<{ flaw: string }>(name, FLAWS, { as: 'admin' });
  expect(flaws.length === 0, `database ${name}: ${flaws.map(({ flaw }) => flaw).join('; ')}`);
  const [row] = await running.sql<{ n: number }>(
    name,
    `select count(*)::int as n from pg_class join pg_namespace on pg_namespace.oid = relnamespace where relkind = 'r' and ${OWN}`,
    { as: 'admin' },
  );
  return row?.n ?? 0;
}

import type { DatabaseSpec } from '../../../blueprint/blueprint.ts';
import type { Running } from '../../../engines/engine.ts';
import { expect, kept } from '../../expect.ts';
import type { Guarantee } from '../../guarantee.ts';
import { Broken, NotPromised } from '../../outcome.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
/** A state of our own: the statement was allowed, and is taken back by the error that says so. */
const ALLOWED = 'ZZ001';

export const databaseLeastPrivilege: Guarantee = {
  id: 'database.least-privilege',
  lines: ['C3'],
  title: "the program's role cannot drop a table, is no superuser and owns nothing",
  from: 'database',
  needs: [],
  async check({ running, blueprint }) {
    let tables = 0;
    for (const database of blueprint.databases) tables += await expectHarmless(running, database);
    if (tables === 0) throw new NotPromised('there is no table yet that could be dropped');
    return kept(
      `${tables} tables in ${blueprint.databases.length} database(s): each DROP refused with ${INSUFFICIENT_PRIVILEGE}`,
      {
        tables,
        databases: blueprint.databases.length,
      },
    );
  },
};

async function expectHarmless(running: Running, { name, appRole }: DatabaseSpec): Promise<number> {
  await expectPlainRole(running, name, appRole);
  const tables = await running.sql<{ name: string }>(
    name,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    { as: 'admin' },
  );
  const statements = [
    ...tables.map(table => `drop table ${table.name}`),
    'create schema probe_schema',
    'create table public.probe_table (id int)',
  ];
  await expectRefused(running, name, appRole, statements);
  return tables.length;
}

async function expectPlainRole(running: Running, database: string, role: string): Promise<void> {
  const [seen] = await running.sql<{ role: string; special: boolean; schemas: number; relations: number }>(
    database,
    `select current_user as role,
            (select rolsuper or rolcreatedb or rolcreaterole or rolbypassrls from pg_roles where rolname = current_user) as special,
            (select count(*)::int from pg_namespace where pg_has_role(current_user, nspowner, 'member')) as schemas,
            (select count(*)::int from pg_class where pg_has_role(current_user, relowner, 'member')) as relations`,
    { as: 'app' },
  );
  expect(seen, `database ${database} gave no answer about its role`);
  expect(seen.role === role, `the program connects to ${database} as ${seen.role}, not as ${role}`);
  expect(!seen.special, `${role} is a superuser, or may create databases or roles`);
  expect(seen.schemas === 0, `${role} owns ${seen.schemas} schema(s) in ${database}`);
  expect(seen.relations === 0, `${role} owns ${seen.relations} table(s) or index(es) in ${database}`);
}

/** Tries all in one session; whatever is allowed is taken back by the error that tells of it. */
async function expectRefused(
  running: Running,
  database: string,
  role: string,
  statements: readonly string[],
): Promise<void> {
  const list = statements.map(statement => `$run$${statement}$run$`).join(', ');
  const block = `do $probe$ declare tried text; begin
      foreach tried in array array[${list}] loop
        begin
          execute tried;
          raise exception using errcode = '${ALLOWED}', message = tried;
        exception when insufficient_privilege then null;
        end;
      end loop;
    end $probe$`;
  await running.sql(database, block, { as: 'app' }).catch((error: Error & { code?: string }) => {
    if (error.code === ALLOWED) throw new Broken(`${role} may ${error.message} in ${database}`);
    throw new Broken(
      `${role} was refused in ${database} with ${error.code ?? error.message}, not ${INSUFFICIENT_PRIVILEGE}`,
    );
  });
}

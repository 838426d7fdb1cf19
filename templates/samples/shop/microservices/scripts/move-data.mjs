// For a shop that has grown out of one database: copies its orders and payments into those of their services.
//   node scripts/move-data.mjs
// May run at any time and again: it adds the rows that are missing, and neither changes nor deletes any.
// For a PostgreSQL outside Docker it takes PGHOST, PGPORT, ADMIN_USER and ADMIN_PASSWORD_FILE, and `npm install`.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SERVICES = ['orders', 'payments'];
const BATCH = 1_000;
const UP = 'docker compose up --build --wait --remove-orphans';

/** What is not copied as it is. `paid` was the last state, with the stock taken; now it means that this is still to come. */
const READ_AS = {
  'orders.orders.state': `case state when 'paid' then 'completed' else state end as state`,
};

const { ADMIN_USER = 'postgres', ADMIN_PASSWORD_FILE } = process.env;

try {
  process.exitCode = ADMIN_PASSWORD_FILE ? await moveAll() : runInContainer();
} catch (error) {
  console.error(`move-data: ${complaint(error)}`);
  process.exitCode = 1;
}

/** Compose publishes no port of the database: so this file runs where the orders are migrated from. */
function runInContainer() {
  // Where nothing is up, `run` would build all images first.
  const { stdout } = compose(['ps', '--status', 'running', '--quiet', 'db'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!String(stdout).trim()) throw new Error(`the database does not run: ${UP}, then run this again`);
  const { status } = compose(['run', '--rm', '-T', 'migrate-orders', 'node', '--input-type=module'], {
    input: readFileSync(import.meta.filename),
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  return status === 0 ? 0 : 1;
}

function compose(args, streams) {
  const result = spawnSync('docker', ['compose', ...args], { cwd: import.meta.dirname, ...streams });
  if (!result.error) return result;
  throw new Error(`docker cannot be run (${result.error.message}); without it: set ADMIN_PASSWORD_FILE`);
}

async function moveAll() {
  const { default: pg } = await import('pg');
  const password = readFileSync(ADMIN_PASSWORD_FILE, 'utf8').trim();
  const within = async (database, work) => {
    const client = new pg.Client({ user: ADMIN_USER, password, database });
    // A connection that breaks fails the query, too.
    client.on('error', () => {});
    await client.connect();
    return work(client).finally(() => client.end());
  };
  return within('shop', async shop => {
    // All tables as they were at one moment: no line without its order.
    await shop.query('begin isolation level repeatable read read only');
    let moved = false;
    for (const service of SERVICES) {
      const old = await tablesOf(shop, service);
      if (!old.size) continue;
      moved = true;
      const report = await within(service, database => copy(old, shop, database, service));
      for (const line of report) console.log(line);
    }
    if (!moved) console.log('nothing to move: the database "shop" holds no orders and no payments');
    return 0;
  });
}

/** A schema's tables and their columns, also those that you have added. By oid: referenced tables are older. */
async function tablesOf(client, schema) {
  const { rows } = await client.query(
    `select format('%I.%I', nspname, relname) as name, json_agg(attname order by attnum) as columns,
            json_agg(attname) filter (where pg_get_serial_sequence(format('%I.%I', nspname, relname), attname) is not null) as counted
       from pg_namespace join pg_class on relnamespace = pg_namespace.oid join pg_attribute on attrelid = pg_class.oid
      where nspname = $1 and relkind in ('r', 'p') and not relispartition and relname <> 'migrations'
        and attnum > 0 and not attisdropped and attgenerated = ''
      group by pg_class.oid, nspname, relname order by pg_class.oid`,
    [schema],
  );
  return new Map(rows.map(row => [row.name, row]));
}

async function copy(old, shop, database, service) {
  const report = [];
  const tables = await tablesOf(database, service);
  // First of all of them: half of a row would be "there already" the next time.
  for (const { name, columns } of old.values()) {
    const known = tables.get(name)?.columns;
    const lacking = known ? columns.find(column => !known.includes(column)) : '';
    if (lacking === undefined) continue;
    const what = lacking ? `column ${lacking} in ${name}` : `table ${name}`;
    throw new Error(`the database "${service}" has no ${what}: ${migrateFirst(service)}`);
  }
  await database.query('begin');
  for (const { name, columns } of old.values()) {
    const quoted = columns.map(column => database.escapeIdentifier(column));
    const read = columns.map((column, index) => READ_AS[`${name}.${column}`] ?? quoted[index]);
    await shop.query(
      `declare old_rows cursor for select to_json(old)::text as row from (select ${read} from ${name}) old`,
    );
    let [found, copied] = [0, 0];
    for (;;) {
      const { rows } = await shop.query(`fetch ${BATCH} from old_rows`);
      if (!rows.length) break;
      // The text goes as it came: numbers of JavaScript have fewer digits than those of PostgreSQL.
      const { rowCount } = await database.query(
        `insert into ${name} (${quoted}) overriding system value
         select ${quoted} from json_populate_recordset(null::${name}, $1) on conflict do nothing`,
        [`[${rows.map(({ row }) => row)}]`],
      );
      found += rows.length;
      copied += rowCount;
    }
    await shop.query('close old_rows');
    if (copied) await countOn(database, tables.get(name));
    report.push(`${name}: ${copied} of ${found} rows copied, ${found - copied} there already`);
  }
  await database.query('commit');
  return report;
}

/** The next row that gets a number of its own gets one that is free. */
async function countOn(database, { name, counted }) {
  for (const column of counted ?? []) {
    await database.query(
      `select setval(numbers, greatest(nextval(numbers), (select max(${database.escapeIdentifier(column)}) from ${name})))
         from cast(pg_get_serial_sequence($1, $2) as regclass) numbers`,
      [name, column],
    );
  }
}

function migrateFirst(service) {
  return `migrate it (${UP}; tables and columns of your own: services/${service}/migrations), then run this again`;
}

function complaint({ code, message }) {
  const missing = code === '3D000' && /"(.+)"/.exec(message)?.[1];
  return missing ? `${message}: ${migrateFirst(missing)}` : message || `PostgreSQL does not answer (${code})`;
}

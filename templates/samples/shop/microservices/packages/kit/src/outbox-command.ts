/** `npm run outbox`: what waits, and what is parked. `npm run outbox -- replay <id>`: sends a parked message again, `replay all` each. */
import { loadEnvFile, readConfig } from '#kit/config';
import { connectionVariables } from '#kit/connection';
import { type Database, openDatabase } from '#kit/database';
import { run } from '#kit/shutdown';

await run(async () => {
  loadEnvFile();
  const database = openDatabase(readConfig(connectionVariables));
  const [command = 'list', id] = process.argv.slice(2);
  if (command === 'replay' && id) await replay(database, id);
  else await list(database);
  await database.close();
});

async function list(database: Database): Promise<void> {
  const { rows } = await database.query(
    `select id, destination, type, subject, attempts, parked_at is not null as parked, last_error as error
       from messages.outbox where delivered_at is null order by parked_at, created_at limit 100`,
  );
  process.stdout.write(rows.map(row => `${JSON.stringify(row)}\n`).join(''));
}

async function replay(database: Database, id: string): Promise<void> {
  const { rowCount } = await database.query(
    `update messages.outbox set parked_at = null, attempts = 0, next_at = now()
      where parked_at is not null and ($1 = 'all' or id::text = $1)`,
    [id],
  );
  process.stdout.write(`${rowCount} to be sent again\n`);
}

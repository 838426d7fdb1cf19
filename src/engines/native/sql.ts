/** One statement on one connection of its own, so that no state is left between two of a guarantee's questions. */

export interface Login {
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** @throws the driver's error, with its SQLSTATE in `code`. */
export async function runSql<Row>(
  login: Login,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  // Not all of pg: no pool is needed here.
  const { default: Client } = await import('pg/lib/client.js');
  const client = new Client({
    ...login,
    host: '127.0.0.1',
    ssl: false,
    application_name: 'create-backend-stage',
    connectionTimeoutMillis: 5_000,
  });
  // A server that is taken down under an open connection is this engine's ordinary business.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const result = await client.query(text, [...values]);
    return result.rows as Row[];
  } finally {
    await client.end().catch(() => undefined);
  }
}

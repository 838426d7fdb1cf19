/** One statement on one connection of its own, so that no state is left between two of a guarantee's questions. */

export interface Login {
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

const CONNECT_TIMEOUT_S = 5;

/** @throws the driver's error, with its SQLSTATE in `code`. */
export async function runSql<Row>(
  login: Login,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { default: postgres } = await import('postgres');
  const connection = postgres({
    ...login,
    host: '127.0.0.1',
    ssl: false,
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S,
    connection: { application_name: 'create-backend-stage' },
    // A server that is taken down under an open connection is this engine's ordinary business.
    onnotice: () => undefined,
  });
  try {
    const query = connection.unsafe<Row[] & object[]>(text, [...values] as string[]);
    // Without values it may be several statements, which only the simple protocol takes.
    return [...(values.length === 0 ? await query.simple() : await query)];
  } finally {
    await connection.end({ timeout: 1 }).catch(() => undefined);
  }
}

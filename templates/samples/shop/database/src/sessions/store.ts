/** Customers and who of them is signed in. */
import type { Queries } from '#kit/database';

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface Account extends Customer {
  readonly passwordHash: string;
}

export interface Session {
  readonly customer: Customer;
  readonly expiresAt: Date;
}

export interface SessionStore {
  /** The account with this e-mail address, in lower case. */
  findAccount(email: string): Promise<Account | undefined>;
  /** Adds an account, or replaces the one with the same e-mail address. */
  saveAccount(account: Account): Promise<void>;
  open(tokenHash: string, customerId: string, expiresAt: Date): Promise<void>;
  /** The session, if it has not expired. */
  find(tokenHash: string): Promise<Session | undefined>;
  close(tokenHash: string): Promise<void>;
}

export function createSessionStore(database: Queries): SessionStore {
  return {
    findAccount: async email => {
      const { rows } = await database.query<Account>(
        'select id, email, name, password_hash as "passwordHash" from sessions.customers where email = $1',
        [email],
      );
      return rows[0];
    },
    saveAccount: async ({ id, email, name, passwordHash }) => {
      await database.query(
        `insert into sessions.customers (id, email, name, password_hash) values ($1, $2, $3, $4)
         on conflict (email) do update set name = excluded.name, password_hash = excluded.password_hash`,
        [id, email, name, passwordHash],
      );
    },
    open: async (tokenHash, customerId, expiresAt) => {
      await database.query(
        `with expired as (delete from sessions.sessions where customer_id = $2 and expires_at <= now())
         insert into sessions.sessions (token_hash, customer_id, expires_at) values ($1, $2, $3)`,
        [tokenHash, customerId, expiresAt],
      );
    },
    find: async tokenHash => {
      const { rows } = await database.query<Customer & { expiresAt: Date }>(
        `select customers.id, email, name, expires_at as "expiresAt"
         from sessions.sessions join sessions.customers on customers.id = customer_id
         where token_hash = $1 and expires_at > now()`,
        [tokenHash],
      );
      if (!rows[0]) return undefined;
      const { expiresAt, ...customer } = rows[0];
      return { customer, expiresAt };
    },
    close: async tokenHash => {
      await database.query('delete from sessions.sessions where token_hash = $1', [tokenHash]);
    },
  };
}

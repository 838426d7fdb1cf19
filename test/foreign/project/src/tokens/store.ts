/** Engineers, and the tokens by which they are known. */
import type { Queries } from '#kit/database';

export interface Engineer {
  readonly id: string;
  readonly user: string;
  readonly name: string;
}

export interface Account extends Engineer {
  readonly passphraseHash: string;
}

export interface TokenStore {
  findEngineer(user: string): Promise<Account | undefined>;
  /** Adds an engineer, or replaces the one with the same user name. */
  saveEngineer(account: Account): Promise<void>;
  open(tokenHash: string, engineerId: string, expiresAt: Date): Promise<void>;
  /** Whose token it is, if it has not expired. */
  find(tokenHash: string): Promise<{ engineer: Engineer; expiresAt: Date } | undefined>;
}

export function createTokenStore(database: Queries): TokenStore {
  return {
    findEngineer: async user => {
      const { rows } = await database.query<Account>(
        `select id, "user", name, passphrase_hash as "passphraseHash" from lab.engineers where "user" = $1`,
        [user],
      );
      return rows[0];
    },
    saveEngineer: async ({ id, user, name, passphraseHash }) => {
      await database.query(
        `insert into lab.engineers (id, "user", name, passphrase_hash) values ($1, $2, $3, $4)
         on conflict ("user") do update set name = excluded.name, passphrase_hash = excluded.passphrase_hash`,
        [id, user, name, passphraseHash],
      );
    },
    open: async (tokenHash, engineerId, expiresAt) => {
      await database.query(
        'insert into lab.tokens (token_hash, engineer_id, expires_at) values ($1, $2, $3)',
        [tokenHash, engineerId, expiresAt],
      );
    },
    find: async tokenHash => {
      const { rows } = await database.query<Engineer & { expiresAt: Date }>(
        `select engineers.id, "user", name, expires_at as "expiresAt"
         from lab.tokens join lab.engineers on engineers.id = engineer_id
         where token_hash = $1 and expires_at > now()`,
        [tokenHash],
      );
      if (!rows[0]) return undefined;
      const { expiresAt, ...engineer } = rows[0];
      return { engineer, expiresAt };
    },
  };
}

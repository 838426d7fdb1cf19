/** Customers and who of them is signed in. In memory: a restart signs everyone out. */

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

export function createSessionStore(): SessionStore {
  const accounts = new Map<string, Account>();
  const sessions = new Map<string, Session>();

  function removeExpired(): void {
    for (const [tokenHash, { expiresAt }] of sessions) {
      if (expiresAt.getTime() <= Date.now()) sessions.delete(tokenHash);
    }
  }

  return {
    findAccount: async email => [...accounts.values()].find(account => account.email === email),
    saveAccount: async account => {
      accounts.set(account.id, account);
    },
    open: async (tokenHash, customerId, expiresAt) => {
      removeExpired();
      const account = accounts.get(customerId);
      if (!account) throw new Error(`there is no customer ${customerId}`);
      const { passwordHash, ...customer } = account;
      sessions.set(tokenHash, { customer, expiresAt });
    },
    find: async tokenHash => {
      removeExpired();
      return sessions.get(tokenHash);
    },
    close: async tokenHash => {
      sessions.delete(tokenHash);
    },
  };
}

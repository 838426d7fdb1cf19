import { randomUUID } from 'node:crypto';
import { hashPassword, verifyPassword } from './passwords.ts';
import type { SessionStore } from './store.ts';

/** Sees to it that there is a customer to sign in as, with this password. May run any number of times. */
export async function seedDemoCustomer(store: SessionStore, password: string): Promise<void> {
  const email = 'demo@shop.example';
  const existing = await store.findAccount(email);
  if (existing && (await verifyPassword(password, existing.passwordHash))) return;
  const passwordHash = await hashPassword(password);
  await store.saveAccount({ id: existing?.id ?? randomUUID(), email, name: 'Demo Customer', passwordHash });
}

import { randomUUID } from 'node:crypto';
import { hashPassphrase, isPassphrase } from './passphrases.ts';
import type { TokenStore } from './store.ts';

/** Sees to it that there is an engineer with this passphrase. May run any number of times. */
export async function seedEngineer(store: TokenStore, passphrase: string): Promise<void> {
  const user = 'engineer@lab.example';
  const existing = await store.findEngineer(user);
  if (existing && (await isPassphrase(passphrase, existing.passphraseHash))) return;
  const passphraseHash = await hashPassphrase(passphrase);
  await store.saveEngineer({
    id: existing?.id ?? randomUUID(),
    user,
    name: 'First Engineer',
    passphraseHash,
  });
}

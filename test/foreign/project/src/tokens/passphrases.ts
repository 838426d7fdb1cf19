import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** With a salt of its own: two engineers with the same passphrase do not have the same hash. */
export async function hashPassphrase(passphrase: string): Promise<string> {
  const salt = randomBytes(16).toString('hex');
  return `${salt}.${(await derive(passphrase, salt)).toString('hex')}`;
}

export async function isPassphrase(passphrase: string, stored: string): Promise<boolean> {
  const [salt = '', hash = ''] = stored.split('.');
  return timingSafeEqual(Buffer.from(hash, 'hex'), await derive(passphrase, salt));
}

function derive(passphrase: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

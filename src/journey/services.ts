/** The parts that the microservices stage makes programs of their own. */
import { UsageError } from '../errors.ts';

export const SERVICES = [
  { value: 'orders', description: 'takes orders and sees them through (always)' },
  { value: 'payments', description: 'charges cards (always)' },
  { value: 'search', description: 'finds products and your own orders' },
  { value: 'receipts', description: 'e-mails a receipt from a queue' },
] as const;

export type ServiceName = (typeof SERVICES)[number]['value'];

export const SERVICE_NAMES: readonly ServiceName[] = SERVICES.map(({ value }) => value);

/** An order is a conversation between these two: neither works without the other. */
const REQUIRED_SERVICES: readonly ServiceName[] = ['orders', 'payments'];

/** @throws UsageError naming those that are left out, and must not be */
export function requireServices(value: unknown, source: string): void {
  const missing = REQUIRED_SERVICES.filter(name => !(Array.isArray(value) && value.includes(name)));
  if (missing.length > 0) {
    throw new UsageError(
      `${source} leaves out ${missing.join(' and ')}: an order needs both orders and payments`,
      'only search and receipts may be left out',
    );
  }
}

import { fileURLToPath } from 'node:url';

/** Outbox and inbox, as `migrate` takes a module. Every service has these tables in its own database. */
export const messageTables = {
  schema: 'messages',
  folder: fileURLToPath(new URL('../migrations/messages', import.meta.url)),
};

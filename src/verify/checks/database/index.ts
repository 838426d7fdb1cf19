/** What the database stage promises, in the order in which it is checked: guarantees first, then drills. */
import type { Guarantee } from '../../guarantee.ts';
import { databaseCrash } from './crash-under-load.ts';
import { databaseEndless } from './endless-work.ts';
import { databaseHostileText } from './hostile-text.ts';
import { databaseIdempotency } from './idempotency.ts';
import { databaseLeastPrivilege } from './least-privilege.ts';
import { databaseSchema } from './schema.ts';
import { databaseSurvivesAppKill } from './survives-app-kill.ts';
import { databaseSurvivesCrash } from './survives-crash.ts';
import { databaseWaits } from './waits.ts';

export const DATABASE_CHECKS: readonly Guarantee[] = [
  databaseSurvivesAppKill,
  databaseSurvivesCrash,
  databaseLeastPrivilege,
  databaseIdempotency,
  databaseHostileText,
  databaseSchema,
  databaseWaits,
  databaseCrash,
  databaseEndless,
];

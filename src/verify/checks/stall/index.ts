/** What the stall stage promises, in the order in which it is checked: guarantees first, then drills. */
import type { Guarantee } from '../../guarantee.ts';
import { stallAnswers } from './answers.ts';
import { stallContract } from './contract.ts';
import { stallErrors } from './errors.ts';
import { stallGracefulStop } from './graceful-stop.ts';
import { stallHealth } from './health.ts';
import { stallHostileInput } from './hostile-input.ts';
import { stallLog } from './log.ts';
import { stallSlowClients } from './slow-clients.ts';

export const STALL_CHECKS: readonly Guarantee[] = [
  stallAnswers,
  stallContract,
  stallErrors,
  stallHostileInput,
  stallHealth,
  stallLog,
  stallGracefulStop,
  stallSlowClients,
];

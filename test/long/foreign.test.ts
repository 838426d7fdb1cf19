import { FOREIGN_STAGES } from '../support/foreign-project.ts';
import { describeForeign } from '../support/foreign-verification.ts';

describeForeign(
  FOREIGN_STAGES.flatMap(stage => [
    { stage, engine: 'native', drill: true } as const,
    { stage, engine: 'docker', drill: true } as const,
  ]),
);

import { describeForeign } from '../support/foreign-verification.ts';

describeForeign([
  { stage: 'database', engine: 'native', drill: false },
  { stage: 'nginx', engine: 'native', drill: false },
]);

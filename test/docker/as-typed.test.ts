import { describeAsTyped, SCENARIOS } from './as-typed.ts';

// The others are in test/long, and the project's own tests are run by test/generated.
describeAsTyped([SCENARIOS.pool], /^npm test$/);

import { describeAsTyped, SCENARIOS } from './as-typed.ts';

// The others are in test/long.
describeAsTyped([SCENARIOS.database]);

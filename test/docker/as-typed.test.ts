import { describeAsTyped, SCENARIOS } from './as-typed.ts';

// The others are in test/long. test/generated runs the project's own tests, and test/readme grows it without Docker.
describeAsTyped(
  [{ ...SCENARIOS.pool, isKept: false }],
  /^npm test$|^npx create-backend-stage\S* (?:grow|undo)/,
);

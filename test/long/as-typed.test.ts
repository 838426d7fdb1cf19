import { describeAsTyped, SCENARIOS } from '../docker/as-typed.ts';

describeAsTyped(Object.values(SCENARIOS));

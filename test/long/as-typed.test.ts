import { describeAsTyped, SCENARIOS } from '../docker/as-typed.ts';

describeAsTyped([
  SCENARIOS.stall,
  SCENARIOS.database,
  SCENARIOS.pool,
  SCENARIOS.balancer,
  SCENARIOS.nginxWithHaproxy,
  SCENARIOS.microservices,
]);

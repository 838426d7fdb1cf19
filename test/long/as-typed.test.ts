import { describeAsTyped, SCENARIOS } from '../docker/as-typed.ts';

describeAsTyped([
  SCENARIOS.stall,
  SCENARIOS.pool,
  SCENARIOS.balancer,
  SCENARIOS.nginx,
  SCENARIOS.nginxWithHaproxy,
  SCENARIOS.microservices,
]);

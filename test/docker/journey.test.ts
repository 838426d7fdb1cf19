import { describeOnDocker } from '../support/verify-on-docker.ts';

// Between them these two have every part and every guarantee; the other stages are in test/long.
describeOnDocker(['balancer', 'microservices']);

import { describeWithoutDocker } from './without-docker.ts';

// The others are in test/long, and the project's own tests are run by test/generated.
describeWithoutDocker([{ stage: 'pool' }], /^npm test$/);

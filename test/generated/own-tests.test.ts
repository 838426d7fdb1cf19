import { describeOwnTests } from './own-tests.ts';

// Those of microservices take longest, and are in test/long.
await describeOwnTests(({ stage }) => stage !== 'microservices');

import { describeOwnTests } from '../generated/own-tests.ts';

await describeOwnTests(({ stage }) => stage === 'microservices');

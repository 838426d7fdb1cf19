import { describeOwnTests, hasAllServices } from '../generated/own-tests.ts';

await describeOwnTests(answers => !hasAllServices(answers));

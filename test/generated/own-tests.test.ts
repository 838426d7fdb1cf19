import { describeOwnTests, hasAllServices } from './own-tests.ts';

// Projects without some of the services are in test/long.
await describeOwnTests(hasAllServices);

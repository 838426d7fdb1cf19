import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { describeOnDocker } from '../support/verify-on-docker.ts';

describeOnDocker(STAGE_NAMES);

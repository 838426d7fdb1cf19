import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { describeGrowth } from '../support/real-growth.ts';

describeGrowth(STAGE_NAMES);

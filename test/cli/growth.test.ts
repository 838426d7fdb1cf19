import { describeGrowth } from '../support/real-growth.ts';

describeGrowth(['stall', 'database']);

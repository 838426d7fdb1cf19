import { describeOrdinaryEdits } from '../support/ordinary-edits.ts';

describeOrdinaryEdits('stall');

import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { describeFaults } from '../verify/checks/workshop.ts';

// Installing and building five programs takes longer than all of the other stages together.
await describeFaults('microservices', 'guarantees');
for (const stage of STAGE_NAMES) await describeFaults(stage, 'drills');

import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { describeWithoutDocker } from '../readme/without-docker.ts';

describeWithoutDocker([...STAGE_NAMES.map(stage => ({ stage })), { stage: 'nginx', balancer: 'haproxy' }]);

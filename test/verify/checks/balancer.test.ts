import { describeFaults } from './workshop.ts';

await describeFaults('balancer', 'guarantees');

import { describeFaults } from './workshop.ts';

await describeFaults('pool', 'guarantees');

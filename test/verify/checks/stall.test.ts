import { describeFaults } from './workshop.ts';

await describeFaults('stall', 'guarantees');

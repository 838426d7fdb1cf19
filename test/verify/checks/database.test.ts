import { describeFaults } from './workshop.ts';

await describeFaults('database', 'guarantees');

import { describeFaults } from './workshop.ts';

await describeFaults('nginx', 'guarantees');

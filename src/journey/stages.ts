/** The journey: its stages in order, and in words what each one is for. Everything that ranks stages asks this file. */

export const STAGE_NAMES = ['stall', 'database', 'pool', 'balancer', 'nginx', 'microservices'] as const;

export type StageName = (typeof STAGE_NAMES)[number];

export interface Stage {
  readonly name: StageName;
  /** The one piece that this stage adds. */
  readonly adds: string;
  /** The problem that the piece fixes, as a user feels it. */
  readonly fixes: string;
  /** What is still wrong: the reason for the next stage. */
  readonly breaks: string;
  /** What the piece asks in return, for as long as it is there. */
  readonly costs: string;
  /** What its owner has to do, or to know, once a project has grown to it. */
  readonly afterwards: readonly string[];
  /** The picture that prompts and READMEs lean on. */
  readonly picture: string;
}

export const STAGES: readonly Stage[] = [
  {
    name: 'stall',
    adds: 'one Node process that answers GET /products',
    fixes: 'there is nothing yet',
    breaks: 'a restart forgets everything, and a second copy would not share it',
    costs: 'one process to keep running',
    afterwards: [],
    picture: 'a food stall: one cook, who keeps the whole menu in their head',
  },
  {
    name: 'database',
    adds: 'PostgreSQL, with a connection for each request',
    fixes: 'data outlives the process, and copies can share it',
    breaks: 'opening a connection is slow, and the database takes only so many',
    costs: 'a server to run, to back up and to upgrade',
    afterwards: [
      'There is no data to move: the stall kept none. Docker Compose runs the migrations by itself; without it: npm run migrate.',
    ],
    picture: 'a pantry behind the stall: it stays stocked when the cook goes home',
  },
  {
    name: 'pool',
    adds: 'a bounded pool of database connections',
    fixes: 'connections are reused, and never more than the database takes',
    breaks: 'one process is one core and one point of failure',
    costs: 'a size to choose: too small and requests wait, too large and the database refuses',
    afterwards: ['POOL_MAX bounds the connections of one process; .env.example has the arithmetic.'],
    picture: 'a few runners between stall and pantry, instead of hiring one for each order',
  },
  {
    name: 'balancer',
    adds: 'several copies of the program behind HAProxy',
    fixes: 'more cooks; a dead or hung copy gets no customers',
    breaks: 'no TLS, no static files, no routing: the program does front-desk work',
    costs: 'one more hop, and a program that may keep nothing in memory from one request to the next',
    afterwards: [
      'What your own code keeps in memory between requests belongs into the database now: the next request may go to another copy.',
    ],
    picture: 'a host at the door who seats each guest with a free waiter',
  },
  {
    name: 'nginx',
    adds: 'nginx as the one public address: TLS, files, routing, limits',
    fixes: 'one clean front door, with everything else behind it',
    breaks: 'one codebase, one deploy and one database for a team that has outgrown them',
    costs: 'certificates to renew, and one more configuration to understand',
    afterwards: [
      'The API is under /api now: clients ask for /api/products. Its address is https, on another port.',
      'The certificate in secrets/ is self-signed: put one that browsers trust in its place.',
    ],
    picture: 'a reception desk: visitors never wander the building',
  },
  {
    name: 'microservices',
    adds: 'orders, payments, search and receipts as programs of their own, and a queue',
    fixes: 'teams and parts are deployed and scaled apart',
    breaks: 'it is a distributed system now: more to run, to watch and to repair',
    costs: 'a network between the parts: retries, duplicates and delays that one program never had',
    afterwards: [
      "Take this step one part at a time, if you can: nginx sends one part's paths to the new program while the old one still answers the rest (the strangler pattern), and the old code goes when nobody asks for it any more.",
      "Orders and payments have databases of their own now. With the services up, node scripts/move-data.mjs copies what the shop's database holds of them; it can be run again, and deletes nothing.",
      'The Compose services app and migrate are called shop and migrate-shop now: files of your own that name them, such as compose.override.yaml, need the new names.',
      'Code of yours that reads orders or payments from the shop has to ask them over the network now.',
    ],
    picture: 'a kitchen with stations that must now talk to each other',
  },
];

/** The position of a stage in the journey, from 0. */
export function stageIndex(name: StageName): number {
  return STAGE_NAMES.indexOf(name);
}

/** The stages from the first one up to and including `name`: those that make up its project. */
export function stagesUpTo(name: StageName): readonly Stage[] {
  return STAGES.slice(0, stageIndex(name) + 1);
}

/** The stages that lie after `from`, up to and including `to`: those that a project climbs. */
export function stagesClimbed(from: StageName, to: StageName): readonly Stage[] {
  return STAGES.slice(stageIndex(from) + 1, stageIndex(to) + 1);
}

/** Whether `name` comes at or after `from` in the journey. */
export function reaches(name: StageName, from: StageName): boolean {
  return stageIndex(name) >= stageIndex(from);
}

export function stageNamed(name: StageName): Stage {
  return STAGES[stageIndex(name)] as Stage;
}

export function isStageName(text: unknown): text is StageName {
  return (STAGE_NAMES as readonly unknown[]).includes(text);
}

/** The stage after `name`, or undefined at the journey's end. */
export function nextStage(name: StageName): Stage | undefined {
  return STAGES[stageIndex(name) + 1];
}

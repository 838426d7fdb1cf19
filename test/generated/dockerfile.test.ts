/** Every Dockerfile that the option values can lead to keeps hadolint's rules and the advice for Node.js containers. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Answers } from '../../src/journey/options.ts';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { describeAnswers, isLegal, pairwiseAnswers } from '../support/answer-sets.ts';
import {
  brokenDockerfileRules,
  DOCKERFILE_RULES,
  type DockerfileRule,
  letThrough,
  NEVER_IN_AN_IMAGE,
} from '../support/dockerfile-rules.ts';
import { defaultAnswers } from '../support/generated-project.ts';

async function generated(answers: Answers, path: string): Promise<string> {
  const file = (await planProject(answers)).files.find(candidate => candidate.path === path);
  if (!file) throw new Error(`the plan has no ${path}`);
  return String(file.bytes);
}

const answerSets = STAGE_NAMES.flatMap(pairwiseAnswers).filter(isLegal);

describe.each(answerSets.map(answers => [describeAnswers(answers), answers] as const))(
  '%s',
  (_title, answers) => {
    test('the Dockerfile keeps every rule', async () => {
      expect(brokenDockerfileRules(await generated(answers, 'Dockerfile'))).toEqual([]);
    });

    test('.dockerignore keeps secrets, history and what was installed or built outside', async () => {
      expect(letThrough(await generated(answers, '.dockerignore'), NEVER_IN_AN_IMAGE)).toEqual([]);
    });

    test('.dockerignore lets through what the Dockerfile copies', async () => {
      const { files } = await planProject(answers);
      const paths = files.map(({ path }) => path).filter(isBuilt);
      expect(letThrough(await generated(answers, '.dockerignore'), paths)).toEqual(paths);
    });
  },
);

/** What a build needs: manifests, settings of the compiler, code and migrations; tests run before it, not in it. */
function isBuilt(path: string): boolean {
  return (
    /(^|\/)(package|tsconfig)\.json$|\.sql$|(^|\/)src\/.*\.ts$/.test(path) &&
    !/\.test\.ts$|^test\//.test(path)
  );
}

const RUN_INSTALL = 'RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev';
const CMD = 'CMD ["node", "--enable-source-maps", "dist/server.js"]';

/** For each rule, what breaks it and nothing else: a line of a good Dockerfile, and what to make of it. */
const FAULTS: Readonly<Record<DockerfileRule, readonly (readonly [good: RegExp | string, bad: string])[]>> = {
  'DL3000 WORKDIR is absolute': [['WORKDIR /app', 'WORKDIR app']],
  'DL3002 the last USER is not root, and a number': [
    ['USER 1000:1000\n', ''],
    ['USER 1000:1000', 'USER root'],
    ['USER 1000:1000', 'USER 0'],
    ['USER 1000:1000', 'USER node'],
    ['USER 1000:1000', 'USER 1000:1000\nUSER 0:0'],
  ],
  'DL3004 no sudo': [['RUN npm run build', 'RUN sudo npm run build']],
  'DL3006 DL3007 images by version': [
    [/FROM \S+$/m, 'FROM node'],
    [/FROM \S+$/m, 'FROM node:latest'],
    [/FROM \S+ AS build/, 'FROM nobody AS build'],
  ],
  'DL3008 DL3009 DL3015 apt-get: pinned, nothing recommended, lists removed': [
    ['USER 1000', 'RUN apt-get update && apt-get install -y curl\nUSER 1000'],
    [
      'USER 1000',
      'RUN apt-get update && apt-get install -y --no-install-recommends curl=8.14.1-2\nUSER 1000',
    ],
    [
      'USER 1000',
      'RUN apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\nUSER 1000',
    ],
  ],
  'DL3012 one HEALTHCHECK': [
    [/HEALTHCHECK .*\n/, ''],
    [CMD, `HEALTHCHECK CMD ["true"]\n${CMD}`],
  ],
  'DL3020 COPY, not ADD': [['COPY . .', 'ADD . .']],
  'DL3022 DL3024 COPY --from a stage above, by its own name': [
    ['COPY --from=build /app/dist', 'COPY --from=builder /app/dist'],
    [/(FROM \S+ AS build)/, '$1\nFROM node:24-slim AS build'],
  ],
  'DL3025 CMD, ENTRYPOINT and HEALTHCHECK in exec form': [
    [/HEALTHCHECK .*/, 'HEALTHCHECK CMD curl -f http://127.0.0.1:3000/livez'],
  ],
  'DL4003 one CMD': [[CMD, `${CMD}\n${CMD}`]],
  'more than one stage': [
    [
      /^[\s\S]*$/,
      [
        'FROM node:24-slim',
        'ENV NODE_ENV=production NODE_OPTIONS=--max-old-space-size-percentage=75',
        'WORKDIR /app',
        'USER 1000:1000',
        'HEALTHCHECK CMD ["true"]',
        CMD,
      ].join('\n'),
    ],
  ],
  'npm ci, not npm install': [['RUN npm run build', 'RUN npm install left-pad && npm run build']],
  "npm's cache in a cache mount": [[RUN_INSTALL, 'RUN npm ci --ignore-scripts --omit=dev']],
  'no scripts of packages': [[RUN_INSTALL, 'RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev']],
  'manifests before the code': [['COPY package.json package-lock.json ./', 'COPY . .']],
  'only production dependencies in the last stage': [
    ['COPY --from=dependencies /app/node_modules', 'COPY --from=build /app/node_modules'],
    ['USER 1000', 'RUN npm cache clean --force\nUSER 1000'],
  ],
  'only what was built in the last stage': [['COPY --from=build /app/dist ./dist', 'COPY src ./src']],
  'no secret in ARG or ENV': [
    ['EXPOSE', 'ENV PGPASSWORD=x\nEXPOSE'],
    ['EXPOSE', 'ARG NPM_TOKEN\nEXPOSE'],
    ['EXPOSE', 'ARG API_KEY=x\nEXPOSE'],
  ],
  'code that belongs to root': [
    ['COPY --from=build /app/dist', 'COPY --from=build --chown=1000:1000 /app/dist'],
    ['COPY --from=build /app/dist', 'COPY --chown=node --from=build /app/dist'],
  ],
  'node starts, not npm or a shell': [
    [CMD, 'CMD ["npm", "start"]'],
    [CMD, 'CMD ["sh", "-c", "node dist/server.js"]'],
    [CMD, `ENTRYPOINT ["npm", "exec"]\n${CMD}`],
  ],
  'a heap that fits the memory limit': [[' NODE_OPTIONS=--max-old-space-size-percentage=75', '']],
  'NODE_ENV is production': [['NODE_ENV=production', 'NODE_ENV=development']],
};

describe('the list sees', () => {
  let good: string;
  beforeAll(async () => {
    good = await generated(defaultAnswers('balancer'), 'Dockerfile');
  });

  const broken = (Object.keys(DOCKERFILE_RULES) as DockerfileRule[]).flatMap(rule =>
    FAULTS[rule].map(([right, wrong], index) => [`${rule} (${index + 1})`, rule, right, wrong] as const),
  );
  test.each(broken)('broken: %s', (_title, rule, right, wrong) => {
    const bad = good.replace(right, wrong);
    expect(bad).not.toBe(good);
    expect(brokenDockerfileRules(bad)).toEqual(CAUGHT_WITH[rule] ?? [rule]);
  });
});

/** Rules that cannot be broken alone: a stage by itself has nothing to install from a lockfile in. */
const CAUGHT_WITH: Readonly<Partial<Record<DockerfileRule, readonly DockerfileRule[]>>> = {
  'more than one stage': ['more than one stage', 'npm ci, not npm install'],
};

test.each(['.git', '**/.env*', '.npmrc', 'secrets', '**/node_modules', '**/dist'])(
  'a .dockerignore without %s lets something through',
  async line => {
    const text = await generated(defaultAnswers('microservices'), '.dockerignore');
    const without = text.replace(`${line}\n`, '');
    expect(without).not.toBe(text);
    expect(letThrough(without, NEVER_IN_AN_IMAGE)).not.toEqual([]);
  },
);

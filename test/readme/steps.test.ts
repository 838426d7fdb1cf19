/** How a README is read, and what each generated one has to be like for that. */
import { describe, expect, it } from 'vitest';
import { resolveAnswers } from '../../src/journey/answers.ts';
import { STAGE_NAMES } from '../../src/journey/stages.ts';
import { planProject } from '../../src/plan/plan.ts';
import { isShown, type Paste, stepsOf } from './steps.ts';

const README = `# My shop

Run \`it\`, in a way.

## Run it

\`\`\`sh
# It takes a moment.
npm install
\`\`\`

There is a container for it. With Docker:

\`\`\`sh
docker compose up
\`\`\`

Without Docker, in a terminal of its own (it
goes on):

\`\`\`sh
npm run build
npm run dev
# → listening
\`\`\`

Without Docker, end \`npm run dev\` with Ctrl-C, and start it again. Then:

\`\`\`sh
curl one
# → 1
# → 2
curl two
\`\`\`

\`\`\`text
not pasted
\`\`\`

### Grow

Commit what you have. Then:

\`\`\`sh
grow
\`\`\`
`;

describe('a README', () => {
  it('is read as what a person does, in order', () => {
    const line = (text: string, ...shows: string[]) => ({ text, shows });
    const paste = { kind: 'paste', heading: '## Run it', on: undefined, isTerminal: false };
    expect(stepsOf(README)).toEqual([
      { ...paste, lines: [line('npm install')] },
      { ...paste, on: 'docker', lines: [line('docker compose up')] },
      {
        ...paste,
        on: 'native',
        isTerminal: true,
        lines: [line('npm run build'), line('npm run dev', 'listening')],
      },
      { kind: 'start-again', heading: '## Run it' },
      { ...paste, lines: [line('curl one', '1', '2'), line('curl two')] },
      { kind: 'commit', heading: '### Grow' },
      { ...paste, heading: '### Grow', lines: [line('grow')] },
    ]);
  });

  it('is refused where it cannot be pasted line by line', () => {
    expect(() => stepsOf('```sh\n# → 1\n```\n')).toThrow('nothing is pasted before "# → 1"');
    expect(() => stepsOf('```sh\ncurl \\\n  one\n```\n')).toThrow('a line goes on in the next one: curl \\');
  });

  it('shows whole lines, in which … is anything and columns are aligned', () => {
    expect(isShown('0', 'one\r\n  0 \n')).toBe(true);
    expect(isShown('0', '10')).toBe(false);
    expect(isShown('…"status":401,…', '{"title":"Unauthorized","status":401,"requestId":"x"}')).toBe(true);
    expect(isShown('…"status":401,…', '{"title":"Not Found","status":404,"requestId":"x"}')).toBe(false);
    expect(isShown('200 x …, 503 x …', '200 x 500')).toBe(false);
    expect(isShown('orders | orders', ' orders   | orders ')).toBe(true);
  });
});

const READMES = [
  ...STAGE_NAMES.map(stage => [stage, { stage }] as const),
  ['nginx with HAProxy', { stage: 'nginx', balancer: 'haproxy' }] as const,
];

describe.each(READMES)('the README of %s', async (_, given) => {
  const { files } = await planProject(resolveAnswers(given, 'my-shop'));
  const readme = files.find(({ path }) => path === 'README.md')?.bytes.toString() ?? '';
  const pastes = stepsOf(readme).filter((step): step is Paste => step.kind === 'paste');

  it('says of each block who pastes it', () => {
    for (const { on, lines } of pastes)
      for (const { text } of lines)
        if (/\bdocker\b|move-data/.test(text)) expect([text, on]).toEqual([text, 'docker']);
  });

  it('shows what each question is answered', () => {
    const silent = pastes.flatMap(({ lines }) => lines).filter(({ shows }) => shows.length === 0);
    expect(
      silent.map(({ text }) => text).filter(text => /^(?:curl|node scripts\/burst|until)\b/.test(text)),
    ).toEqual([]);
  });

  it('comes up first, then shows the cure, then what still breaks', () => {
    const headings = [...readme.matchAll(/^##+ (.*)$/gm)].map(([, heading]) => heading);
    const cure = given.stage === 'stall' ? [] : ['What no longer breaks'];
    expect(headings.slice(headings.indexOf('Run it'))).toEqual([
      'Run it',
      'Log in and place an order',
      ...cure,
      ...headings.slice(2 + cure.length + headings.indexOf('Run it')),
    ]);
    expect(headings).toContain('Make it yours');
    expect(headings).toContain('What still breaks, and how to see it');
  });

  // By itself zsh, the shell of macOS, takes a comment for a command: behind another command it would be its arguments.
  it('has comments on lines of their own, which do no harm where they are no comments', () => {
    const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
      text.split('\n'),
    );
    const commands = blocks.filter(line => !line.startsWith('#'));
    expect(commands.filter(line => / # /.test(line))).toEqual([]);
    for (const comment of blocks.filter(line => line.startsWith('#'))) {
      expect(comment).not.toMatch(/[<>|;&`$\\]/);
      for (const quote of [`'`, '"']) expect(comment.split(quote).length % 2, comment).toBe(1);
    }
  });
});

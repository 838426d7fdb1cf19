/** The only file that asks. It is loaded when there is somebody to answer. */
import checkbox from '@inquirer/checkbox';
import input from '@inquirer/input';
import select from '@inquirer/select';
import { Cancelled } from '../errors.ts';

export interface PromptChoice {
  readonly value: string;
  readonly name: string;
  readonly description?: string;
  /** What stands behind the question once it is answered; the name where there is none. */
  readonly short?: string;
}

/** Says what is wrong with an answer, or nothing. */
export type Problem<T> = (answer: T) => Promise<string | undefined>;

export interface Prompter {
  choose(message: string, choices: readonly PromptChoice[], preselected?: string): Promise<string>;
  several(
    message: string,
    choices: readonly PromptChoice[],
    preselected: readonly string[],
    problem: Problem<readonly string[]>,
  ): Promise<string[]>;
  text(message: string, preset: string | undefined, problem: Problem<string>): Promise<string>;
}

/** Prompts on stderr: stdout is for results. Each rejects with `Cancelled` on Ctrl-C, on a signal, and when stdin ends. */
export function createPrompter(interrupted: AbortSignal): Prompter {
  const ask = async <T>(prompt: (context: PromptContext) => Promise<T>): Promise<T> => {
    // A stdin that ends leaves a prompt pending for ever, and Node 20 then exits with 0 as if all were well.
    const inputEnded = new AbortController();
    const onEnd = () => inputEnded.abort();
    process.stdin.once('end', onEnd).once('close', onEnd);
    try {
      return await prompt({
        output: process.stderr,
        signal: AbortSignal.any([interrupted, inputEnded.signal]),
      });
    } catch (error) {
      throw isPromptExit(error) ? new Cancelled() : error;
    } finally {
      process.stdin.off('end', onEnd).off('close', onEnd);
    }
  };
  return {
    choose: (message, choices, preselected) =>
      ask(context =>
        select(
          {
            message,
            choices: [...choices],
            loop: false,
            pageSize: 14,
            ...(preselected === undefined ? {} : { default: preselected }),
          },
          context,
        ),
      ),
    several: (message, choices, preselected, problem) =>
      ask(context =>
        checkbox(
          {
            message,
            choices: choices.map(each => ({ ...each, checked: preselected.includes(each.value) })),
            validate: async picked => (await problem(picked.map(each => each.value))) ?? true,
          },
          context,
        ),
      ),
    text: (message, preset, problem) =>
      ask(context =>
        input({ message, default: preset, validate: async text => (await problem(text)) ?? true }, context),
      ),
  };
}

interface PromptContext {
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Inquirer's errors for Ctrl-C and for an aborted signal; it is bundled, so `instanceof` would need a second import. */
function isPromptExit(error: unknown): boolean {
  return (
    error instanceof Error &&
    ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(error.name)
  );
}

/** Random texts and edits of them, the same ones in every run. */
import type { Merged, Sides } from '../../../src/project/merge/sides.ts';
import { wholeNumbers } from '../../support/random.ts';

export class RandomEdits {
  /** A whole number from 0 up to, not including, the bound. */
  readonly below: (bound: number) => number;
  readonly #repeated: number;
  #fresh = 0;

  /** @param repeated How many of the lines in a hundred are such as repeat in any program. */
  constructor(seed: number, repeated: number) {
    this.below = wholeNumbers(seed);
    this.#repeated = repeated;
  }

  line(): string {
    const common = ['', '}', '  });', '    return;'][this.below(4)] ?? '';
    return this.below(100) < this.#repeated ? common : `line ${this.#fresh++}`;
  }

  lines(count: number): string[] {
    return Array.from({ length: count }, () => this.line());
  }

  edited(lines: readonly string[]): string[] {
    const result = [...lines];
    for (let edits = this.below(4) + 1; edits > 0; edits--) {
      const removed = this.below(3);
      const added = this.lines(this.below(4));
      result.splice(this.below(result.length + 1), removed, ...added);
    }
    return result;
  }

  /** Now and then both sides make a change alike, or one makes none. */
  triple(): Sides<string> & { readonly base: string } {
    const base = this.lines(this.below(40));
    const shared = this.below(5) === 0 ? this.edited(base) : base;
    const [yours, generated] = [this.edited(shared), this.below(20) === 0 ? shared : this.edited(shared)];
    return { base: textOf(base), yours: textOf(yours), generated: textOf(generated) };
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('');
}

/** Lines that one side has written and that are neither in the merged file nor in its sidecar. */
export function lostLines(written: string, base: string, { content, sidecar }: Merged<string>): string[] {
  const known = new Set(`${base}\n${content}\n${sidecar?.content ?? ''}`.split('\n'));
  return written.split('\n').filter(line => !known.has(line));
}

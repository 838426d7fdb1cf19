/** The two streams that the tool writes to: results on stdout, everything else on stderr. */

export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export type Paint = (text: string) => string;

export interface Painter {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** One of a few colours, the same for the same number: it tells neighbours apart. */
  readonly nth: (index: number) => Paint;
}

export interface Terminal {
  /** A result, on stdout. */
  result(text: string): void;
  /** Progress or a complaint, on stderr. */
  note(text: string): void;
  /** What goes on just now, on stderr where that is a terminal: each takes the place of the last, and the next note of all. */
  status(text: string): void;
  readonly paint: Painter;
  /** For results: stdout may go to a file while stderr is a terminal. */
  readonly paintResult: Painter;
}

const CLEAR_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 80;

type Environment = Readonly<Record<string, string | undefined>>;

export function createTerminal(stdout: OutputStream, stderr: OutputStream, env: Environment): Terminal {
  let hasStatus = false;
  const clear = () => {
    if (hasStatus) stderr.write(CLEAR_LINE);
    hasStatus = false;
  };
  return {
    result: text => {
      clear();
      stdout.write(`${text}\n`);
    },
    note: text => {
      clear();
      stderr.write(`${text}\n`);
    },
    status: text => {
      if (stderr.isTTY !== true) return;
      clear();
      stderr.write(text.slice(0, (stderr.columns ?? DEFAULT_COLUMNS) - 1));
      hasStatus = true;
    },
    paint: createPainter(usesColour(stderr, env)),
    paintResult: createPainter(usesColour(stdout, env)),
  };
}

/** See https://no-color.org and https://force-color.org. */
function usesColour(stream: OutputStream, env: Environment): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

const NEIGHBOUR_COLOURS = [36, 33, 35, 32, 34, 96, 93, 95] as const;

export function createPainter(inColour: boolean): Painter {
  const paint =
    (open: number, close = 39): Paint =>
    text =>
      inColour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31),
    green: paint(32),
    yellow: paint(33),
    cyan: paint(36),
    nth: index => paint(NEIGHBOUR_COLOURS[index % NEIGHBOUR_COLOURS.length] ?? 36),
  };
}

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
  readonly paint: Painter;
  /** For results: stdout may go to a file while stderr is a terminal. */
  readonly paintResult: Painter;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function createTerminal(stdout: OutputStream, stderr: OutputStream, env: Environment): Terminal {
  return {
    result: text => void stdout.write(`${text}\n`),
    note: text => void stderr.write(`${text}\n`),
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

/** What a progress bar needs of the stream that it is drawn on. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** How far a long task is. */
export interface Progress {
  /** Somebody watches the line. */
  readonly terminal: boolean;
  /** `count` more of the total are done. */
  readonly advance: (count?: number) => void;
  /** What is done now, and how much of the total so far; less than before begins another part, with its own time left. */
  readonly at: (label: string, finished?: number) => void;
  /** Takes the line away until something changes, for a line of text that stays. */
  readonly hide: () => void;
  /** The task has ended, done or not: the line disappears. May be called twice. */
  readonly done: () => void;
}

export interface ProgressOptions {
  readonly stream?: ProgressStream;
  /** Milliseconds. */
  readonly now?: () => number;
  /** Calls `draw` now and then, until what it returned is called: a tool that we wait for tells us nothing. */
  readonly repeat?: (draw: () => void) => () => void;
  /** Without a terminal: a line now and then for the log of a job, instead of nothing. */
  readonly log?: boolean;
}

/** Milliseconds: what ends sooner shows nothing; between two drawings; between two lines of a log. */
const PATIENCE = 1000;
const REDRAW = 100;
const LOG_EVERY = 10_000;
const BAR = 24;

const silent: Progress = {
  terminal: false,
  advance: () => undefined,
  at: () => undefined,
  hide: () => undefined,
  done: () => undefined,
};

/**
 * One line on stderr while something takes longer than a second: label, bar, share, and the time that is left at the
 * present speed; label and time alone where the `total` is not known. Nothing where stderr is no terminal, except a line
 * every ten seconds in continuous integration.
 */
export function progress(label: string, total: number | undefined, options: ProgressOptions = {}): Progress {
  const { stream = process.stderr, now = () => performance.now(), log = process.env['CI'] !== undefined } = options;
  const terminal = stream.isTTY === true;
  if (!terminal && !log) return silent;
  const repeat = options.repeat ?? everySecond;
  const started = now();
  let part = { label, started };
  let last = started;
  let finished = 0;
  let drawn = false;
  let over = false;
  const draw = (): void => {
    const time = now();
    const wait = terminal ? REDRAW : LOG_EVERY;
    if (over || time - started < PATIENCE || (time - last < wait && (drawn || !terminal))) return;
    last = time;
    drawn = true;
    const seconds = (time - part.started) / 1000;
    const line =
      total === undefined ? `${part.label} ${duration(seconds)}` : barLine(part.label, finished / total, seconds);
    stream.write(terminal ? `\r${clip(line, stream.columns)}\u001b[K` : `${line}\n`);
  };
  const hide = (): void => {
    if (drawn && terminal && !over) stream.write('\r\u001b[K');
    drawn = false;
  };
  const stop = repeat(draw);
  return {
    terminal,
    advance(count = 1) {
      finished += count;
      draw();
    },
    at(what, share = 0) {
      const begins = share < finished || (total === undefined && what !== part.label);
      part = { label: what, started: begins ? now() : part.started };
      finished = share;
      draw();
    },
    hide,
    done() {
      hide();
      over = true;
      stop();
    },
  };
}

/** What `body` answers; the line disappears with its end, also where it throws. */
export function whileShown<T>(shown: Progress, body: () => T): T {
  try {
    return body();
  } finally {
    shown.done();
  }
}

/** Does not keep the process alive. */
function everySecond(draw: () => void): () => void {
  const timer = setInterval(draw, 1000).unref();
  return () => clearInterval(timer);
}

function barLine(label: string, done: number, seconds: number): string {
  const share = Number.isFinite(done) ? Math.min(1, Math.max(0, done)) : 0;
  const left = share > 0.01 && share < 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : '';
  return `${label} ${bar(share, BAR)} ${Math.floor(share * 100)} % ${duration(seconds)}${left}`;
}

/** A line that wraps around cannot be drawn over. Some terminals say that they have no columns. */
function clip(line: string, columns = 0): string {
  return line.slice(0, (columns > 0 ? columns : 80) - 1);
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A share from 0 to 1 in eighths of a character, padded to `width` characters. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  const partial = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return `${'█'.repeat(Math.floor(eighths / 8))}${partial}`.padEnd(width);
}

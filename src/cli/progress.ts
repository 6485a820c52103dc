/** What a progress bar needs of the stream that it is drawn on. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** How far a long task is. */
export interface Progress {
  /** `count` more of the total are done. */
  advance(count?: number): void;
  /** The task has ended, done or not: the line disappears. May be called twice. */
  done(): void;
}

export interface ProgressOptions {
  readonly stream?: ProgressStream;
  /** Milliseconds. */
  readonly now?: () => number;
  /** Without a terminal: a line now and then for the log of a job, instead of nothing. */
  readonly log?: boolean;
}

/** Milliseconds: what ends sooner shows nothing; between two drawings; between two lines of a log. */
const PATIENCE = 1000;
const REDRAW = 100;
const LOG_EVERY = 10_000;
const BAR = 24;

/**
 * One line on stderr while something takes longer than a second: label, bar, share, and the time that is left at the
 * present speed. Nothing where stderr is no terminal, except a line every ten seconds in continuous integration.
 */
export function progress(label: string, total: number, options: ProgressOptions = {}): Progress {
  const { stream = process.stderr, now = () => performance.now(), log = process.env['CI'] !== undefined } = options;
  const terminal = stream.isTTY === true;
  if (!terminal && !log) return { advance: () => undefined, done: () => undefined };
  const started = now();
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
    const line = describe(label, finished, total, (time - started) / 1000);
    stream.write(terminal ? `\r${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}\u001b[K` : `${line}\n`);
  };
  return {
    advance(count = 1) {
      finished += count;
      draw();
    },
    done() {
      if (drawn && terminal && !over) stream.write('\r\u001b[K');
      over = true;
    },
  };
}

function describe(label: string, finished: number, total: number, seconds: number): string {
  const share = total > 0 ? Math.min(1, Math.max(0, finished / total)) : 0;
  const left = share > 0.01 && share < 1 ? `, ${duration((seconds * (1 - share)) / share)} left` : '';
  return `${label} ${bar(share, BAR)} ${Math.floor(share * 100)} % ${duration(seconds)}${left}`;
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

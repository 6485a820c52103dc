/** Milliseconds before anything is shown, and between two changes. */
const PATIENCE = 2000;
const PERIOD = 200;

/** One line on a terminal that says how far a long step is; silent where nobody watches. */
export class ProgressLine {
  private readonly started = performance.now();
  private last = 0;
  private width = 0;

  public constructor(private readonly enabled = process.stderr.isTTY) {}

  /** `share` from 0 to 1. */
  public show(what: string, share: number): void {
    const now = performance.now();
    if (!this.enabled || now - this.started < PATIENCE || now - this.last < PERIOD) return;
    this.last = now;
    const text = `${what}: ${Math.floor(100 * share)} %`;
    process.stderr.write(`\r${text.padEnd(this.width)}`);
    this.width = text.length;
  }

  /** Takes the line away. */
  public clear(): void {
    if (this.width > 0) process.stderr.write(`\r${' '.repeat(this.width)}\r`);
    this.width = 0;
  }
}

import type { CanonicalProblem } from './canonical-problem.js';

/** Widths of forms while the inputs range freely, in doubles: they steer choices and may be rounded. */
export class FormWidths {
  private readonly low: Float64Array;
  private readonly high: Float64Array;

  public constructor({ problem, dimension }: CanonicalProblem) {
    // The coordinate of constants, where there is one, is always one.
    this.low = new Float64Array(dimension).fill(1);
    this.high = new Float64Array(dimension).fill(1);
    problem.inputs.forEach(({ range }, input) => {
      this.low[input] = bounded(range.low);
      this.high[input] = bounded(range.high);
    });
  }

  /** Bits of a form or of its negative, whichever is narrower. */
  public width(form: Int32Array): number {
    let [low, high] = [0, 0];
    for (let index = 0; index < form.length; index++) {
      const coefficient = form[index] ?? 0;
      if (coefficient === 0) continue;
      const [first, second] = [coefficient * (this.low[index] ?? 0), coefficient * (this.high[index] ?? 0)];
      low += coefficient > 0 ? first : second;
      high += coefficient > 0 ? second : first;
    }
    return Math.min(bitsOf(low, high), bitsOf(-high, -low));
  }
}

function bitsOf(low: number, high: number): number {
  const magnitude = Math.max(Math.abs(low), Math.abs(high + 1));
  return (magnitude < 1 ? 0 : Math.ceil(Math.log2(magnitude))) + (low < 0 ? 1 : 0);
}

function bounded(value: bigint): number {
  return Math.max(-1e200, Math.min(1e200, Number(value)));
}

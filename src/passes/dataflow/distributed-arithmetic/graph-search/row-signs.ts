import type { CanonicalProblem } from './canonical-problem.js';
import { signOf, valueOf } from './digit.js';
import type { DigitRows } from './digit-rows.js';
import { rowOrder } from './row-depths.js';

const positive = 1;
const negative = 2;

/**
 * Estimates how many results would have to be negated. A row with digits of both signs can be made with either sign, one
 * whose digits agree only with theirs. That a part may be wanted with both signs in different places is ignored.
 */
export class RowSigns {
  /** By target: the sign that most of its columns want; 0 when it does not matter. */
  private readonly wanted: Uint8Array;
  private readonly matters: boolean;

  public constructor(
    private readonly rows: DigitRows,
    canonical: CanonicalProblem,
  ) {
    const votes = new Int32Array(canonical.targets.length);
    const names = new Map(canonical.targets.map((form, target) => [form.join(), target]));
    for (const output of canonical.outputs) {
      const target = output.form === undefined ? undefined : names.get(output.form.join());
      if (target !== undefined) votes[target] = (votes[target] ?? 0) + (output.negative ? -1 : 1);
    }
    this.wanted = Uint8Array.from(votes, (vote) => (vote > 0 ? positive : vote < 0 ? negative : 0));
    this.matters = this.wanted.includes(negative);
  }

  public negations(): number {
    if (!this.matters) return 0;
    const { rows, wanted } = this;
    const possible = new Uint8Array(rows.size).fill(positive);
    for (const value of rowOrder(rows)) {
      let signs = 0;
      for (const each of rows.row(value)) {
        const own = possible[valueOf(each)] ?? 0;
        signs |= signOf(each) === 0 ? own : ((own & positive) << 1) | (own >> 1);
      }
      possible[value] = signs;
    }
    let negations = 0;
    wanted.forEach((sign, target) => {
      if (sign !== 0 && ((possible[rows.bases + target] ?? 0) & sign) === 0) negations++;
    });
    return negations;
  }
}

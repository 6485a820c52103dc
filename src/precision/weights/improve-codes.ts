import { at } from '../../support/invariant.js';
import type { CodeChoice, ColumnProblem } from './column-problem.js';
import { chooseCode, columnObjective } from './column-problem.js';
import { candidateCodes, countSignedDigits, MOST_CANDIDATES } from './signed-digits.js';

/** Rounds over all pairs at most: nearly all columns are done after a few. */
const PAIR_ROUNDS = 12;
/** Relative to the objective: what is below is rounding noise, on which a descent could go round in circles. */
const LEAST_GAIN = 1e-12;

/**
 * Exact descent from the codes, in place: each code takes its best value while the others stand; then pairs, one code
 * taking another value and a second one its best answer. At the end no such move lowers the objective by more than
 * rounding noise. Pairs are searched where `pairs` is set: they take size² operations a round.
 */
export function improveCodes(problem: ColumnProblem, codes: Int32Array, pairs: boolean): void {
  const descent = new Descent(problem, codes);
  descent.singles();
  if (!pairs) return;
  for (let round = 0; round < PAIR_ROUNDS; round++) {
    if (!descent.pairs()) return;
    descent.singles();
  }
}

class Descent {
  private readonly size: number;
  /** H d: half the slope of the damage. */
  private readonly slope: Float64Array;
  private readonly least: number;
  private readonly choice: CodeChoice = { code: 0, damage: 0 };

  public constructor(
    private readonly problem: ColumnProblem,
    private readonly codes: Int32Array,
  ) {
    this.size = problem.size;
    this.slope = new Float64Array(this.size);
    for (let row = 0; row < this.size; row++) {
      const difference = at(codes, row) * at(problem.units, row) - at(problem.weights, row);
      if (difference !== 0) this.addToSlope(row, difference);
    }
    this.least = LEAST_GAIN * columnObjective(problem, codes);
  }

  public singles(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (let row = 0; row < this.size; row++) {
        const gain = this.bestAnswer(row, at(this.slope, row));
        if (gain <= this.least) continue;
        this.move(row, this.choice.code);
        moved = true;
      }
    }
  }

  /** Was anything moved? */
  public pairs(): boolean {
    const { size, problem, codes, slope } = this;
    const trials = new Int32Array(MOST_CANDIDATES + 2);
    let moved = false;
    for (let row = 0; row < size; row++) {
      const steepness = at(problem.hessian, row * size + row);
      const unit = at(problem.units, row);
      const count = this.trialsOf(row, trials);
      for (let trial = 0; trial < count; trial++) {
        const code = at(trials, trial);
        const from = at(codes, row);
        if (code === from) continue;
        const step = (code - from) * unit;
        const loss =
          step * (2 * at(slope, row) + step * steepness) +
          at(problem.penalties, row) * (countSignedDigits(code) - countSignedDigits(from));
        let [best, partner, answer] = [this.least, -1, 0];
        for (let other = 0; other < size; other++) {
          if (other === row) continue;
          const link = problem.hessian[row * size + other] ?? 0;
          if (link === 0) continue;
          const gain = this.bestAnswer(other, (slope[other] ?? 0) + step * link) - loss;
          if (gain > best) [best, partner, answer] = [gain, other, this.choice.code];
        }
        if (partner < 0) continue;
        this.move(row, code);
        this.move(partner, answer);
        moved = true;
      }
    }
    return moved;
  }

  /** Neighbours of the code, and the codes of few digits near its ideal. */
  private trialsOf(row: number, trials: Int32Array): number {
    const { problem, codes, size } = this;
    const { range } = problem;
    const code = at(codes, row);
    const unit = at(problem.units, row);
    const steepness = at(problem.hessian, row * size + row);
    let count = steepness > 0 ? candidateCodes(code - at(this.slope, row) / (steepness * unit), range, trials) : 0;
    if (code > range.low) trials[count++] = code - 1;
    if (code < range.high) trials[count++] = code + 1;
    return count;
  }

  /** What the row gains by its best code where the slope is as given; the code is in `choice`. */
  private bestAnswer(row: number, slope: number): number {
    const { problem, codes, choice } = this;
    const steepness = problem.hessian[row * this.size + row] ?? 0;
    const code = codes[row] ?? 0;
    const penalty = problem.penalties[row] ?? 0;
    const weight = code * (problem.units[row] ?? 1);
    choice.code = code;
    if (steepness <= 0) {
      // Nothing depends on this weight.
      const { low, high } = problem.range;
      choice.code = low <= 0 && high >= 0 ? 0 : code;
      return penalty * (countSignedDigits(code) - countSignedDigits(choice.code));
    }
    const offset = slope / steepness;
    chooseCode(problem, row, weight - offset, steepness, choice);
    const before = steepness * offset * offset + penalty * countSignedDigits(code);
    return before - choice.damage - penalty * countSignedDigits(choice.code);
  }

  private move(row: number, code: number): void {
    const from = at(this.codes, row);
    if (from === code) return;
    this.codes[row] = code;
    this.addToSlope(row, (code - from) * at(this.problem.units, row));
  }

  private addToSlope(row: number, step: number): void {
    const { slope, size } = this;
    const { hessian } = this.problem;
    for (let other = 0; other < size; other++) slope[other] = at(slope, other) + step * at(hessian, row * size + other);
  }
}

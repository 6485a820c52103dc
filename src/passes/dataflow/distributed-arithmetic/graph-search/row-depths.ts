import { at } from '../../../../support/invariant.js';
import { valueOf } from './digit.js';
import type { DigitRows, Occurrence } from './digit-rows.js';

/**
 * Depths of rows when each is summed by the shallowest tree: a tree of depth d over operands of depths d_i exists if and
 * only if Σ 2^d_i ≤ 2^d (Kraft's inequality).
 */
export class RowDepths {
  /** By value: the depth it has, and the greatest it may have for all results to be within the limit. */
  public depths: number[] = [];
  public latest: number[] = [];
  private loads: number[] = [];

  public constructor(
    private readonly rows: DigitRows,
    private readonly baseDepths: readonly number[],
    private readonly limit: number,
  ) {}

  /** Recomputes all depths; whether they are within the limit. */
  public refresh(): boolean {
    const { rows, limit } = this;
    const order = rowOrder(rows);
    const depths = new Array<number>(rows.size).fill(0);
    const loads = new Array<number>(rows.size).fill(0);
    this.baseDepths.forEach((depth, value) => (depths[value] = depth));
    for (const value of order) {
      let load = 0;
      for (const each of rows.row(value)) load += 2 ** at(depths, valueOf(each));
      loads[value] = load;
      depths[value] = load === 0 ? 0 : Math.ceil(Math.log2(load));
    }
    const latest = new Array<number>(rows.size).fill(limit);
    for (let index = order.length - 1; index >= 0; index--) {
      const value = at(order, index);
      const spare = 2 ** at(latest, value) - at(loads, value);
      for (const each of rows.row(value)) {
        const operand = valueOf(each);
        // The deepest that this operand may be while the others stay as they are.
        const most = Math.floor(Math.log2(Math.max(0, spare) + 2 ** at(depths, operand)));
        latest[operand] = Math.min(at(latest, operand), most);
      }
    }
    [this.depths, this.latest, this.loads] = [depths, latest, loads];
    return depths.every((depth) => depth <= limit);
  }

  /** Those occurrences whose rows stay within the limit when the pattern is made apart. */
  public admit(occurrences: readonly Occurrence[]): readonly Occurrence[] {
    this.refresh();
    const { loads } = this;
    return occurrences.filter(({ row, low, high }) => {
      const [one, other] = [at(this.depths, valueOf(low)), at(this.depths, valueOf(high))];
      const load = at(loads, row) - 2 ** one - 2 ** other + 2 ** (Math.max(one, other) + 1);
      if (load > 2 ** at(this.latest, row)) return false;
      loads[row] = load;
      return true;
    });
  }
}

/** Values with rows, operands first. */
export function rowOrder(rows: DigitRows): readonly number[] {
  const order: number[] = [];
  const visited = new Uint8Array(rows.size);
  const visit = (value: number): void => {
    if (visited[value] === 1) return;
    visited[value] = 1;
    if (rows.rows[value] === undefined) return;
    for (const each of rows.row(value)) visit(valueOf(each));
    order.push(value);
  };
  for (let value = 0; value < rows.size; value++) visit(value);
  return order;
}

import type { Origin } from '../../dataflow/kinds.js';
import type { ModelNodeOf } from '../../model/kinds.js';
import type { MatmulPlan } from '../../model/shapes.js';
import { at } from '../../support/invariant.js';
import type { Element, Groups } from './groups.js';
import type { ScalarArithmetic } from './scalar.js';
import type { Scaled } from './scalar.js';

/**
 * A matrix product opens a new kernel, or takes over one that only prepares its operands. Where one constant matrix
 * meets several rows (the windows of a convolution, the elements of a set, the steps of a sequence), a kernel is made
 * once for a row and mapped over the rows.
 */
export function lowerMatmul(
  node: ModelNodeOf<'matmul'>,
  plan: MatmulPlan,
  left: readonly Element[],
  right: readonly Element[],
  groups: Groups,
): readonly Element[] {
  if (right.every((element) => element.kind === 'constant')) {
    const mapped = mapRows(node, plan, left, right, groups);
    if (mapped !== undefined) return mapped;
  }
  const group = groups.joinProduct([left, right], node.provenance);
  const arithmetic = groups.arithmetic(group, node.provenance);
  const result: Element[] = [];
  plan.leftOffsets.forEach((leftOffset, batch) => {
    const rightOffset = plan.rightOffsets[batch] ?? 0;
    for (let row = 0; row < plan.rows; row++) {
      for (let column = 0; column < plan.columns; column++) {
        const terms: Scaled[] = [];
        for (let k = 0; k < plan.inner; k++) {
          const a = at(left, leftOffset + row * plan.inner + k);
          const b = at(right, rightOffset + k * plan.columns + column);
          if (isZero(a) || isZero(b)) continue;
          terms.push(arithmetic.multiply(groups.use(group, a), groups.use(group, b)));
        }
        result.push({ kind: 'local', group, position: 0, ...sum(arithmetic, terms) });
      }
    }
  });
  return result;
}

/** Rows of one matrix that are one kernel: the same constants, and the same binary points, in the same places. */
interface RowClass {
  /** Where the matrix begins in the right operand. */
  readonly matrix: number;
  readonly rows: (readonly Element[])[];
  /** By row, its number in the result. */
  readonly places: number[];
}

/**
 * Windows that reach into the padding of a picture have constants in other places than those inside: each of these
 * patterns is a smaller kernel of its own. Undefined where hardly any two rows are alike.
 */
function mapRows(
  node: ModelNodeOf<'matmul'>,
  plan: MatmulPlan,
  left: readonly Element[],
  right: readonly Element[],
  groups: Groups,
): readonly Element[] | undefined {
  const total = plan.leftOffsets.length * plan.rows;
  if (total === 1) return undefined;
  const classes = new Map<string, RowClass>();
  plan.leftOffsets.forEach((leftOffset, batch) => {
    const matrix = at(plan.rightOffsets, batch);
    for (let row = 0; row < plan.rows; row++) {
      const start = leftOffset + row * plan.inner;
      const elements = left.slice(start, start + plan.inner);
      const pattern = elements.map((each) => (each.kind === 'constant' ? `${each.code}@${each.lsb}` : each.lsb));
      const key = `${matrix}:${pattern.join()}`;
      let found = classes.get(key);
      if (found === undefined) classes.set(key, (found = { matrix, rows: [], places: [] }));
      found.rows.push(elements);
      found.places.push(batch * plan.rows + row);
    }
  });
  if (2 * classes.size > total) return undefined;
  const result = new Array<Element>(total * plan.columns);
  const promised = new Promises(groups, node.provenance);
  for (const { matrix, rows, places } of classes.values()) {
    const { group, operands } = groups.map(
      node.provenance,
      rows.map((row) => row.map((element) => promised.settled(element))),
    );
    const arithmetic = groups.arithmetic(group, node.provenance);
    for (let column = 0; column < plan.columns; column++) {
      const terms: Scaled[] = [];
      operands.forEach((operand, k) => {
        const weight = at(right, matrix + k * plan.columns + column);
        if (isZero(weight) || weight.kind !== 'constant' || isZero(at(at(rows, 0), k))) return;
        terms.push(arithmetic.multiply(operand, arithmetic.constant(weight.code, weight.lsb)));
      });
      const output = sum(arithmetic, terms);
      places.forEach((place, position) => {
        result[place * plan.columns + column] = { kind: 'local', group, position, ...output };
      });
    }
  }
  return result;
}

/** States the promises about input elements in one kernel, so that all positions see plain operands. */
class Promises {
  private group: number | undefined;

  public constructor(
    private readonly groups: Groups,
    private readonly origin: Origin,
  ) {}

  public settled(element: Element): Element {
    if (element.kind !== 'input' || element.promise === undefined) return element;
    const group = (this.group ??= this.groups.open(this.origin));
    this.groups.arithmetic(group, this.origin);
    return { kind: 'local', group, position: 0, ...this.groups.use(group, element) };
  }
}

function sum(arithmetic: ScalarArithmetic, terms: readonly Scaled[]): Scaled {
  return arithmetic.reduce(terms, (left, right) => arithmetic.binary('add', left, right));
}

function isZero(element: Element): boolean {
  return element.kind === 'constant' && element.code === 0n;
}

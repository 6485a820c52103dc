import { invariant } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import { union } from '../../numeric/interval.js';
import { KernelBuilder } from '../../dataflow/builder.js';
import type { ModelNodeOf } from '../../model/kinds.js';
import type { MatmulPlan } from '../../model/shapes.js';
import type { Element, Groups } from './groups.js';
import { ScalarArithmetic } from './scalar.js';
import type { Scaled } from './scalar.js';

/**
 * A matrix product opens a new kernel, or takes over one that only prepares its operands. When one constant matrix meets several rows (a per-element network of a set, a
 * sequence step), the kernel is made once for a row and mapped over the rows.
 */
export function lowerMatmul(
  node: ModelNodeOf<'matmul'>,
  plan: MatmulPlan,
  left: readonly Element[],
  right: readonly Element[],
  groups: Groups,
): readonly Element[] {
  const positions = plan.leftOffsets.length * plan.rows;
  const oneMatrix = plan.rightOffsets.every((offset) => offset === plan.rightOffsets[0]);
  const constantMatrix = right.every((element) => element.kind === 'constant');
  if (positions > 1 && oneMatrix && constantMatrix) {
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
          const a = elementAt(left, leftOffset + row * plan.inner + k);
          const b = elementAt(right, rightOffset + k * plan.columns + column);
          if (isZero(a) || isZero(b)) continue;
          terms.push(arithmetic.multiply(groups.use(group, a), groups.use(group, b)));
        }
        result.push({ kind: 'local', group, ...sum(arithmetic, terms) });
      }
    }
  });
  return result;
}

/** Undefined when the rows differ in their binary points or hold constants: then they are not one kernel. */
function mapRows(
  node: ModelNodeOf<'matmul'>,
  plan: MatmulPlan,
  left: readonly Element[],
  right: readonly Element[],
  groups: Groups,
): readonly Element[] | undefined {
  const rows: (readonly Element[])[] = [];
  for (const offset of plan.leftOffsets) {
    for (let row = 0; row < plan.rows; row++) {
      const start = offset + row * plan.inner;
      rows.push(left.slice(start, start + plan.inner));
    }
  }
  const [first] = rows;
  invariant(first !== undefined, 'a matrix product has rows');
  const alike = rows.every((row) =>
    row.every(
      (element, k) => element.kind !== 'constant' && !('promise' in element) && element.lsb === elementAt(first, k).lsb,
    ),
  );
  if (!alike) return undefined;

  const builder = new KernelBuilder(node.provenance.name);
  builder.from(node.provenance);
  const arithmetic = new ScalarArithmetic(builder);
  const inputs = first.map((element, k) => ({
    node: builder.input(rows.map((row) => groups.rangeOf(elementAt(row, k))).reduce((a: Interval, b) => union(a, b))),
    lsb: element.lsb,
  }));
  const rightOffset = plan.rightOffsets[0] ?? 0;
  const outputs: Scaled[] = [];
  for (let column = 0; column < plan.columns; column++) {
    const terms: Scaled[] = [];
    inputs.forEach((input, k) => {
      const weight = elementAt(right, rightOffset + k * plan.columns + column);
      if (isZero(weight) || weight.kind !== 'constant') return;
      terms.push(arithmetic.multiply(input, arithmetic.constant(weight.code, weight.lsb)));
    });
    const output = sum(arithmetic, terms);
    builder.output(output.node);
    outputs.push(output);
  }
  const group = groups.map(node.provenance, builder.finish(), rows);
  return rows.flatMap((_, position) =>
    outputs.map((output, column) => ({
      kind: 'mapped' as const,
      group,
      index: position * plan.columns + column,
      lsb: output.lsb,
      range: builder.rangeOf(output.node),
    })),
  );
}

function sum(arithmetic: ScalarArithmetic, terms: readonly Scaled[]): Scaled {
  return arithmetic.reduce(terms, (left, right) => arithmetic.binary('add', left, right));
}

function elementAt(elements: readonly Element[], index: number): Element {
  const element = elements[index];
  invariant(element !== undefined, `no element ${index} of ${elements.length}`);
  return element;
}

function isZero(element: Element): boolean {
  return element.kind === 'constant' && element.code === 0n;
}

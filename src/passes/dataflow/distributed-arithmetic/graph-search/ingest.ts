import { at } from '../../../../support/invariant.js';
import { valueForms } from '../check.js';
import type { AdderGraph } from '../problem.js';
import { AdderState } from './adder-state.js';
import type { BaseValue, CanonicalProblem } from './canonical-problem.js';
import { canonicalColumn } from './canonical-problem.js';
import type { Decomposition } from './form-pool.js';
import { maximumSlots } from './pair-table.js';

export interface StateLimits {
  readonly depthLimit: number | undefined;
  /** Additions beyond those of the graph that a search may hold at a time. */
  readonly spare: number;
  /** Entries of the pair table, estimated. */
  readonly pairs: number;
}

/**
 * The state of a graph of two-operand additions; undefined when the graph is too large for the search, has sums of
 * three, or makes a form only as an even multiple of it.
 */
export function ingest(canonical: CanonicalProblem, graph: AdderGraph, limits: StateLimits): AdderState | undefined {
  const forms = valueForms(canonical.problem, graph);
  let { bits } = canonical;
  const values: { form: Int32Array | undefined; shift: number; constant: boolean }[] = [];
  const bases: BaseValue[] = [...canonical.bases];
  const known = new Set(bases.map(({ form }) => form.join()));
  for (const column of forms) {
    // A constant may be used where no column has one, and cancel out.
    if (column.constant !== 0n && canonical.dimension === canonical.problem.inputs.length) return undefined;
    const value = canonicalColumn(column, canonical.dimension);
    if (value === undefined) return undefined;
    const constant = column.terms.length === 0;
    values.push({ form: value.form, shift: value.shift, constant });
    if (value.form === undefined) continue;
    for (const coefficient of value.form) bits = Math.max(bits, 32 - Math.clz32(Math.abs(coefficient)));
    if (!constant || known.has(value.form.join())) continue;
    known.add(value.form.join());
    bases.push({ form: value.form, depth: 0, constant: BigInt(at(value.form, canonical.dimension - 1)) });
  }
  const capacity = bases.length + canonical.targets.length + graph.operations.length + limits.spare;
  // About a dozen relative shifts for each pair.
  if (capacity > maximumSlots || capacity * capacity * 8 > limits.pairs) return undefined;
  const state = new AdderState({ ...canonical, bases }, capacity, bits + 1, limits.depthLimit);
  const scratch = new Int32Array(canonical.dimension);
  for (const [index, operation] of graph.operations.entries()) {
    if (operation.kind === 'sum') return undefined;
    const value = at(values, graph.inputs + index);
    if (operation.kind === 'constant' || value.form === undefined || value.constant) continue;
    const [left, right] = [at(values, operation.left), at(values, operation.right)];
    if (left.form === undefined || right.form === undefined || state.pool.find(value.form) !== undefined) continue;
    const [leftSlot, rightSlot] = [state.pool.find(left.form), state.pool.find(right.form)];
    if (leftSlot === undefined || rightSlot === undefined) return undefined;
    const leftShift = left.shift + operation.leftShift;
    const rightShift = right.shift + operation.rightShift;
    const common = Math.min(leftShift, rightShift);
    if (common !== value.shift) return undefined;
    const shifts = { left: leftSlot, leftShift: leftShift - common, right: rightSlot, rightShift: rightShift - common };
    // The signs of the operands' own forms are folded in: one of the two signs makes the form.
    const definition = ([1, -1] as const)
      .map((sign): Decomposition => ({ ...shifts, sign }))
      .find(({ sign }) => {
        const shift = state.pool.combine(leftSlot, shifts.leftShift, rightSlot, shifts.rightShift, sign, scratch);
        return shift === 0 && scratch.every((coefficient, place) => coefficient === value.form?.[place]);
      });
    if (definition === undefined) return undefined;
    const slot = state.insert(value.form, definition);
    if (slot === undefined) return undefined;
    state.pool.enlist(slot);
  }
  for (const target of canonical.targets) {
    const slot = state.pool.find(target);
    if (slot === undefined) return undefined;
    state.kept[slot] = 1;
  }
  for (const slot of [...state.pool.members]) state.dropUnused(slot);
  return state.settle() ? state : undefined;
}

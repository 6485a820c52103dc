import { KernelBuilder } from '../../../dataflow/builder.js';
import type { DataflowNode, Kernel, NodeId } from '../../../dataflow/kinds.js';
import { operands } from '../../../dataflow/semantics.js';
import type { Interval } from '../../../numeric/interval.js';
import { isPoint, sameInterval, union } from '../../../numeric/interval.js';
import { at } from '../../../support/invariant.js';
import { refineRanges } from '../refine-ranges.js';

/** Results that are one function, each of operands of its own. */
export interface AlikeGroup {
  readonly results: readonly NodeId[];
  /** The function, for all that its operands can be. */
  readonly kernel: Kernel;
  /** By result, the operands in the order of the kernel's. */
  readonly reads: readonly (readonly NodeId[])[];
  /** All nodes of the stage that lead to these results, and to no others. */
  readonly members: ReadonlySet<NodeId>;
}

/** A result, and what leads to it within a stage. */
interface Cone {
  readonly result: NodeId;
  readonly reads: readonly NodeId[];
  /** Of the function, with operands by number. */
  readonly number: number;
  readonly size: number;
}

/** Fewer results are not worth a kernel of their own. */
const FEWEST = 2;

/**
 * Results of a stage that have the same function, as rounding and saturation behind a matrix mostly do. They may differ in what
 * their ranges left of it: a saturation that cannot be reached is gone. Hence the largest function is tried for each of
 * the others: with the ranges of their operands, it has to become theirs.
 *
 * `inside`: whether a node belongs to the stage. Nothing of it may be read by two results, nor leave the stage on its way;
 * shifts to the left belong to whoever reads them, and are written as often. `fixed`: whether a result must keep its range.
 */
export function alikeGroups(
  whole: Kernel,
  results: readonly NodeId[],
  inside: (node: DataflowNode) => boolean,
  rangeOf: (id: NodeId) => Interval,
  fixed: (id: NodeId) => boolean,
): readonly AlikeGroup[] {
  const leaves = new Set(results);
  const owners = new Map<NodeId, NodeId>();
  const mixed = new Set<NodeId>();
  const cones: Cone[] = [];
  const numbers = new FunctionNumbers();
  for (const result of results) {
    const members = membersOf(whole, result, inside);
    for (const id of members) {
      if (at(whole.nodes, id).kind === 'shiftLeft') continue;
      const owner = owners.get(id);
      if (owner !== undefined) for (const each of [owner, result]) mixed.add(each);
      if (id !== result && leaves.has(id)) for (const each of [id, result]) mixed.add(each);
      owners.set(id, result);
    }
    cones.push(coneOf(whole, result, new Set(members), rangeOf, numbers));
  }
  const left = cones.filter(({ result, reads }) => !mixed.has(result) && reads.length > 0);
  left.sort((first, second) => second.size - first.size || first.result - second.result);
  const groups: AlikeGroup[] = [];
  const provenOf = (id: NodeId): Interval => at(whole.nodes, id).range;
  const mayBecome = (result: NodeId, model: NodeId): boolean =>
    fixed(result) === fixed(model) && (!fixed(result) || sameInterval(provenOf(result), provenOf(model)));
  while (left.length > 0) {
    const model = at(left, 0);
    const members = new Set(membersOf(whole, model.result, inside));
    const same = left.filter((cone) => {
      if (cone.reads.length !== model.reads.length || !mayBecome(cone.result, model.result)) return false;
      if (cone.number === model.number) return true;
      return numbers.of(rebuilt(whole, model, members, cone.reads.map(rangeOf))) === cone.number;
    });
    for (const cone of same) left.splice(left.indexOf(cone), 1);
    if (same.length < FEWEST) continue;
    same.sort((first, second) => results.indexOf(first.result) - results.indexOf(second.result));
    const ranges = model.reads.map((_, operand) =>
      same.map(({ reads }) => rangeOf(at(reads, operand))).reduce((all, range) => union(all, range)),
    );
    const made = rebuilt(whole, model, members, ranges);
    const proven: Interval[] = [];
    proven[at(made.outputs, 0)] = same.map(({ result }) => provenOf(result)).reduce((all, range) => union(all, range));
    groups.push({
      results: same.map(({ result }) => result),
      kernel: refineRanges(made, proven),
      reads: same.map(({ reads }) => reads),
      members: new Set(same.flatMap(({ result }) => [...membersOf(whole, result, inside)])),
    });
  }
  return groups;
}

/** Nodes of the stage that a result needs, but for constants. */
function membersOf(whole: Kernel, result: NodeId, inside: (node: DataflowNode) => boolean): readonly NodeId[] {
  const found = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    const node = at(whole.nodes, id);
    if (found.has(id) || isPoint(node.range) || !inside(node)) return;
    found.add(id);
    for (const operand of operands(node)) visit(operand);
  };
  visit(result);
  return [...found];
}

function coneOf(
  whole: Kernel,
  result: NodeId,
  members: ReadonlySet<NodeId>,
  rangeOf: (id: NodeId) => Interval,
  numbers: FunctionNumbers,
): Cone {
  const reads: NodeId[] = [];
  const seen = new Set<NodeId>();
  const visit = (id: NodeId): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const node = at(whole.nodes, id);
    if (isPoint(node.range)) return;
    if (members.has(id)) for (const operand of operands(node)) visit(operand);
    else reads.push(id);
  };
  visit(result);
  // As it is once more with the ranges that it is read with, so that one function has one number.
  const cone = { result, reads, size: members.size };
  return { ...cone, number: numbers.of(rebuilt(whole, cone, members, reads.map(rangeOf))) };
}

/** The function of a cone, of operands that lie in `ranges`. */
function rebuilt(
  whole: Kernel,
  { result, reads }: Pick<Cone, 'result' | 'reads'>,
  members: ReadonlySet<NodeId>,
  ranges: readonly Interval[],
): Kernel {
  const builder = new KernelBuilder(whole.name);
  const made = new Map<NodeId, NodeId>();
  reads.forEach((id, operand) => made.set(id, builder.input(at(ranges, operand))));
  const place = (id: NodeId): NodeId => {
    const known = made.get(id);
    if (known !== undefined) return known;
    const node = at(whole.nodes, id);
    builder.from(at(whole.origins, node.origin));
    const copy = isPoint(node.range) && !members.has(id) ? builder.constant(node.range.low) : builder.copy(node, place);
    made.set(id, copy);
    return copy;
  };
  builder.output(place(result));
  return builder.finish();
}

/** Numbers of functions: the same one for whatever computes the same in the same way, of operands with the same numbers. */
class FunctionNumbers {
  private readonly numbers = new Map<string, number>();

  /** Does not depend on the order in which nodes were made, nor on that of the operands of a sum or a product. */
  public of(kernel: Kernel): number {
    const inputs = new Map(kernel.inputs.map((id, index) => [id, index]));
    const made = new Map<NodeId, number>();
    const visit = (id: NodeId): number => {
      const known = made.get(id);
      if (known !== undefined) return known;
      const node = at(kernel.nodes, id);
      const input = inputs.get(id);
      const number = this.number(
        input !== undefined
          ? `input ${input}`
          : isPoint(node.range)
            ? `constant ${node.range.low}`
            : `${node.kind} ${this.read(node, visit).join(' ')} ${fieldsOf(node)}`,
      );
      made.set(id, number);
      return number;
    };
    return visit(at(kernel.outputs, 0));
  }

  private read(node: DataflowNode, visit: (id: NodeId) => number): readonly number[] {
    const reads = [...operands(node)].map(visit);
    const commutes = node.kind === 'add' || node.kind === 'multiply';
    return commutes ? reads.sort((left, right) => left - right) : reads;
  }

  private number(text: string): number {
    const known = this.numbers.get(text) ?? this.numbers.size;
    this.numbers.set(text, known);
    return known;
  }
}

/** Everything that a node says beside its operands. */
function fieldsOf(node: DataflowNode): string {
  switch (node.kind) {
    case 'shiftLeft':
    case 'floorShiftRight':
      return String(node.amount);
    case 'clamp':
    case 'assume':
      return `${node.bounds.low} ${node.bounds.high}`;
    case 'wrap':
      return `${node.width} ${node.signed}`;
    case 'slice':
      return `${node.low} ${node.width}`;
    case 'concat':
      return String(node.lowWidth);
    case 'addThree':
      return String(node.subtracts);
    case 'table':
      return `${node.first} ${node.values.join()}`;
    default:
      return '';
  }
}

import { at, invariant } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import { union } from '../../numeric/interval.js';
import { KernelBuilder } from '../../dataflow/builder.js';
import type { Kernel, NodeId, Origin } from '../../dataflow/kinds.js';
import type { Instance, ValueReference } from '../../dataflow/program.js';
import { PROGRAM_INPUT } from '../../dataflow/program.js';
import { ScalarArithmetic } from './scalar.js';
import type { Scaled } from './scalar.js';

/** One element of a tensor while lowering: value = code × 2^lsb. */
export type Element =
  { readonly kind: 'constant'; readonly code: bigint; readonly lsb: number } | InputElement | LocalElement;

/** An element of the input ports, with the promise made about it, if any. */
export interface InputElement {
  readonly kind: 'input';
  readonly index: number;
  readonly lsb: number;
  readonly promise?: Interval;
}

/** What a node of a kernel under construction gives at one of the kernel's positions. */
export interface LocalElement {
  readonly kind: 'local';
  readonly group: number;
  readonly position: number;
  readonly node: NodeId;
  readonly lsb: number;
}

/**
 * Groups of ModelGraph nodes that become one kernel each, numbered so that operands always lie in the same or an
 * earlier group. The operands of a mapped group are complete when it is made, while nodes that read nothing else may
 * still follow in it; the others, which have one position, take operands as they come.
 */
export class Groups {
  private readonly groups: Group[] = [];

  public constructor(private readonly inputRanges: readonly Interval[]) {}

  public open(origin: Origin): number {
    this.groups.push(new Group(origin, [[]], false));
    return this.groups.length - 1;
  }

  /**
   * A kernel for several positions, whose operands are the elements of each that are no constants; those have the same
   * binary point at every position. Gives its operands, as the kernel sees them.
   */
  public map(
    origin: Origin,
    positions: readonly (readonly Element[])[],
  ): { readonly group: number; readonly operands: readonly Scaled[] } {
    const varying = (elements: readonly Element[]): readonly Element[] =>
      elements.filter((element) => element.kind !== 'constant');
    const references = positions.map((elements) => varying(elements).map((element) => this.reference(element)));
    const made = new Group(origin, references, true);
    const group = this.groups.push(made) - 1;
    const ranges: Interval[] = [];
    for (const elements of positions) {
      varying(elements).forEach((element, index) => {
        const range = this.rangeOf(element);
        ranges[index] = index in ranges ? union(at(ranges, index), range) : range;
      });
    }
    const inputs = ranges.map((range) => made.builder.input(range));
    const arithmetic = new ScalarArithmetic(made.builder);
    let next = 0;
    const operands = at(positions, 0).map((element) =>
      element.kind === 'constant'
        ? arithmetic.constant(element.code, element.lsb)
        : { node: at(inputs, next++), lsb: element.lsb },
    );
    return { group, operands };
  }

  /** The number of positions of a mapped group; 0 for one that takes operands as they come. */
  public mappedPositions(group: number): number {
    const found = this.at(group);
    return found.mapped ? found.positions.length : 0;
  }

  /** The open group in which a node with these operands goes: their latest one, or a new one. */
  public join(operands: Iterable<readonly Element[]>, origin: Origin): number {
    const latest = latestGroup(operands);
    return this.groups[latest]?.mapped === false ? latest : this.open(origin);
  }

  /**
   * The open group in which a matrix product with these operands goes: their latest one while it holds no product yet,
   * so that the scaling of the inputs can be folded into the first layer, or a new one.
   */
  public joinProduct(operands: Iterable<readonly Element[]>, origin: Origin): number {
    const latest = latestGroup(operands);
    const found = this.groups[latest];
    const group = found?.mapped === false && !found.holdsProduct ? latest : this.open(origin);
    this.at(group).takeProduct(origin);
    return group;
  }

  public arithmetic(group: number, origin: Origin): ScalarArithmetic {
    const { builder } = this.at(group);
    builder.from(origin);
    return new ScalarArithmetic(builder);
  }

  private at(group: number): Group {
    const found = this.groups[group];
    invariant(found !== undefined, `no group ${group}`);
    return found;
  }

  /** The element as a scalar of the group's kernel: its own node, or an operand fetched from outside. */
  public use(group: number, element: Element): Scaled {
    const { builder, mapped, nodes, positions } = this.at(group);
    if (element.kind === 'constant') return new ScalarArithmetic(builder).constant(element.code, element.lsb);
    if (element.kind === 'local' && element.group === group) return { node: element.node, lsb: element.lsb };
    invariant(!mapped, `the operands of group ${group} are complete`);
    const reference = this.reference(element);
    const key = `${reference.group},${reference.position},${reference.output}`;
    let node = nodes.get(key);
    if (node === undefined) {
      node = builder.input(this.rangeOf(element));
      nodes.set(key, node);
      at(positions, 0).push(reference);
    }
    if (element.kind === 'input' && element.promise !== undefined) node = builder.assume(node, element.promise);
    return { node, lsb: element.lsb };
  }

  public rangeOf(element: Element): Interval {
    switch (element.kind) {
      case 'constant':
        return { low: element.code, high: element.code };
      case 'input': {
        const range = this.inputRanges[element.index];
        invariant(range !== undefined, `no input element ${element.index}`);
        return range;
      }
      case 'local':
        return this.at(element.group).builder.rangeOf(element.node);
    }
  }

  /** How the element is named outside its kernel; makes it a result of its kernel on first use. */
  public reference(element: Element): GroupReference {
    switch (element.kind) {
      case 'constant':
        throw new Error('a constant is made where it is used');
      case 'input':
        return { group: PROGRAM_INPUT, position: 0, output: element.index };
      case 'local':
        return {
          group: element.group,
          position: element.position,
          output: this.at(element.group).export(element.node),
        };
    }
  }

  /** The reference in a finished program, where a kernel's number of results is known. */
  public finished({ group, position, output }: GroupReference): ValueReference {
    if (group === PROGRAM_INPUT) return { instance: PROGRAM_INPUT, index: output };
    return { instance: group, index: position * this.at(group).exported.size + output };
  }

  public finish(): { readonly kernels: readonly Kernel[]; readonly instances: readonly Instance[] } {
    const kernels = this.groups.map((group) => group.finish());
    const instances = this.groups.map((group, index) => ({
      name: kernels[index]?.name ?? '',
      kernel: index,
      positions: group.positions.map((operands) => operands.map((operand) => this.finished(operand))),
      origin: group.origin,
    }));
    return { kernels, instances };
  }
}

/** A result of a group while groups still grow. */
export interface GroupReference {
  /** PROGRAM_INPUT for elements of the input ports, whose number is `output`. */
  readonly group: number;
  readonly position: number;
  readonly output: number;
}

function latestGroup(operands: Iterable<readonly Element[]>): number {
  let latest = -1;
  for (const elements of operands) {
    for (const element of elements) if (element.kind === 'local') latest = Math.max(latest, element.group);
  }
  return latest;
}

class Group {
  public readonly builder: KernelBuilder;
  public holdsProduct = false;
  /** Operands fetched from outside, by their reference. */
  public readonly nodes = new Map<string, NodeId>();
  public readonly exported = new Map<NodeId, number>();

  public constructor(
    public origin: Origin,
    public readonly positions: readonly GroupReference[][],
    public readonly mapped: boolean,
  ) {
    this.builder = new KernelBuilder(origin.name);
  }

  /** A group is called after its product. */
  public takeProduct(origin: Origin): void {
    this.holdsProduct = true;
    this.origin = origin;
  }

  /** The number of a node among the results. */
  public export(node: NodeId): number {
    let index = this.exported.get(node);
    if (index === undefined) {
      index = this.exported.size;
      this.exported.set(node, index);
      this.builder.output(node);
    }
    return index;
  }

  public finish(): Kernel {
    return { ...this.builder.finish(), name: this.origin.name };
  }
}

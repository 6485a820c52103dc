import { invariant } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import { KernelBuilder } from '../../dataflow/builder.js';
import type { Kernel, NodeId, Origin } from '../../dataflow/kinds.js';
import type { Instance, ValueReference } from '../../dataflow/program.js';
import { PROGRAM_INPUT } from '../../dataflow/program.js';
import { ScalarArithmetic } from './scalar.js';
import type { Scaled } from './scalar.js';

/** One element of a tensor while lowering: value = code × 2^lsb. */
export type Element =
  | { readonly kind: 'constant'; readonly code: bigint; readonly lsb: number }
  /** An element of the input ports, with the promise made about it, if any. */
  | { readonly kind: 'input'; readonly index: number; readonly lsb: number; readonly promise?: Interval }
  /** A node of a kernel under construction. */
  | { readonly kind: 'local'; readonly group: number; readonly node: NodeId; readonly lsb: number }
  /** A result of a kernel mapped over positions. */
  | {
      readonly kind: 'mapped';
      readonly group: number;
      readonly index: number;
      readonly lsb: number;
      readonly range: Interval;
    };

/**
 * Groups of ModelGraph nodes that become one kernel each, numbered so that operands always lie in the same or an
 * earlier group. A mapped group is complete when it is made; the others stay open for the nodes that follow.
 */
export class Groups {
  private readonly groups: Group[] = [];

  public constructor(private readonly inputRanges: readonly Interval[]) {}

  public open(origin: Origin): number {
    this.groups.push(new OpenGroup(origin));
    return this.groups.length - 1;
  }

  public map(origin: Origin, kernel: Kernel, positions: readonly (readonly Element[])[]): number {
    this.groups.push({ origin, kernel, positions: positions.map((p) => p.map((element) => this.reference(element))) });
    return this.groups.length - 1;
  }

  /** The open group in which a node with these operands goes: their latest one, or a new one. */
  public join(operands: Iterable<readonly Element[]>, origin: Origin): number {
    const latest = latestGroup(operands);
    return this.groups[latest] instanceof OpenGroup ? latest : this.open(origin);
  }

  /**
   * The open group in which a matrix product with these operands goes: their latest one while it holds no product yet,
   * so that the scaling of the inputs can be folded into the first layer, or a new one.
   */
  public joinProduct(operands: Iterable<readonly Element[]>, origin: Origin): number {
    const latest = latestGroup(operands);
    const found = this.groups[latest];
    const group = found instanceof OpenGroup && !found.holdsProduct ? latest : this.open(origin);
    this.openGroup(group).takeProduct(origin);
    return group;
  }

  public arithmetic(group: number, origin: Origin): ScalarArithmetic {
    const { builder } = this.openGroup(group);
    builder.from(origin);
    return new ScalarArithmetic(builder);
  }

  private openGroup(group: number): OpenGroup {
    const found = this.groups[group];
    invariant(found instanceof OpenGroup, `group ${group} is not open`);
    return found;
  }

  /** The element as a scalar of the group's kernel: its own node, or an operand fetched from outside. */
  public use(group: number, element: Element): Scaled {
    const { builder, operands } = this.openGroup(group);
    if (element.kind === 'constant') return new ScalarArithmetic(builder).constant(element.code, element.lsb);
    if (element.kind === 'local' && element.group === group) return { node: element.node, lsb: element.lsb };
    const reference = this.reference(element);
    const key = `${reference.instance},${reference.index}`;
    let node = operands.nodes.get(key);
    if (node === undefined) {
      node = builder.input(this.rangeOf(element));
      operands.nodes.set(key, node);
      operands.references.push(reference);
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
        return this.openGroup(element.group).builder.rangeOf(element.node);
      case 'mapped':
        return element.range;
    }
  }

  /** How the element is named outside its kernel; makes it a result of its kernel on first use. */
  public reference(element: Element): ValueReference {
    switch (element.kind) {
      case 'constant':
        throw new Error('a constant is made where it is used');
      case 'input':
        return { instance: PROGRAM_INPUT, index: element.index };
      case 'mapped':
        return { instance: element.group, index: element.index };
      case 'local': {
        const { builder, exported } = this.openGroup(element.group);
        let index = exported.get(element.node);
        if (index === undefined) {
          index = exported.size;
          exported.set(element.node, index);
          builder.output(element.node);
        }
        return { instance: element.group, index };
      }
    }
  }

  public finish(): { readonly kernels: readonly Kernel[]; readonly instances: readonly Instance[] } {
    const kernels = this.groups.map((group) => (group instanceof OpenGroup ? group.finish() : group.kernel));
    const instances = this.groups.map((group, index) => ({
      name: kernels[index]?.name ?? '',
      kernel: index,
      positions: group instanceof OpenGroup ? [group.operands.references] : group.positions,
      origin: group.origin,
    }));
    return { kernels, instances };
  }
}

function latestGroup(operands: Iterable<readonly Element[]>): number {
  let latest = -1;
  for (const elements of operands) {
    for (const element of elements) if ('group' in element) latest = Math.max(latest, element.group);
  }
  return latest;
}

class OpenGroup {
  public readonly builder: KernelBuilder;
  public holdsProduct = false;
  public readonly operands = { nodes: new Map<string, NodeId>(), references: [] as ValueReference[] };
  public readonly exported = new Map<NodeId, number>();

  public constructor(public origin: Origin) {
    this.builder = new KernelBuilder(origin.name);
  }

  /** A group is called after its product. */
  public takeProduct(origin: Origin): void {
    this.holdsProduct = true;
    this.origin = origin;
  }

  public finish(): Kernel {
    return { ...this.builder.finish(), name: this.origin.name };
  }
}

interface MappedGroup {
  readonly origin: Origin;
  readonly kernel: Kernel;
  readonly positions: readonly (readonly ValueReference[])[];
}

type Group = OpenGroup | MappedGroup;

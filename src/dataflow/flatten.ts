import { at, invariant } from '../support/invariant.js';
import type { Interval } from '../numeric/interval.js';
import { codeRange } from '../numeric/fixed-point.js';
import { intersect } from '../numeric/interval.js';
import type { DataflowNode, Kernel, NodeId, Origin } from './kinds.js';
import type { Program, ValueReference } from './program.js';
import { inputTypes, kernelOf, PROGRAM_INPUT } from './program.js';
import { semanticsOf } from './semantics.js';
import { inferRange } from './verify.js';

/** A program as one kernel: its operands and results are the elements of the ports, flattened in port order. */
export interface FlatProgram {
  readonly kernel: Kernel;
  /**
   * Where each node of the kernel came from: the instance, its position and the node of its kernel. An operand has the
   * instance PROGRAM_INPUT, position 0 and its element number as the node.
   */
  readonly instance: Int32Array;
  readonly position: Int32Array;
  readonly node: Int32Array;
}

/**
 * Copy every instance into one kernel, in order. Nothing is simplified or shared; only the input nodes of the instances
 * vanish, and ranges follow the operands that a position really has.
 */
export function flatten(program: Program): FlatProgram {
  return new Flattening(program).run();
}

class Flattening {
  private readonly nodes: DataflowNode[] = [];
  private readonly inputs: NodeId[] = [];
  private readonly instance: number[] = [];
  private readonly position: number[] = [];
  private readonly node: number[] = [];
  private readonly origins: Origin[] = [];
  private readonly originIndex = new Map<string, number>();
  /** results[instance][position × kernel outputs + output] */
  private readonly results: (readonly NodeId[])[] = [];

  public constructor(private readonly program: Program) {}

  public run(): FlatProgram {
    const { program, nodes, inputs, origins } = this;
    const origin = this.originOf({ name: '', operator: '' });
    inputTypes(program).forEach((type, index) => {
      const id = this.place(PROGRAM_INPUT, 0, index);
      const bounds = codeRange(type);
      nodes.push({ id, kind: 'input', range: bounds, origin, index, bounds });
      inputs.push(id);
    });
    program.instances.forEach((instance, index) => {
      const kernel = kernelOf(program, instance);
      const kernelOrigins = kernel.origins.map((kernelOrigin) => this.originOf(kernelOrigin));
      const results: NodeId[] = [];
      instance.positions.forEach((operands, position) => {
        const ids = this.copy(kernel, kernelOrigins, operands, index, position);
        for (const output of kernel.outputs) results.push(at(ids, output));
      });
      this.results.push(results);
    });
    const outputs: NodeId[] = [];
    for (const port of program.outputs) for (const element of port.elements) outputs.push(this.read(element));
    return {
      kernel: { name: program.name, nodes, inputs, outputs, origins },
      instance: Int32Array.from(this.instance),
      position: Int32Array.from(this.position),
      node: Int32Array.from(this.node),
    };
  }

  /** Ids of the copies of the kernel's nodes. */
  private copy(
    kernel: Kernel,
    kernelOrigins: readonly number[],
    operands: readonly ValueReference[],
    instance: number,
    position: number,
  ): readonly NodeId[] {
    const ids: NodeId[] = [];
    const map = (id: NodeId): NodeId => at(ids, id);
    for (const source of kernel.nodes) {
      if (source.kind === 'input') {
        ids.push(this.read(at(operands, source.index)));
        continue;
      }
      const id = this.place(instance, position, source.id);
      const fields = semanticsOf(source.kind).withOperands(source, map);
      const { kind, range } = source;
      const copy = { id, kind, range, origin: at(kernelOrigins, source.origin), ...fields } as unknown as DataflowNode;
      this.nodes.push({ ...copy, range: this.rangeOf(copy) });
      ids.push(id);
    }
    return ids;
  }

  /** What the operands give, and no more than the kernel already knows. */
  private rangeOf(node: DataflowNode): Interval {
    const range = intersect(inferRange(node, this.nodes), node.range);
    invariant(range !== undefined, `node ${node.id} can have no value`);
    return range;
  }

  private read({ instance, index }: ValueReference): NodeId {
    return at(instance === PROGRAM_INPUT ? this.inputs : at(this.results, instance), index);
  }

  private place(instance: number, position: number, node: number): NodeId {
    this.instance.push(instance);
    this.position.push(position);
    this.node.push(node);
    return (this.instance.length - 1) as NodeId;
  }

  private originOf(origin: Origin): number {
    const key = JSON.stringify([origin.operator, origin.name]);
    const known = this.originIndex.get(key);
    if (known !== undefined) return known;
    this.origins.push(origin);
    this.originIndex.set(key, this.origins.length - 1);
    return this.origins.length - 1;
  }
}

import { invariant } from '../../support/invariant.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { DataflowNode, NodeId } from '../../dataflow/kinds.js';
import type { Program, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import { operands } from '../../dataflow/semantics.js';
import type { DelayModel } from '../../targets/delay-model.js';
import { nodeDelay } from './node-delay.js';

/**
 * All values of a program in one topological numbering, as arrays: first the elements of the input ports, then the
 * nodes of every instance and position. Constants have no time and appear as operands of nothing.
 */
export interface TimingGraph {
  readonly size: number;
  readonly inputs: number;
  /** ns */
  readonly delay: Float64Array;
  /** Bits that a register for the value would take. */
  readonly width: Int32Array;
  /** Operands of value i: operand[first[i]] … operand[first[i + 1] - 1]. */
  readonly first: Int32Array;
  readonly operand: Int32Array;
  /** The value whose registers hold this one: itself, or the operand of wiring that adds nothing to it. */
  readonly alias: Int32Array;
  /** 1 for constants. */
  readonly timeless: Uint8Array;
  /** Values read by the output ports. */
  readonly outputs: Int32Array;
  /** Number of a kernel node's first value: offsets[instance][position]. */
  readonly offsets: readonly (readonly number[])[];
}

export function timingGraph(program: Program, model: DelayModel): TimingGraph {
  const inputWidths = program.inputs.flatMap((port) => port.types.map((type) => type.width));
  let size = inputWidths.length;
  const offsets = program.instances.map((instance) =>
    instance.positions.map(() => {
      const offset = size;
      size += kernelOf(program, instance).nodes.length;
      return offset;
    }),
  );
  const numberOf = (reference: ValueReference): number => {
    if (reference.instance === PROGRAM_INPUT) return reference.index;
    const instance = program.instances[reference.instance];
    invariant(instance !== undefined, `no instance ${reference.instance}`);
    const { outputs } = kernelOf(program, instance);
    const offset = offsets[reference.instance]?.[Math.floor(reference.index / outputs.length)];
    const node = outputs[reference.index % outputs.length];
    invariant(offset !== undefined && node !== undefined, `no result ${reference.index}`);
    return offset + node;
  };

  const delay = new Float64Array(size);
  const width = new Int32Array(size);
  const alias = Int32Array.from({ length: size }, (_, index) => index);
  const timeless = new Uint8Array(size);
  const first = new Int32Array(size + 1);
  const operand: number[] = [];
  width.set(inputWidths);
  program.instances.forEach((instance, which) => {
    const kernel = kernelOf(program, instance);
    const delays = kernel.nodes.map((node) => nodeDelay(node, (id) => nodeAt(kernel.nodes, id).range, model));
    const widths = kernel.nodes.map((node) => intervalWidth(node.range));
    instance.positions.forEach((references, position) => {
      const offset = offsets[which]?.[position] ?? 0;
      for (const node of kernel.nodes) {
        const value = offset + node.id;
        delay[value] = delays[node.id] ?? 0;
        width[value] = widths[node.id] ?? 0;
        first[value] = operand.length;
        if (isPoint(node.range)) {
          // Folded constants and promised constants alike: nothing has to wait for them.
          timeless[value] = 1;
        } else if (node.kind === 'input') {
          const reference = references[node.index];
          invariant(reference !== undefined, `instance ${instance.name} lacks operand ${node.index}`);
          operand.push(numberOf(reference));
        } else {
          for (const id of operands(node)) if (timeless[offset + id] === 0) operand.push(offset + id);
        }
        const source = operand[first[value] ?? 0];
        const wiring = node.kind === 'input' || node.kind === 'assume' || node.kind === 'shiftLeft';
        if (wiring && timeless[value] === 0 && source !== undefined) alias[value] = alias[source] ?? source;
      }
    });
  });
  first[size] = operand.length;
  for (let index = 0; index < inputWidths.length; index++) first[index] = 0;
  const outputs = Int32Array.from(program.outputs.flatMap((port) => port.elements.map(numberOf)));
  return {
    size,
    inputs: inputWidths.length,
    delay,
    width,
    first,
    operand: Int32Array.from(operand),
    alias,
    timeless,
    outputs,
    offsets,
  };
}

function nodeAt(nodes: readonly DataflowNode[], id: NodeId): DataflowNode {
  const node = nodes[id];
  invariant(node !== undefined, `no node ${id}`);
  return node;
}

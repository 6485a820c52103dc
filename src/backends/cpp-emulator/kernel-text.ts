import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import { operands } from '../../dataflow/semantics.js';
import { at } from '../../support/invariant.js';
import { nodeText, splat } from './node-text.js';
import type { Representation } from './representation.js';
import { conversions, memories, representationOf, vectorTypes } from './representation.js';
import type { Counts, KernelStorage } from './storage.js';

/** Nodes of one function: beyond that compilers take more than their time. */
const NODES_PER_FUNCTION = 1500;

/** How the functions of a kernel find what lies outside of them. */
export interface KernelContext {
  /** A legal name: the functions are `<name>_<number>`. */
  readonly name: string;
  readonly storage: KernelStorage;
  /** First slots of what the functions of one kernel leave for one another. */
  readonly scratch: Counts;
  readonly limbs: number;
  /** Name of a constant array of the translation unit. */
  readonly table: (values: readonly bigint[], representation: Representation) => string;
}

/** A kernel as functions that are called one after another. */
export interface KernelText {
  readonly functions: readonly { readonly name: string; readonly text: string; readonly nodes: number }[];
  /** Slots that the functions leave for one another. */
  readonly scratch: Counts;
}

/** Parameters of every function: memory, slots of the operands, first slots of the results, vectors to compute. */
export const KERNEL_PARAMETERS =
  'Memory &memory, const std::uint32_t *operands, const std::uint32_t *results, int steps';

/** Write a kernel as loops over vectors of events. Only nodes that a result or a promise needs are computed. */
export function kernelText(kernel: Kernel, context: KernelContext): KernelText {
  const order = neededNodes(kernel);
  if (order.length + kernel.outputs.length === 0) return { functions: [], scratch: [0, 0, 0] };
  const count = Math.max(1, Math.ceil(order.length / NODES_PER_FUNCTION));
  const functionOf = new Map<NodeId, number>();
  order.forEach((node, index) => functionOf.set(node.id, Math.floor((index * count) / order.length)));
  const { slots, size } = crossingValues(order, functionOf, kernel);
  const functions = Array.from({ length: count }, (_, index) => {
    const members = order.filter((node) => functionOf.get(node.id) === index);
    const name = `${context.name}_${index}`;
    const writer = new FunctionWriter(kernel, context, slots);
    for (const node of members) writer.define(node);
    // Results are written where they are computed, those without a computation at the end.
    kernel.outputs.forEach((output, result) => {
      if ((functionOf.get(output) ?? count - 1) === index) writer.write(output, result);
    });
    return { name, text: writer.finish(name), nodes: members.length };
  });
  return { functions, scratch: size };
}

/** Nodes that are computed, in order: no operands, no constants, nothing that nobody reads. */
function neededNodes(kernel: Kernel): readonly DataflowNode[] {
  const needed = new Set<NodeId>(kernel.outputs);
  for (const node of [...kernel.nodes].reverse()) {
    if (node.kind === 'assume') needed.add(node.id);
    if (needed.has(node.id)) for (const operand of operands(node)) needed.add(operand);
  }
  return kernel.nodes.filter(({ id, kind }) => needed.has(id) && kind !== 'input' && kind !== 'constant');
}

/** Slots of the values that one function computes and another one reads. */
function crossingValues(
  order: readonly DataflowNode[],
  functionOf: ReadonlyMap<NodeId, number>,
  kernel: Kernel,
): { readonly slots: ReadonlyMap<NodeId, number>; readonly size: Counts } {
  const slots = new Map<NodeId, number>();
  const size: [number, number, number] = [0, 0, 0];
  for (const node of order) {
    for (const operand of operands(node)) {
      const made = functionOf.get(operand);
      if (made === undefined || made === functionOf.get(node.id) || slots.has(operand)) continue;
      slots.set(operand, size[representationOf(at(kernel.nodes, operand).range)]++);
    }
  }
  return { slots, size };
}

class FunctionWriter {
  private readonly lines: string[] = [];
  private readonly known = new Map<NodeId, string>();
  private broken = false;
  private readsOperands = false;
  private writesResults = false;

  public constructor(
    private readonly kernel: Kernel,
    private readonly context: KernelContext,
    private readonly slots: ReadonlyMap<NodeId, number>,
  ) {}

  public define(node: DataflowNode): void {
    const representation = representationOf(node.range);
    const text = nodeText(node, {
      operand: (id) => ({ text: this.value(id), representation: this.representation(id) }),
      node: (id) => at(this.kernel.nodes, id),
      input: (index) => this.input(index, representation),
      table: this.context.table,
      promise: (value, low, high) => {
        this.broken = true;
        this.lines.push(`broken |= outside(${value}, ${low}, ${high});`);
      },
      limbs: this.context.limbs,
    });
    // A promise whose value nobody reads would be a variable that nobody reads.
    if (node.kind === 'assume' && /^\w+$/u.test(text)) this.known.set(node.id, text);
    else this.declare(node.id, text, node.kind === 'assume' ? '[[maybe_unused]] ' : '');
    const slot = this.slots.get(node.id);
    if (slot !== undefined) this.lines.push(`${this.scratch(representation, slot)} = ${this.value(node.id)};`);
  }

  /** The value of a node as result number `result` of the kernel. */
  public write(id: NodeId, result: number): void {
    const { representation, slot } = at(this.context.storage.outputs, result);
    const held = this.representation(id);
    const text = held === representation ? this.value(id) : `${conversions[representation]}(${this.value(id)})`;
    this.writesResults = true;
    this.lines.push(`memory.${memories[representation]}[results[${representation}] + ${slot}][step] = ${text};`);
  }

  public finish(name: string): string {
    const unused = [
      ...(this.readsOperands ? [] : ['  (void)operands;']),
      ...(this.writesResults ? [] : ['  (void)results;']),
    ];
    return [
      `void ${name}(${KERNEL_PARAMETERS}) {`,
      ...unused,
      '  for (int step = 0; step < steps; step++) {',
      ...(this.broken ? ['    I32 broken = memory.broken[step];'] : []),
      ...this.lines.map((line) => `    ${line}`),
      ...(this.broken ? ['    memory.broken[step] = broken;'] : []),
      '  }',
      '}',
    ].join('\n');
  }

  private representation(id: NodeId): Representation {
    return representationOf(at(this.kernel.nodes, id).range);
  }

  /** Name or constant; what another function has computed is read at its first use. */
  private value(id: NodeId): string {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const node = at(this.kernel.nodes, id);
    const representation = representationOf(node.range);
    if (node.kind === 'constant') {
      const text = splat(node.value, representation, this.context.limbs);
      this.known.set(id, text);
      return text;
    }
    const slot = this.slots.get(id);
    return this.declare(
      id,
      node.kind === 'input' ? this.input(node.index, representation) : this.scratch(representation, slot ?? 0),
    );
  }

  private declare(id: NodeId, text: string, attribute = ''): string {
    const name = `n${id}`;
    this.lines.push(`${attribute}const ${vectorTypes[this.representation(id)]} ${name} = ${text};`);
    this.known.set(id, name);
    return name;
  }

  private input(index: number, representation: Representation): string {
    const stored = at(this.context.storage.inputs, index);
    this.readsOperands = true;
    const text = `memory.${memories[stored]}[operands[${index}]][step]`;
    return stored === representation ? text : `${conversions[representation]}(${text})`;
  }

  private scratch(representation: Representation, slot: number): string {
    return `memory.${memories[representation]}[${this.context.scratch[representation] + slot}][step]`;
  }
}

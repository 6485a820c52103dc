import { invariant } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import { contains, intersect, intervalWidth, isPoint } from '../../numeric/interval.js';
import type { DataflowNode, Kernel, NodeId, NodeOf } from '../../dataflow/kinds.js';
import { operands } from '../../dataflow/semantics.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlPort } from '../../rtl/module.js';
import { CLOCK } from './port-names.js';
import type { OperandView } from './node-expression.js';
import { clampExpression, nodeExpression } from './node-expression.js';

/** Name of the port of kernel operand `index`, and of kernel result `index`. */
export function inputPort(index: number): string {
  return `in_${index}`;
}
export function outputPort(index: number): string {
  return `out_${index}`;
}

/** Two positions of a kernel share a module when their cycles are equal up to a common offset. */
export function cycleSignature(kernel: Kernel, cycles: Int32Array): string {
  let base = Infinity;
  for (const node of kernel.nodes) if (!isPoint(node.range)) base = Math.min(base, cycles[node.id] ?? 0);
  return kernel.nodes.map((node) => (isPoint(node.range) ? '' : (cycles[node.id] ?? 0) - base)).join();
}

/** Name of the signal that holds a node's value in the cycle in which it is computed. */
export function nodeSignalName(kernel: Kernel, node: DataflowNode): string {
  if (node.kind === 'input') return inputPort(node.index);
  const operator = kernel.origins[node.origin]?.operator ?? '';
  const stem = operator
    .toLowerCase()
    .replace(/[^a-z0-9]/gu, '')
    .slice(0, 20);
  const usable = /^[a-z]/u.test(stem) && !['in', 'out', 'clk', 'u'].includes(stem);
  return `${usable ? stem : 'value'}_${node.id}`;
}

/**
 * The module of a kernel under one schedule. Values that do not vary have no ports; shifted values are written where
 * they are used; every other node is a named wire, with one register per cycle for which it is held.
 */
export function kernelModule(name: string, kernel: Kernel, cycles: Int32Array, comments: readonly string[]): RtlModule {
  return new KernelPrinter(name, kernel, cycles, comments).run();
}

class KernelPrinter {
  private readonly items: RtlItem[] = [];
  private readonly lastUse: Int32Array;
  private readonly needsSignal: Uint8Array;
  private registered = false;

  public constructor(
    private readonly name: string,
    private readonly kernel: Kernel,
    private readonly cycles: Int32Array,
    private readonly comments: readonly string[],
  ) {
    this.needsSignal = new Uint8Array(kernel.nodes.length);
    for (const id of kernel.outputs) this.needsSignal[id] = 1;
    for (const node of kernel.nodes) for (const id of bitOperands(node, kernel)) this.needsSignal[id] = 1;
    this.lastUse = this.lifetimes();
  }

  public run(): RtlModule {
    const ports: RtlPort[] = [];
    let origin = -1;
    for (const node of this.kernel.nodes) {
      if (isPoint(node.range)) continue;
      if (node.kind === 'input') {
        ports.push({ ...this.signal(node, 0), direction: 'input' });
      } else if (this.isInlined(node)) {
        continue;
      } else {
        if (node.origin !== origin) this.describe((origin = node.origin));
        this.define(node);
      }
      this.hold(node);
    }
    this.kernel.outputs.forEach((id, index) => {
      const node = this.node(id);
      if (isPoint(node.range)) return;
      const signal = this.signal(node, 0);
      ports.push({ ...signal, name: outputPort(index), direction: 'output' });
      this.items.push({ kind: 'assign', target: outputPort(index), value: signalOf(signal) });
    });
    return {
      name: this.name,
      comments: this.comments,
      parameters: [],
      ...(this.registered ? { clock: CLOCK } : {}),
      ports,
      items: this.items,
    };
  }

  private node(id: NodeId): DataflowNode {
    const node = this.kernel.nodes[id];
    invariant(node !== undefined, `no node ${id}`);
    return node;
  }

  private cycle(id: NodeId): number {
    return this.cycles[id] ?? 0;
  }

  private isInlined(node: DataflowNode): boolean {
    return node.kind === 'shiftLeft' && this.needsSignal[node.id] === 0;
  }

  /** The last cycle in which each node's signal, or a register behind it, is read. */
  private lifetimes(): Int32Array {
    const last = Int32Array.from(this.cycles);
    const use = (id: NodeId, cycle: number): void => {
      const node = this.node(id);
      if (this.isInlined(node) && node.kind === 'shiftLeft') use(node.operand, cycle);
      else last[id] = Math.max(last[id] ?? 0, cycle);
    };
    for (const node of this.kernel.nodes) {
      if (this.isInlined(node) || isPoint(node.range)) continue;
      for (const id of operands(node)) use(id, this.cycle(node.id));
    }
    return last;
  }

  private describe(origin: number): void {
    const { name, operator } = this.kernel.origins[origin] ?? { name: '', operator: '' };
    if (operator !== '' || name !== '') this.items.push({ kind: 'comment', text: `${operator} '${name}'` });
  }

  /** The node's value `delay` cycles after it is computed. */
  private signal(node: DataflowNode, delay: number): RtlSignal {
    const name = nodeSignalName(this.kernel, node);
    return {
      name: delay === 0 ? name : `${name}_d${delay}`,
      width: intervalWidth(node.range),
      signed: node.range.low < 0n,
    };
  }

  private define(node: DataflowNode): void {
    const signal = this.signal(node, 0);
    const cycle = this.cycle(node.id);
    const signalAt = (id: NodeId): RtlSignal => {
      const operand = this.node(id);
      const delay = cycle - this.cycle(id);
      invariant(delay >= 0, `node ${node.id} of ${this.kernel.name} reads node ${id} before it is computed`);
      return this.signal(operand, delay);
    };
    const expression = (id: NodeId): RtlExpression => {
      const operand = this.node(id);
      if (isPoint(operand.range)) return literal(operand.range.low);
      if (operand.kind === 'shiftLeft' && this.isInlined(operand)) {
        const inner = expression(operand.operand);
        const width = intervalWidth(operand.range);
        return { kind: 'shiftLeft', operand: inner, amount: operand.amount, width, signed: inner.signed };
      }
      return signalOf(signalAt(id));
    };
    const view = { expression, signal: signalAt, range: (id: NodeId): Interval => this.node(id).range };
    if (node.kind === 'table') this.defineTable(node, signal, view);
    else this.items.push({ kind: 'wire', signal, value: nodeExpression(node, view) });
  }

  /** A table of the addresses that can occur; beyond its ends the address is clamped first. */
  private defineTable(node: NodeOf<'table'>, signal: RtlSignal, view: OperandView): void {
    const range = view.range(node.operand);
    const listed = { low: node.first, high: node.first + BigInt(node.values.length - 1) };
    const met = intersect(range, listed);
    if (met === undefined) {
      const only = (range.high < listed.low ? node.values[0] : node.values.at(-1)) ?? 0n;
      this.items.push({ kind: 'wire', signal, value: resize(literal(only), signal.width) });
      return;
    }
    let address = view.signal(node.operand);
    if (!contains(listed, range)) {
      const [width, signed] = [intervalWidth(met), met.low < 0n];
      address = { name: `${signal.name}_index`, width, signed };
      const value = clampExpression(node.operand, listed, view, width, signed);
      this.items.push({ kind: 'wire', signal: address, value });
    }
    const values = node.values.slice(Number(met.low - listed.low), Number(met.high - listed.low) + 1);
    this.items.push({ kind: 'table', signal, address, first: met.low, values });
  }

  private hold(node: DataflowNode): void {
    const until = (this.lastUse[node.id] ?? 0) - this.cycle(node.id);
    for (let delay = 1; delay <= until; delay++) {
      this.registered = true;
      this.items.push({ kind: 'register', signal: this.signal(node, delay), next: this.signal(node, delay - 1).name });
    }
  }
}

/**
 * Operands that must be signals, because the text takes bits of them or gives them a context of its own, in which a
 * shift written in place would lose its high bits.
 */
function bitOperands(node: DataflowNode, kernel: Kernel): readonly NodeId[] {
  switch (node.kind) {
    case 'floorShiftRight':
    case 'wrap':
    case 'slice':
    case 'clamp':
    case 'table':
    case 'assume':
      return [node.operand];
    case 'concat':
      return [node.high, node.low];
    case 'select':
      return [node.condition];
    case 'lessThan':
    case 'equal':
    case 'minimum':
    case 'maximum':
      return [node.left, node.right];
    case 'shiftLeft':
      return kernel.nodes[node.operand]?.kind === 'shiftLeft' ? [node.operand] : [];
    default:
      return [];
  }
}

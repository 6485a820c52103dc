import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import { operands } from '../../dataflow/semantics.js';
import { isPoint } from '../../numeric/interval.js';
import { at, invariant } from '../../support/invariant.js';
import { canonicalSignedDigits } from './distributed-arithmetic/csd.js';

/** Σ coefficient × node + constant, over nodes that are not themselves linear in others. */
export interface LinearForm {
  readonly terms: ReadonlyMap<NodeId, bigint>;
  readonly constant: bigint;
}

interface GrowingForm {
  terms: Map<NodeId, bigint>;
  constant: bigint;
}

/**
 * A shared sum over more leaves than this stays a value of its own; a smaller one dissolves into its users, where the
 * search for common subexpressions finds it again or something better.
 */
const dissolvedLeaves = 16;

/**
 * The linear parts of a kernel: for every linear node that something other than a linear node reads, its form over the
 * leaves of its cluster. Nodes that no output needs do not count.
 */
export function linearForms(kernel: Kernel): ReadonlyMap<NodeId, LinearForm> {
  return new Forms(kernel).run();
}

/** Nodes that some output needs. */
export function liveNodes(kernel: Kernel): Uint8Array {
  const live = new Uint8Array(kernel.nodes.length);
  for (const id of kernel.outputs) live[id] = 1;
  for (let id = kernel.nodes.length - 1; id >= 0; id--) {
    if (live[id] === 1) for (const operand of operands(at(kernel.nodes, id))) live[operand] = 1;
  }
  return live;
}

class Forms {
  private readonly roots = new Map<NodeId, LinearForm>();
  /** Forms that later linear nodes may still read. */
  private readonly forms = new Map<NodeId, GrowingForm>();
  private readonly users: Int32Array;
  /** Nodes that an output or a node outside the linear parts reads. */
  private readonly exposed: Uint8Array;
  /** Nodes that a constant multiplies which takes more than one digit. */
  private readonly scaled: Uint8Array;
  private readonly live: Uint8Array;

  public constructor(private readonly kernel: Kernel) {
    this.live = liveNodes(kernel);
    this.users = new Int32Array(kernel.nodes.length);
    this.exposed = new Uint8Array(kernel.nodes.length);
    this.scaled = new Uint8Array(kernel.nodes.length);
    for (const id of kernel.outputs) this.exposed[id] = 1;
    for (const node of kernel.nodes) {
      if (this.live[node.id] !== 1) continue;
      const linear = this.isLinear(node);
      if (linear && node.kind === 'multiply') this.markScaled(node.left, node.right);
      for (const operand of operands(node)) {
        this.users[operand] = (this.users[operand] ?? 0) + 1;
        if (!linear) this.exposed[operand] = 1;
      }
    }
  }

  public run(): ReadonlyMap<NodeId, LinearForm> {
    for (const node of this.kernel.nodes) {
      if (this.live[node.id] !== 1 || !this.isLinear(node)) continue;
      const form = this.formOf(node);
      const exposed = this.exposed[node.id] === 1;
      const shared = (this.users[node.id] ?? 0) > 1;
      const alone = form.terms.size <= 1;
      // A sum that is scaled afterwards, as by a batch normalisation: inside, the factor would multiply every digit.
      const factored = !shared && this.scaled[node.id] === 1;
      const dissolves = alone || (!exposed && !factored && (!shared || form.terms.size <= dissolvedLeaves));
      if (dissolves) this.forms.set(node.id, form);
      if (exposed || !dissolves) this.roots.set(node.id, form);
    }
    return this.roots;
  }

  private markScaled(left: NodeId, right: NodeId): void {
    const constant = this.constant(left);
    const factor = constant ?? this.constant(right) ?? 0n;
    if (canonicalSignedDigits(factor).length > 1) this.scaled[constant === undefined ? left : right] = 1;
  }

  private isLinear(node: DataflowNode): boolean {
    switch (node.kind) {
      case 'add':
      case 'subtract':
      case 'addThree':
      case 'negate':
      case 'shiftLeft':
        return true;
      case 'multiply':
        return this.constant(node.left) !== undefined || this.constant(node.right) !== undefined;
      default:
        return false;
    }
  }

  private constant(id: NodeId): bigint | undefined {
    const { range } = at(this.kernel.nodes, id);
    return isPoint(range) ? range.low : undefined;
  }

  private formOf(node: DataflowNode): GrowingForm {
    switch (node.kind) {
      case 'add':
        return this.sum(node.left, node.right, 1n);
      case 'subtract':
        return this.sum(node.left, node.right, -1n);
      case 'addThree':
        return joined(this.sum(node.first, node.second, 1n), this.take(node.third), node.subtracts ? -1n : 1n);
      case 'negate':
        return scaled(this.take(node.operand), -1n);
      case 'shiftLeft':
        return scaled(this.take(node.operand), 1n << BigInt(node.amount));
      case 'multiply': {
        const left = this.constant(node.left);
        const factor = left ?? this.constant(node.right);
        invariant(factor !== undefined, 'a linear product has a constant factor');
        return scaled(this.take(left === undefined ? node.left : node.right), factor);
      }
      default:
        throw new Error(`${node.kind} is not linear`);
    }
  }

  /** The form of an operand, free to be changed. */
  private take(id: NodeId): GrowingForm {
    const constant = this.constant(id);
    if (constant !== undefined) return { terms: new Map(), constant };
    const form = this.forms.get(id);
    if (form === undefined) return { terms: new Map([[id, 1n]]), constant: 0n };
    if (this.users[id] !== 1 || this.roots.has(id)) return { terms: new Map(form.terms), constant: form.constant };
    this.forms.delete(id);
    return form;
  }

  private sum(left: NodeId, right: NodeId, sign: bigint): GrowingForm {
    // x + x reads one form twice.
    const first = this.take(left);
    const second = left === right ? { terms: new Map(first.terms), constant: first.constant } : this.take(right);
    // The smaller joins the larger, so that long chains of additions take linear time.
    if (first.terms.size >= second.terms.size) return joined(first, second, sign);
    return joined(sign === 1n ? second : scaled(second, sign), first, 1n);
  }
}

function scaled(form: GrowingForm, factor: bigint): GrowingForm {
  if (factor === 1n) return form;
  if (factor === 0n) return { terms: new Map(), constant: 0n };
  for (const [id, coefficient] of form.terms) form.terms.set(id, coefficient * factor);
  form.constant *= factor;
  return form;
}

function joined(larger: GrowingForm, smaller: GrowingForm, sign: bigint): GrowingForm {
  for (const [id, coefficient] of smaller.terms) {
    const sum = (larger.terms.get(id) ?? 0n) + sign * coefficient;
    if (sum === 0n) larger.terms.delete(id);
    else larger.terms.set(id, sum);
  }
  larger.constant += sign * smaller.constant;
  return larger;
}

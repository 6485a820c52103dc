import { KernelBuilder } from '../../dataflow/builder.js';
import type { DataflowNode, Kernel, NodeId, NodeOf } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';
import { operands } from '../../dataflow/semantics.js';
import { success } from '../../diagnostics/result.js';
import type { Interval } from '../../numeric/interval.js';
import { intersect, isPoint } from '../../numeric/interval.js';
import { at, invariant } from '../../support/invariant.js';
import type { Pass } from '../pass.js';
import { mapKernels } from './map-kernels.js';
import { refineRanges } from './refine-ranges.js';

/**
 * Offsets and scales move from in front of a shift or a saturation to behind it, where the matrix product that follows
 * takes the offset into its own constants and the scale into its shifts. What is left in front of the matrix has
 * fewer bits and starts at zero. Before distribute-arithmetic.
 */
export const separateOffsets: Pass<Program> = {
  name: 'separate-offsets',
  summary: 'move offsets and scales through shifts and saturations into the sums that follow',
  preserves: 'values',
  run: (program) => success(mapKernels(program, (kernel) => new Separation(kernel).run())),
};

/** leaf × 2^shift + offset */
interface ScaledValue {
  readonly leaf: NodeId;
  readonly shift: number;
  readonly offset: bigint;
}

/** Bits that a scale must spare before residues are worth their place. */
const sparedBits = 3;

class Separation {
  private readonly builder: KernelBuilder;
  private readonly moved: NodeId[] = [];
  private readonly proven: Interval[] = [];
  /** For each node whose readers all take offsets, the origin of one that does; else NOWHERE. */
  private readonly takers: Int32Array;
  private changed = false;

  public constructor(private readonly kernel: Kernel) {
    this.builder = new KernelBuilder(kernel.name);
    this.takers = offsetTakers(kernel);
  }

  public run(): Kernel {
    for (const node of this.kernel.nodes) {
      this.origin(node.origin);
      const id = this.rewrite(node) ?? this.builder.copy(node, (each) => at(this.moved, each));
      this.moved[node.id] = id;
      this.prove(id, node.range);
    }
    if (!this.changed) return this.kernel;
    for (const id of this.kernel.outputs) this.builder.output(at(this.moved, id));
    return refineRanges(this.builder.finish(), this.proven);
  }

  private rewrite(node: DataflowNode): NodeId | undefined {
    if (this.takers[node.id] === NOWHERE) return undefined;
    const result =
      node.kind === 'floorShiftRight' ? this.shift(node) : node.kind === 'clamp' ? this.saturate(node) : undefined;
    this.changed ||= result !== undefined;
    return result;
  }

  /** The scale and offset in which a node was made from another one. */
  private scaledValue(id: NodeId): ScaledValue {
    let [leaf, shift, offset] = [id, 0, 0n];
    for (;;) {
      const node = this.builder.node(leaf);
      if (node.kind === 'shiftLeft') {
        [leaf, shift] = [node.operand, shift + node.amount];
        continue;
      }
      if (node.kind !== 'add' && node.kind !== 'subtract') return { leaf, shift, offset };
      const constant = this.builder.constantOf(node.right);
      const first = node.kind === 'add' ? this.builder.constantOf(node.left) : undefined;
      if (constant !== undefined) {
        leaf = node.left;
        offset += (node.kind === 'add' ? constant : -constant) << BigInt(shift);
      } else if (first !== undefined) {
        leaf = node.right;
        offset += first << BigInt(shift);
      } else return { leaf, shift, offset };
    }
  }

  private offsetBy(id: NodeId, offset: bigint): NodeId {
    return this.builder.add(id, this.builder.constant(offset));
  }

  /**
   * floor((2^t w + c) / 2^k): with t ≥ k it is 2^(t-k) w + floor(c / 2^k); otherwise, with c = 2^k c₁ + c₀ and
   * 0 ≤ c₀ < 2^k, it is floor((w + floor(c₀ / 2^t)) / 2^(k-t)) + c₁, since w is an integer.
   */
  private shift(node: NodeOf<'floorShiftRight'>): NodeId | undefined {
    const { leaf, shift, offset } = this.scaledValue(at(this.moved, node.operand));
    if (leaf === at(this.moved, node.operand)) return undefined;
    const amount = BigInt(node.amount);
    const whole = offset >> amount;
    const rest = (offset - (whole << amount)) >> BigInt(shift);
    const scaled =
      shift >= node.amount
        ? this.builder.shiftLeft(leaf, shift - node.amount)
        : this.builder.floorShiftRight(this.offsetBy(leaf, rest), node.amount - shift);
    this.origin(this.takers[node.id] ?? node.origin);
    return this.offsetBy(scaled, whole);
  }

  /**
   * clamp(2^t w + c, low, high). The values are 2^t apart: w itself is clamped to a grid point at either bound, next to
   * it on the one or the other side, and 2^t times that differs from the bound by a residue of less than 2^t. Shifted
   * by t, w leaves t bits free, in which the residues find place: they are added by writing them there.
   */
  private saturate(node: NodeOf<'clamp'>): NodeId | undefined {
    const { leaf, shift, offset } = this.scaledValue(at(this.moved, node.operand));
    if (leaf === at(this.moved, node.operand)) return undefined;
    const builder = this.builder;
    const range = builder.rangeOf(leaf);
    let { low, high } = range;
    let base = 0n;
    const limits: { readonly acts: NodeId; readonly bound: bigint; readonly residue: bigint }[] = [];
    if ((high << BigInt(shift)) + offset > node.bounds.high) {
      const least = -((offset - node.bounds.high) >> BigInt(shift));
      const limit = nearest(node.bounds.high - offset, shift);
      limits.push({ acts: builder.lessThan(builder.constant(least - 1n), leaf), ...limit });
      high = limit.bound;
    }
    if ((low << BigInt(shift)) + offset < node.bounds.low) {
      const greatest = (node.bounds.low - offset) >> BigInt(shift);
      const limit = nearest(node.bounds.low - offset, shift);
      limits.push({ acts: builder.lessThan(leaf, builder.constant(greatest + 1n)), ...limit });
      low = limit.bound;
    }
    let top = 0n;
    for (const limit of limits) {
      if (limit.residue < base) base = limit.residue;
      if (limit.residue > top) top = limit.residue;
    }
    if (low > high || top - base >= 1n << BigInt(shift)) return undefined;
    if (top !== base && shift < sparedBits) return undefined;
    let [kept, residue] = [leaf, builder.constant(-base)];
    for (const limit of limits) {
      kept = builder.select(limit.acts, builder.constant(limit.bound), kept);
      residue = builder.select(limit.acts, builder.constant(limit.residue - base), residue);
    }
    this.prove(kept, { low, high });
    const scaled = top === base ? builder.shiftLeft(kept, shift) : builder.concat(kept, residue, shift);
    this.origin(this.takers[node.id] ?? node.origin);
    return this.offsetBy(scaled, offset + base);
  }

  private prove(id: NodeId, range: Interval): void {
    const met = intersect(this.proven[id] ?? range, range);
    invariant(met !== undefined, `${this.kernel.name}: node ${id} has contradictory ranges`);
    this.proven[id] = met;
  }

  private origin(index: number): void {
    this.builder.from(at(this.kernel.origins, index));
  }
}

/**
 * The grid point next to a bound and what it lacks, bound = point × 2^shift + residue, |residue| < 2^shift; of the two
 * the one whose residue has fewer bits.
 */
function nearest(bound: bigint, shift: number): { readonly bound: bigint; readonly residue: bigint } {
  const below = bound >> BigInt(shift);
  const residue = bound - (below << BigInt(shift));
  const lacking = residue - (1n << BigInt(shift));
  return residue === 0n || ones(residue) <= ones(-lacking)
    ? { bound: below, residue }
    : { bound: below + 1n, residue: lacking };
}

function ones(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

const NOWHERE = -1;

/**
 * Nodes whose every reader takes an offset for nothing: an addition has constants anyway, scaling hands the offset to its
 * own readers, and so do shifts and saturations, which this pass rewrites. Gives the origin of such an addition.
 */
function offsetTakers(kernel: Kernel): Int32Array {
  const takers = new Int32Array(kernel.nodes.length).fill(NOWHERE);
  const exposed = new Uint8Array(kernel.nodes.length);
  for (const id of kernel.outputs) exposed[id] = 1;
  for (let id = kernel.nodes.length - 1; id >= 0; id--) {
    const node = at(kernel.nodes, id);
    if (exposed[id] === 1) takers[id] = NOWHERE;
    const taker = takesOffsets(node, kernel) ? node.origin : passesOffsets(node, kernel) ? at(takers, id) : NOWHERE;
    for (const operand of operands(node)) {
      if (taker === NOWHERE) exposed[operand] = 1;
      else takers[operand] = taker;
    }
  }
  return takers;
}

function takesOffsets(node: DataflowNode, kernel: Kernel): boolean {
  if (node.kind !== 'add' && node.kind !== 'subtract') return false;
  return [node.left, node.right].every((id) => !isPoint(at(kernel.nodes, id).range));
}

function passesOffsets(node: DataflowNode, kernel: Kernel): boolean {
  switch (node.kind) {
    case 'add':
    case 'subtract':
    case 'negate':
    case 'shiftLeft':
    case 'floorShiftRight':
    case 'clamp':
      return true;
    case 'multiply':
      return [node.left, node.right].some((id) => isPoint(at(kernel.nodes, id).range));
    default:
      return false;
  }
}

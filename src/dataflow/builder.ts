import { invariant } from '../support/invariant.js';
import type { Interval } from '../numeric/interval.js';
import { contains, isPoint, max } from '../numeric/interval.js';
import type { DataflowFields, DataflowKind, DataflowNode, Kernel, NodeId, Origin } from './kinds.js';
import { operands, semanticsOf } from './semantics.js';

/**
 * Builds a kernel. Ranges are inferred; equal nodes are shared; constants fold; operations that change nothing vanish.
 * An `assume` is never merged with its operand nor with another promise, so that a promise made on one path is not
 * used on another.
 */
export class KernelBuilder {
  private readonly nodes: DataflowNode[] = [];
  private readonly inputs: NodeId[] = [];
  private readonly outputs: NodeId[] = [];
  private readonly origins: Origin[] = [];
  private readonly originIndex = new Map<string, number>();
  private readonly known = new Map<string, NodeId>();
  private origin = 0;

  public constructor(private readonly name: string) {
    this.from({ name: '', operator: '' });
  }

  /** Nodes made from here on belong to this ONNX node. */
  public from(origin: Origin): void {
    const key = `${origin.operator}\u0000${origin.name}`;
    const index = this.originIndex.get(key);
    if (index !== undefined) {
      this.origin = index;
      return;
    }
    this.origin = this.origins.length;
    this.origins.push(origin);
    this.originIndex.set(key, this.origin);
  }

  public node(id: NodeId): DataflowNode {
    const node = this.nodes[id];
    invariant(node !== undefined, `no node ${id} in kernel ${this.name}`);
    return node;
  }

  public rangeOf(id: NodeId): Interval {
    return this.node(id).range;
  }

  public constantOf(id: NodeId): bigint | undefined {
    const range = this.rangeOf(id);
    return isPoint(range) ? range.low : undefined;
  }

  public input(bounds: Interval): NodeId {
    const id = this.push('input', { index: this.inputs.length, bounds });
    this.inputs.push(id);
    return id;
  }

  public output(id: NodeId): void {
    this.node(id);
    this.outputs.push(id);
  }

  public constant(value: bigint): NodeId {
    return this.push('constant', { value });
  }

  public add(left: NodeId, right: NodeId): NodeId {
    if (this.constantOf(left) === 0n) return right;
    if (this.constantOf(right) === 0n) return left;
    return this.push('add', left <= right ? { left, right } : { left: right, right: left });
  }

  public subtract(left: NodeId, right: NodeId): NodeId {
    if (this.constantOf(right) === 0n) return left;
    if (left === right) return this.constant(0n);
    if (this.constantOf(left) === 0n) return this.negate(right);
    return this.push('subtract', { left, right });
  }

  /** first + second + third, or first + second - third; fewer operands where some are zero or cancel. */
  public addThree(first: NodeId, second: NodeId, third: NodeId, subtracts: boolean): NodeId {
    const isZero = (id: NodeId): boolean => this.constantOf(id) === 0n;
    if (isZero(third)) return this.add(first, second);
    if (isZero(first)) return subtracts ? this.subtract(second, third) : this.add(second, third);
    if (isZero(second)) return subtracts ? this.subtract(first, third) : this.add(first, third);
    if (subtracts && first === third) return second;
    if (subtracts && second === third) return first;
    const [a = first, b = second, c = third] = subtracts
      ? [Math.min(first, second) as NodeId, Math.max(first, second) as NodeId, third]
      : [first, second, third].sort((left, right) => left - right);
    return this.push('addThree', { first: a, second: b, third: c, subtracts });
  }

  public negate(operand: NodeId): NodeId {
    return this.push('negate', { operand });
  }

  public multiply(left: NodeId, right: NodeId): NodeId {
    if (left === right) return this.square(left);
    for (const [constant, other] of [
      [this.constantOf(left), right],
      [this.constantOf(right), left],
    ] as const) {
      if (constant === 0n) return this.constant(0n);
      if (constant === 1n) return other;
      if (constant === -1n) return this.negate(other);
    }
    return this.push('multiply', left <= right ? { left, right } : { left: right, right: left });
  }

  public square(operand: NodeId): NodeId {
    return this.push('square', { operand });
  }

  public shiftLeft(operand: NodeId, amount: number): NodeId {
    invariant(Number.isInteger(amount) && amount >= 0, `a shift by ${amount}`);
    if (amount === 0) return operand;
    const node = this.node(operand);
    if (node.kind === 'shiftLeft') return this.shiftLeft(node.operand, node.amount + amount);
    return this.push('shiftLeft', { operand, amount });
  }

  public floorShiftRight(operand: NodeId, amount: number): NodeId {
    invariant(Number.isInteger(amount) && amount >= 0, `a shift by ${amount}`);
    if (amount === 0) return operand;
    const node = this.node(operand);
    if (node.kind === 'floorShiftRight') return this.floorShiftRight(node.operand, node.amount + amount);
    if (node.kind === 'shiftLeft') {
      return node.amount >= amount
        ? this.shiftLeft(node.operand, node.amount - amount)
        : this.floorShiftRight(node.operand, amount - node.amount);
    }
    return this.push('floorShiftRight', { operand, amount });
  }

  public lessThan(left: NodeId, right: NodeId): NodeId {
    return this.push('lessThan', { left, right });
  }

  public equal(left: NodeId, right: NodeId): NodeId {
    if (left === right) return this.constant(1n);
    return this.push('equal', left <= right ? { left, right } : { left: right, right: left });
  }

  public select(condition: NodeId, whenTrue: NodeId, whenFalse: NodeId): NodeId {
    const range = this.rangeOf(condition);
    if (range.low > 0n || range.high < 0n || whenTrue === whenFalse) return whenTrue;
    if (range.low === 0n && range.high === 0n) return whenFalse;
    return this.push('select', { condition, whenTrue, whenFalse });
  }

  public minimum(left: NodeId, right: NodeId): NodeId {
    if (this.rangeOf(left).high <= this.rangeOf(right).low) return left;
    if (this.rangeOf(right).high <= this.rangeOf(left).low) return right;
    return this.push('minimum', left <= right ? { left, right } : { left: right, right: left });
  }

  public maximum(left: NodeId, right: NodeId): NodeId {
    if (this.rangeOf(left).low >= this.rangeOf(right).high) return left;
    if (this.rangeOf(right).low >= this.rangeOf(left).high) return right;
    const fields = left <= right ? { left, right } : { left: right, right: left };
    // The larger of x and -x is the magnitude; the intervals of the two alone would let it be negative.
    const magnitude = this.isNegationOf(fields.right, fields.left);
    const high = max(this.rangeOf(left).high, this.rangeOf(right).high);
    return this.push('maximum', fields, magnitude ? { low: 0n, high } : undefined);
  }

  public clamp(operand: NodeId, bounds: Interval): NodeId {
    if (contains(bounds, this.rangeOf(operand))) return operand;
    return this.push('clamp', { operand, bounds });
  }

  public wrap(operand: NodeId, width: number, signed: boolean): NodeId {
    invariant(Number.isInteger(width) && width > 0, `a width of ${width}`);
    const full = signed
      ? { low: -(1n << BigInt(width - 1)), high: (1n << BigInt(width - 1)) - 1n }
      : { low: 0n, high: (1n << BigInt(width)) - 1n };
    if (contains(full, this.rangeOf(operand))) return operand;
    return this.push('wrap', { operand, width, signed });
  }

  public table(operand: NodeId, first: bigint, values: readonly bigint[]): NodeId {
    invariant(values.length > 0, 'a table needs entries');
    return this.push('table', { operand, first, values });
  }

  public and(left: NodeId, right: NodeId): NodeId {
    return left === right ? left : this.push('and', left <= right ? { left, right } : { left: right, right: left });
  }

  public or(left: NodeId, right: NodeId): NodeId {
    return left === right ? left : this.push('or', left <= right ? { left, right } : { left: right, right: left });
  }

  public xor(left: NodeId, right: NodeId): NodeId {
    if (left === right) return this.constant(0n);
    return this.push('xor', left <= right ? { left, right } : { left: right, right: left });
  }

  public not(operand: NodeId): NodeId {
    return this.push('not', { operand });
  }

  public slice(operand: NodeId, low: number, width: number): NodeId {
    invariant(low >= 0 && width > 0, 'a slice lies at non-negative positions');
    const range = this.rangeOf(operand);
    if (low === 0 && range.low >= 0n && range.high < 1n << BigInt(width)) return operand;
    return this.push('slice', { operand, low, width });
  }

  public concat(high: NodeId, low: NodeId, lowWidth: number): NodeId {
    invariant(lowWidth > 0, 'a concatenation has low bits');
    return this.push('concat', { high, low, lowWidth });
  }

  public assume(operand: NodeId, bounds: Interval): NodeId {
    return contains(bounds, this.rangeOf(operand)) ? operand : this.push('assume', { operand, bounds });
  }

  /** Copy a node of another kernel with new operands, through the same simplifications. */
  public copy(node: DataflowNode, map: (id: NodeId) => NodeId): NodeId {
    switch (node.kind) {
      case 'input':
        return this.input(node.bounds);
      case 'constant':
        return this.constant(node.value);
      case 'add':
      case 'subtract':
      case 'multiply':
      case 'lessThan':
      case 'equal':
      case 'minimum':
      case 'maximum':
      case 'and':
      case 'or':
      case 'xor':
        return this[node.kind](map(node.left), map(node.right));
      case 'addThree':
        return this.addThree(map(node.first), map(node.second), map(node.third), node.subtracts);
      case 'negate':
      case 'square':
      case 'not':
        return this[node.kind](map(node.operand));
      case 'shiftLeft':
      case 'floorShiftRight':
        return this[node.kind](map(node.operand), node.amount);
      case 'select':
        return this.select(map(node.condition), map(node.whenTrue), map(node.whenFalse));
      case 'clamp':
      case 'assume':
        return this[node.kind](map(node.operand), node.bounds);
      case 'wrap':
        return this.wrap(map(node.operand), node.width, node.signed);
      case 'table':
        return this.table(map(node.operand), node.first, node.values);
      case 'slice':
        return this.slice(map(node.operand), node.low, node.width);
      case 'concat':
        return this.concat(map(node.high), map(node.low), node.lowWidth);
    }
  }

  public finish(): Kernel {
    return {
      name: this.name,
      nodes: this.nodes,
      inputs: this.inputs,
      outputs: this.outputs,
      origins: this.origins,
    };
  }

  private isNegationOf(id: NodeId, operand: NodeId): boolean {
    const node = this.node(id);
    return node.kind === 'negate' && node.operand === operand;
  }

  /** `refined` is what a method knows of the result beyond the intervals of the operands. */
  private push<K extends DataflowKind>(kind: K, fields: DataflowFields[K], refined?: Interval): NodeId {
    const rule = semanticsOf(kind);
    const ids = operands({ kind, ...fields });
    const inferred = rule.range(
      fields,
      ids.map((id) => this.rangeOf(id)),
    );
    const range = refined ?? inferred;
    if (kind !== 'input' && kind !== 'constant' && kind !== 'assume' && isPoint(range)) return this.constant(range.low);
    const key = kind === 'input' ? undefined : keyOf(kind, fields);
    const existing = key === undefined ? undefined : this.known.get(key);
    if (existing !== undefined) return existing;
    const id = this.nodes.length as NodeId;
    this.nodes.push({ id, kind, range, origin: this.origin, ...fields } as unknown as DataflowNode);
    if (key !== undefined) this.known.set(key, id);
    return id;
  }
}

/** Equal keys mean equal nodes: the field order of each kind is fixed by the methods above. */
function keyOf(kind: DataflowKind, fields: DataflowFields[DataflowKind]): string {
  let key: string = kind;
  for (const value of Object.values(fields) as unknown[]) key += `,${fieldKey(value)}`;
  return key;
}

function fieldKey(value: unknown): string {
  if (Array.isArray(value)) return value.join(';');
  if (typeof value === 'object' && value !== null) {
    const bounds = value as Interval;
    return `${bounds.low}..${bounds.high}`;
  }
  return String(value);
}

import type { Interval } from '../../numeric/interval.js';
import { contains, intersect, intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { DataflowNode, Kernel, NodeId, NodeOf } from '../../dataflow/kinds.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { literal, signalOf } from '../../rtl/expression.js';
import type { Family } from '../../targets/delay-model.js';
import type { OperandView } from '../rtl/node-expression.js';
import { clampExpression, nodeExpression } from '../rtl/node-expression.js';
import type { Word } from './arithmetic-bits.js';
import { sumColumns } from './arithmetic-bits.js';
import type { Factor } from './dsp-blocks.js';
import { dspBlocks } from './dsp-blocks.js';
import type { ExpressionContext } from './expression-bits.js';
import { expressionBits, fit } from './expression-bits.js';
import type { Bit } from './logic-network.js';
import { inverse, LogicNetwork, TRUE } from './logic-network.js';
import { mapLuts } from './map-luts.js';
import { addends, mergedSums } from './merged-sums.js';
import { neededBits } from './needed-bits.js';
import { canReset, countChain, RegisterChains } from './register-chains.js';
import { ResourceSum } from './resources.js';
import { tableBits } from './table-bits.js';

export interface EstimateOptions {
  readonly family: Family;
  /** Whether multiplications may use multiplier blocks. */
  readonly dsp: boolean;
  /** Whether a sum of three operands is taken as one carry chain, which some families and tools make of it. */
  readonly threeOperandAdders: boolean;
  /** Whether sums with one reader are merged into it, as synthesis by Yosys does unless it is told not to. */
  readonly mergedSums: boolean;
}

export interface KernelEstimate {
  /** Resources by origin of the kernel and cycle of the design. */
  readonly resources: ReadonlyMap<number, ReadonlyMap<number, ResourceSum>>;
  /** Bits of the operands that are read in later cycles. Other readers share their registers, so none are counted. */
  readonly held: readonly HeldBit[];
}

export interface HeldBit {
  /** Of the kernel, by position among its inputs. */
  readonly operand: number;
  /** Least significant first. */
  readonly bit: number;
  /** In which it is read. */
  readonly cycle: number;
}

/** One position of a kernel under its schedule, without the registers that hold its inputs. */
export function estimateKernel(kernel: Kernel, cycles: Int32Array, options: EstimateOptions): KernelEstimate {
  return new KernelEstimator(kernel, cycles, options).run();
}

class KernelEstimator {
  private readonly network = new LogicNetwork();
  private readonly chains = new RegisterChains(this.network);
  private readonly words: Word[] = [];
  private readonly merged: Uint8Array;
  private readonly owners: { readonly origin: number; readonly cycle: number }[] = [];
  private readonly ownerIndex = new Map<string, number>();
  private readonly sums = new Map<number, Map<number, ResourceSum>>();
  private readonly held: HeldBit[] = [];

  public constructor(
    private readonly kernel: Kernel,
    private readonly cycles: Int32Array,
    private readonly options: EstimateOptions,
  ) {
    const merge = options.mergedSums && !options.threeOperandAdders;
    this.merged = merge ? mergedSums(kernel, cycles) : new Uint8Array(kernel.nodes.length);
  }

  public run(): KernelEstimate {
    const needed = neededBits(this.kernel);
    for (const node of this.kernel.nodes) {
      const bits = needed[node.id] ?? 0;
      this.network.chargeTo(this.ownerOf(node));
      const absent = (bits === 0 && node.kind !== 'input') || this.merged[node.id] === 1;
      this.words.push(absent ? [] : this.nodeBits(node, bits));
    }
    for (const id of this.kernel.outputs) {
      this.network.chargeTo(this.ownerOf(this.node(id)));
      for (const bit of at(this.words, id)) this.network.demand(bit);
    }
    this.collect();
    return { resources: this.sums, held: this.held };
  }

  private node(id: NodeId): DataflowNode {
    return at(this.kernel.nodes, id);
  }

  private cycle(id: NodeId): number {
    return this.cycles[id] ?? 0;
  }

  private ownerOf(node: DataflowNode): number {
    const [origin, cycle] = [node.origin, this.cycle(node.id)];
    const key = `${origin},${cycle}`;
    let owner = this.ownerIndex.get(key);
    if (owner === undefined) {
      owner = this.owners.length;
      this.owners.push({ origin, cycle });
      this.ownerIndex.set(key, owner);
    }
    return owner;
  }

  private sum(owner: number, delay = 0): ResourceSum {
    const { origin, cycle } = at(this.owners, owner);
    const byCycle = this.sums.get(origin) ?? new Map<number, ResourceSum>();
    this.sums.set(origin, byCycle);
    const sum = byCycle.get(cycle + delay) ?? new ResourceSum();
    byCycle.set(cycle + delay, sum);
    return sum;
  }

  private nodeBits(node: DataflowNode, needed: number): Word {
    const width = intervalWidth(node.range);
    if (node.kind === 'input') return isPoint(node.range) ? [] : this.network.sources(width);
    if (isPoint(node.range)) return [];
    const view = this.viewOf(node);
    const kept = (word: Word): Word => fit(word.slice(0, needed), width, node.range.low < 0n);
    if ((addends(node) ?? []).some(({ id }) => this.merged[id] === 1)) return kept(this.mergedSum(node, needed));
    if (node.kind === 'table') return kept(this.tableWord(node, view, needed));
    const blocks = this.multiplierBlocks(node);
    if (blocks > 0) this.sum(this.ownerOf(node)).dsp += blocks;
    const context: ExpressionContext = {
      network: this.network,
      signal: (name) => this.signalWord(name),
      threeOperandAdders: this.options.threeOperandAdders,
      multiplierBlocks: blocks > 0,
    };
    return kept(expressionBits(nodeExpression(node, view), context, needed));
  }

  /** Names of signals are `node` or `node@delay`. */
  private signalWord(name: string): Word {
    const mark = name.indexOf('@');
    if (mark < 0) return at(this.words, Number(name));
    const node = this.node(Number(name.slice(0, mark)) as NodeId);
    const delay = Number(name.slice(mark + 1));
    const chain = { owner: this.ownerOf(node), reset: canReset(node, this.kernel) };
    return at(this.words, node.id).map((bit) => this.chains.hold(bit, delay, chain));
  }

  private viewOf(node: DataflowNode): OperandView {
    const cycle = this.cycle(node.id);
    const signal = (id: NodeId): RtlSignal => {
      const { range } = this.node(id);
      const delay = cycle - this.cycle(id);
      const name = delay === 0 ? `${id}` : `${id}@${delay}`;
      return { name, width: intervalWidth(range), signed: range.low < 0n };
    };
    const expression = (id: NodeId): RtlExpression => {
      const { range } = this.node(id);
      return isPoint(range) ? literal(range.low) : signalOf(signal(id));
    };
    return { signal, expression, range: (id): Interval => this.node(id).range };
  }

  /** A sum with those that are merged into it. */
  private mergedSum(node: DataflowNode, width: number): Word {
    const columns: Bit[][] = Array.from({ length: width }, () => []);
    let constant = 0n;
    const collect = (from: DataflowNode, negated: boolean): void => {
      for (const { id, negative } of addends(from) ?? []) {
        const operand = this.node(id);
        const minus = negated !== negative;
        if (this.merged[id] === 1) {
          collect(operand, minus);
        } else if (isPoint(operand.range)) {
          constant += minus ? -operand.range.low : operand.range.low;
        } else {
          const { name, signed } = this.viewOf(node).signal(id);
          const word = fit(this.signalWord(name), width, signed);
          // -x = ~x + 1
          word.forEach((bit, index) => columns[index]?.push(minus ? inverse(bit) : bit));
          if (minus) constant += 1n;
        }
      }
    };
    collect(node, false);
    columns.forEach((column, index) => {
      if ((constant >> BigInt(index)) & 1n) column.push(TRUE);
    });
    return sumColumns(this.network, columns, width);
  }

  private multiplierBlocks(node: DataflowNode): number {
    if (!this.options.dsp) return 0;
    const factor = (id: NodeId): Factor | undefined => {
      const { range } = this.node(id);
      return isPoint(range) ? undefined : { width: intervalWidth(range), signed: range.low < 0n };
    };
    const [left, right] =
      node.kind === 'multiply'
        ? [factor(node.left), factor(node.right)]
        : node.kind === 'square'
          ? [factor(node.operand), factor(node.operand)]
          : [];
    return left === undefined || right === undefined ? 0 : dspBlocks(left, right, this.options.family);
  }

  private tableWord(node: NodeOf<'table'>, view: OperandView, needed: number): Word {
    const range = view.range(node.operand);
    const listed = { low: node.first, high: node.first + BigInt(node.values.length - 1) };
    const met = intersect(range, listed);
    if (met === undefined) return [];
    let address = this.signalWord(view.signal(node.operand).name);
    if (!contains(listed, range)) {
      const value = clampExpression(node.operand, listed, view, intervalWidth(met), met.low < 0n);
      const signal = (name: string): Word => this.signalWord(name);
      const { network, options } = this;
      address = expressionBits(value, { network, signal, multiplierBlocks: false, ...options });
    }
    const values = node.values.slice(Number(met.low - listed.low), Number(met.high - listed.low) + 1);
    return tableBits(this.network, address, met.low, values, needed);
  }

  /** Where the bits of the operands come from, and in which cycle. */
  private operandBits(): ReadonlyMap<Bit, HeldBit> {
    const bits = new Map<Bit, HeldBit>();
    this.kernel.inputs.forEach((id, operand) => {
      at(this.words, id).forEach((net, bit) => bits.set(net, { operand, bit, cycle: this.cycle(id) }));
    });
    return bits;
  }

  private collect(): void {
    const operands = this.operandBits();
    for (const { bit, owner, reset, taps } of this.chains.all()) {
      const operand = operands.get(bit);
      if (operand !== undefined) {
        for (const delay of taps) this.held.push({ ...operand, cycle: operand.cycle + delay });
        continue;
      }
      countChain(
        taps,
        reset,
        (delay) => this.sum(owner, delay).flipFlops++,
        (delay) => this.sum(owner, delay).shiftRegisters++,
      );
    }
    for (const [owner, luts] of mapLuts(this.network)) this.sum(owner).addLuts(luts, 1);
    this.network.carries.forEach(({ bits, blocks }, owner) => {
      const sum = this.sum(owner);
      sum.carryBits += bits;
      sum.carryBlocks += blocks;
    });
  }
}

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
import type { Factor } from './dsp-blocks.js';
import { dspBlocks } from './dsp-blocks.js';
import type { ExpressionContext } from './expression-bits.js';
import { expressionBits, fit } from './expression-bits.js';
import { LogicNetwork } from './logic-network.js';
import { mapLuts } from './map-luts.js';
import { neededBits } from './needed-bits.js';
import { countChain, RegisterChains } from './register-chains.js';
import { ResourceSum } from './resources.js';
import { tableBits } from './table-bits.js';

export interface EstimateOptions {
  readonly family: Family;
  /** Whether multiplications may use multiplier blocks. */
  readonly dsp: boolean;
  /** Whether a sum of three operands is taken as one carry chain, which some families and tools make of it. */
  readonly threeOperandAdders: boolean;
}

/** Resources by origin of the kernel and cycle of the design. */
export type KernelEstimate = ReadonlyMap<number, ReadonlyMap<number, ResourceSum>>;

/** One position of a kernel under its schedule. */
export function estimateKernel(kernel: Kernel, cycles: Int32Array, options: EstimateOptions): KernelEstimate {
  return new KernelEstimator(kernel, cycles, options).run();
}

class KernelEstimator {
  private readonly network = new LogicNetwork();
  private readonly chains = new RegisterChains(this.network);
  private readonly words: Word[] = [];
  private readonly owners: { readonly origin: number; readonly cycle: number }[] = [];
  private readonly ownerIndex = new Map<string, number>();
  private readonly sums = new Map<number, Map<number, ResourceSum>>();

  public constructor(
    private readonly kernel: Kernel,
    private readonly cycles: Int32Array,
    private readonly options: EstimateOptions,
  ) {}

  public run(): KernelEstimate {
    const needed = neededBits(this.kernel);
    for (const node of this.kernel.nodes) {
      const bits = needed[node.id] ?? 0;
      this.network.chargeTo(this.ownerOf(node));
      this.words.push(bits === 0 && node.kind !== 'input' ? [] : this.nodeBits(node, bits));
    }
    for (const id of this.kernel.outputs) {
      this.network.chargeTo(this.ownerOf(this.node(id)));
      for (const bit of at(this.words, id)) this.network.demand(bit);
    }
    this.collect();
    return this.sums;
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
    const [id = '', delay = '0'] = name.split('@');
    const word = at(this.words, Number(id));
    if (delay === '0') return word;
    const owner = this.ownerOf(this.node(Number(id) as NodeId));
    const held = word.map((bit) => this.chains.hold(bit, Number(delay), owner));
    return held;
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

  private collect(): void {
    for (const { owner, taps } of this.chains.all()) {
      countChain(
        taps,
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

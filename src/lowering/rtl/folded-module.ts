import type { Kernel } from '../../dataflow/kinds.js';
import { intervalWidth } from '../../numeric/interval.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { binary, bitsOf, choose, literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlPort } from '../../rtl/module.js';
import { at } from '../../support/invariant.js';
import type { Chain, ChainPart } from '../sequence/chains.js';
import { weightType } from '../sequence/chains.js';
import type { Folding } from '../sequence/folding.js';
import { inputPort } from './kernel-module.js';
import { CLOCK } from './port-names.js';

/** The port that is high two clocks before the first operand of a position stands. */
export const FOLD_BEGIN = 'begin_turns';

/** The port on which a part of a chain gives one result after another; `index`: of the part among those of all chains. */
export function chainPort(index: number): string {
  return `chain_${index}`;
}

/** What a chain, or a part of it, adds up. */
export function chainSignal({ width, signed }: Chain | ChainPart, name: string): RtlSignal {
  return { name, width, signed };
}

/**
 * A matrix of constants as chains of multipliers. A counter of turns runs past all stages, one a clock; in each, it
 * addresses the weights of the stage, which multiply the operand that stands there for as many clocks as there are turns:
 *
 *   weight[s] ← table[s](turn[s]);  product[s] ← operand[s] × weight[s];  sum[s] ← sum[s - 1] + product[s]
 *
 * Registers behind the weight, the product and the sum are those that a multiplier block has, so that synthesis puts each
 * stage into one (UG479 and UG579: BREG, MREG, PREG, and C or PCIN for the sum).
 */
export function foldedModule(name: string, kernel: Kernel, folding: Folding, comments: readonly string[]): RtlModule {
  return new FoldedPrinter(name, kernel, folding, comments).run();
}

class FoldedPrinter {
  private readonly items: RtlItem[] = [];
  private readonly registers: RtlItem[] = [];
  /** Of the counter, by the clocks that it is late. */
  private readonly turns: RtlSignal[] = [];

  public constructor(
    private readonly name: string,
    private readonly kernel: Kernel,
    private readonly folding: Folding,
    private readonly comments: readonly string[],
  ) {}

  public run(): RtlModule {
    const { stages, chains } = this.folding;
    const begin = { name: FOLD_BEGIN, width: 1, signed: false };
    this.count(begin);
    const outputs: RtlPort[] = [];
    chains.forEach((chain, index) => {
      const last = this.chain(chain, index);
      for (const part of chain.parts) {
        const port = chainPort(outputs.length);
        this.items.push({ kind: 'assign', target: port, value: partOf(last, part) });
        outputs.push({ ...chainSignal(part, port), direction: 'output' });
      }
    });
    const inputs = stages.map((operand): RtlPort => ({ ...this.operand(operand), direction: 'input' }));
    return {
      name: this.name,
      comments: this.comments,
      parameters: [],
      clock: CLOCK,
      ports: [{ ...begin, direction: 'input' }, ...inputs, ...outputs],
      items: [...this.registers, ...this.items],
    };
  }

  private operand(index: number): RtlSignal {
    const { range } = at(this.kernel.nodes, at(this.kernel.inputs, index));
    return { name: inputPort(index), width: intervalWidth(range), signed: range.low < 0n };
  }

  private wire(signal: RtlSignal, value: RtlExpression): RtlSignal {
    this.items.push({ kind: 'wire', signal, value });
    return signal;
  }

  /** What `next` was a clock ago. */
  private register(signal: RtlSignal, next: RtlSignal): RtlSignal {
    this.registers.push({ kind: 'register', signal, next: next.name });
    return signal;
  }

  /** The turn that each stage is at: one counter, and where it was a clock, two clocks … ago. */
  private count(begin: RtlSignal): void {
    const { stages, chains } = this.folding;
    const width = Math.max(1, Math.ceil(Math.log2(at(chains, 0).constants.length)));
    const first = { name: 'turn_0', width, signed: false };
    const one = binary('+', signalOf(first), literal(1n), width, false);
    const next = this.wire({ ...first, name: 'turn_next' }, choose(signalOf(begin), literal(0n), one, width, false));
    this.turns.push(this.register(first, next));
    // The constants that sums begin with stand when the first product does.
    const latest = Math.max(stages.length - 1, this.begins ? 1 : 0);
    for (let late = 1; late <= latest; late++) {
      this.turns.push(this.register({ ...first, name: `turn_${late}` }, at(this.turns, late - 1)));
    }
  }

  /** Whether some sum begins with anything but zero. */
  private get begins(): boolean {
    return this.folding.chains.some(({ constants }) => constants.some((value) => value !== 0n));
  }

  private table(signal: RtlSignal, turn: number, values: readonly bigint[]): RtlSignal {
    this.items.push({ kind: 'table', signal, address: at(this.turns, turn), first: 0n, values });
    return signal;
  }

  private chain(chain: Chain, index: number): RtlSignal {
    const { weights, constants } = chain;
    let sum: RtlSignal | undefined;
    if (constants.some((value) => value !== 0n)) {
      const { width, signed } = chain;
      const values = constants.map((value) => (signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)));
      const next = this.table(chainSignal(chain, `constant_${index}_next`), 1, values);
      sum = this.register(chainSignal(chain, `constant_${index}`), next);
    }
    weights.forEach((own, stage) => {
      const signal = chainSignal(chain, `sum_${index}_${stage}`);
      const product = own === undefined ? undefined : this.product(own, stage, `${index}_${stage}`);
      sum = this.register(signal, this.added(sum, product, chain, `${signal.name}_next`));
    });
    return sum ?? this.wire(chainSignal(chain, `sum_${index}`), resize(literal(0n), chain.width));
  }

  private added(sum: RtlSignal | undefined, product: RtlSignal | undefined, chain: Chain, name: string): RtlSignal {
    const { width, signed } = chain;
    const zero = resize(literal(0n), width);
    const [left, right] = [sum, product].map((each) =>
      each === undefined ? undefined : resize(signalOf(each), width),
    );
    const both = left === undefined || right === undefined ? undefined : binary('+', left, right, width, signed);
    return this.wire({ name, width, signed }, both ?? left ?? right ?? zero);
  }

  /** Of one stage: the weight of each turn by the operand. */
  private product(weights: readonly bigint[], stage: number, suffix: string): RtlSignal {
    const type = weightType(weights);
    const table = this.table({ name: `weight_${suffix}_next`, ...type }, stage, weights);
    const weight = this.register({ name: `weight_${suffix}`, ...type }, table);
    const operand = this.operand(at(this.folding.stages, stage));
    const signed = type.signed || operand.signed;
    const width = type.width + operand.width + (signed && type.signed !== operand.signed ? 1 : 0);
    const next = this.wire(
      { name: `product_${suffix}_next`, width, signed },
      binary('*', signalOf(operand), signalOf(weight), width, signed),
    );
    return this.register({ name: `product_${suffix}`, width, signed }, next);
  }
}

/** A result in its bits of the word; a signed one below others is half its range too high there. */
function partOf(word: RtlSignal, { low, width, signed }: ChainPart): RtlExpression {
  if (!signed || low + width === word.width) return bitsOf(word, low, width, signed);
  const sign: RtlExpression = {
    kind: 'invert',
    operand: bitsOf(word, low + width - 1, 1, false),
    width: 1,
    signed: false,
  };
  const rest = width === 1 ? [] : [bitsOf(word, low, width - 1, false)];
  return { kind: 'concat', parts: [sign, ...rest], width, signed };
}

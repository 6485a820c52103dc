import { floorShiftClocks, WIDEST_LOGIC_DIGIT } from '../../design/digits.js';
import type { DataflowNode, Kernel, NodeId, NodeOf } from '../../dataflow/kinds.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { binary, bitsOf, choose, literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlPort } from '../../rtl/module.js';
import { at, invariant } from '../../support/invariant.js';
import { inputPort, outputPort } from './kernel-module.js';
import { CLOCK } from './port-names.js';

/** The port that is high in the clock before lowest digits come, of the values whose digits come `clock` clocks late. */
export function beginPort(clock: number): string {
  return `begin_${clock}`;
}

export interface SerialModule {
  readonly module: RtlModule;
  /** Clocks of which the module has a begin port. */
  readonly begins: readonly number[];
}

/**
 * Sums of a kernel digit by digit, lowest first: operands come as digits, results leave as words. `cycles` says when the
 * lowest digit of each node comes. All state is set at the begin of a word, so nothing of the one before is left.
 */
export function serialModule(
  name: string,
  kernel: Kernel,
  cycles: Int32Array,
  digitBits: number,
  digits: number,
  comments: readonly string[],
): SerialModule {
  return new SerialPrinter(name, kernel, cycles, digitBits, digits, comments).run();
}

class SerialPrinter {
  private readonly items: RtlItem[] = [];
  private readonly registers: RtlItem[] = [];
  private readonly begins = new Set<number>();
  private readonly made = new Map<string, RtlSignal>();

  public constructor(
    private readonly name: string,
    private readonly kernel: Kernel,
    private readonly cycles: Int32Array,
    private readonly width: number,
    private readonly digits: number,
    private readonly comments: readonly string[],
  ) {}

  public run(): SerialModule {
    for (const node of this.kernel.nodes) {
      if (isPoint(node.range)) continue;
      switch (node.kind) {
        case 'input':
        case 'shiftLeft':
          break;
        case 'add':
          this.sum(node, [node.left, node.right], false);
          break;
        case 'subtract':
          this.sum(node, [node.left, node.right], true);
          break;
        case 'negate':
          this.sum(node, [undefined, node.operand], true);
          break;
        case 'addThree': {
          const clock = this.clockOf(node.id);
          const first = this.adder(
            `${this.stem(node.id)}_first`,
            clock,
            this.digit(node.first, clock),
            this.digit(node.second, clock),
            false,
          );
          this.adder(this.stem(node.id), clock, first, this.digit(node.third, clock), node.subtracts);
          break;
        }
        case 'floorShiftRight':
          this.cut(node);
          break;
        default:
          invariant(false, `${this.kernel.name}: a ${node.kind} has no digits`);
      }
    }
    const outputs = this.results();
    const bit = { width: 1, signed: false };
    const begins = [...this.begins].sort((left, right) => left - right);
    const ports: RtlPort[] = [
      ...begins.map((clock): RtlPort => ({ name: beginPort(clock), ...bit, direction: 'input' })),
      ...this.kernel.inputs.flatMap((id, index): RtlPort[] =>
        isPoint(at(this.kernel.nodes, id).range) ? [] : [{ ...this.vector(inputPort(index)), direction: 'input' }],
      ),
      ...outputs,
    ];
    const module = {
      name: this.name,
      comments: this.comments,
      parameters: [],
      clock: CLOCK,
      ports,
      items: [...this.registers, ...this.items],
    };
    return { module, begins };
  }

  private stem(id: NodeId): string {
    return `value_${id}`;
  }

  private vector(name: string): RtlSignal {
    return { name, width: this.width, signed: false };
  }

  private clockOf(id: NodeId): number {
    const node = at(this.kernel.nodes, id);
    return node.kind === 'shiftLeft' ? this.clockOf(node.operand) : at(this.cycles, id);
  }

  /** High in the clock before a word's lowest digit, at a clock of the unit. */
  private begin(clock: number): RtlExpression {
    this.begins.add(clock);
    return signalOf({ name: beginPort(clock), width: 1, signed: false });
  }

  private wire(signal: RtlSignal, value: RtlExpression): RtlSignal {
    this.items.push({ kind: 'wire', signal, value });
    return signal;
  }

  /** A register whose next value is an expression. */
  private register(signal: RtlSignal, next: RtlExpression): RtlSignal {
    const wire = this.wire({ ...signal, name: `${signal.name}_next` }, next);
    this.registers.push({ kind: 'register', signal, next: wire.name });
    return signal;
  }

  /** Digit k of a value in clock `clock` + k of its slot. */
  private digit(id: NodeId, clock: number): RtlSignal {
    const node = at(this.kernel.nodes, id);
    if (isPoint(node.range)) return this.constant(node.range.low, clock);
    if (node.kind === 'shiftLeft')
      return this.delayed(this.shifted(node.operand, node.amount), clock - this.clockOf(id));
    return this.delayed(this.own(node), clock - this.clockOf(id));
  }

  private own(node: DataflowNode): RtlSignal {
    return this.vector(node.kind === 'input' ? inputPort(node.index) : this.stem(node.id));
  }

  private once(signal: RtlSignal, make: () => void): RtlSignal {
    const known = this.made.get(signal.name);
    if (known !== undefined) return known;
    this.made.set(signal.name, signal);
    make();
    return signal;
  }

  private delayed(signal: RtlSignal, clocks: number): RtlSignal {
    invariant(clocks >= 0, `${signal.name} is read before it is there`);
    if (clocks === 0) return signal;
    const before = this.delayed(signal, clocks - 1);
    const after = { ...signal, name: `${signal.name}_d${clocks}` };
    return this.once(after, () => {
      this.registers.push({ kind: 'register', signal: after, next: before.name });
    });
  }

  /** A value times a power of two: its digits later, behind zeros, and moved by what is no whole digit. */
  private shifted(id: NodeId, amount: number): RtlSignal {
    const source = at(this.kernel.nodes, id);
    if (source.kind === 'shiftLeft') return this.shifted(source.operand, source.amount + amount);
    const whole = Math.floor(amount / this.width);
    const rest = amount % this.width;
    const late = this.behindZeros(source, whole);
    if (rest === 0) return late;
    const later = this.behindZeros(source, whole + 1);
    const signal = this.vector(`${this.own(source).name}_times_2_${amount}`);
    return this.once(signal, () => {
      const parts = [bitsOf(late, 0, this.width - rest, false), bitsOf(later, this.width - rest, rest, false)];
      this.wire(signal, { kind: 'concat', parts, width: this.width, signed: false });
    });
  }

  /** The digits of a node `count` clocks later, with zeros before the lowest. */
  private behindZeros(source: DataflowNode, count: number): RtlSignal {
    const own = this.own(source);
    if (count === 0) return own;
    const before = this.behindZeros(source, count - 1);
    const signal = { ...own, name: `${own.name}_z${count}` };
    return this.once(signal, () => {
      const next = choose(this.begin(this.clockOf(source.id)), literal(0n), signalOf(before), this.width, false);
      this.register(signal, next);
    });
  }

  /** The digits of a constant, in a shift register that is set at the begin of each word. */
  private constant(value: bigint, clock: number): RtlSignal {
    const stem = `constant_${value < 0n ? `m${-value}` : value}_at_${clock}`;
    const bits = this.width * this.digits;
    const word = { name: stem, width: bits, signed: false };
    this.once(word, () => {
      const pattern = resize(literal(BigInt.asUintN(bits, value)), bits);
      const moved = bits > this.width ? bitsOf(word, this.width, bits - this.width, false) : literal(0n);
      this.register(word, choose(this.begin(clock), pattern, moved, bits, false));
    });
    const digit = this.vector(`${stem}_digit`);
    return this.once(digit, () => this.wire(digit, bitsOf(word, 0, this.width, false)));
  }

  /**
   * floor(x / 2^amount): the digits of x without the lowest, and its sign behind the highest for as long as the word
   * lasts, for then the next word of x is on its way already.
   */
  private cut({ id, operand, amount }: NodeOf<'floorShiftRight'>): void {
    const clock = at(this.cycles, id);
    const begun = clock - floorShiftClocks(amount, this.width);
    const digit = this.digit(operand, begun);
    const name = this.stem(id);
    const rest = amount % this.width;
    const fill = this.signOf(name, operand, digit, begun + this.digits);
    const late = this.untilSign(`${name}_high`, digit, fill, begun + this.digits, clock);
    if (rest === 0) {
      this.wire(this.vector(name), late);
      return;
    }
    // Bits of two digits: the lower one is a clock older.
    const before = this.delayed(digit, 1);
    const below =
      amount < this.width
        ? signalOf(before)
        : this.untilSign(`${name}_low`, before, fill, begun + this.digits + 1, clock);
    const [high, low] = [late, below].map((value, index) => this.wire(this.vector(`${name}_part_${index}`), value));
    invariant(high !== undefined && low !== undefined, 'two parts');
    const parts = [bitsOf(high, 0, rest, false), bitsOf(low, rest, this.width - rest, false)];
    this.wire(this.vector(name), { kind: 'concat', parts, width: this.width, signed: false });
  }

  /** The sign of a word in every bit of a digit, from clock `end` on, in which the digit after its last would come. */
  private signOf(name: string, operand: NodeId, digit: RtlSignal, end: number): RtlExpression {
    const zero: RtlExpression = { kind: 'literal', value: 0n, width: this.width, signed: false };
    if (at(this.kernel.nodes, operand).range.low >= 0n) return zero;
    const sign = { name: `${name}_sign`, width: 1, signed: false };
    const highest = bitsOf(digit, this.width - 1, 1, false);
    this.register(sign, choose(this.begin(end), highest, signalOf(sign), 1, false));
    return { kind: 'repeat', count: this.width, part: signalOf(sign), width: this.width, signed: false };
  }

  /** A digit, or `fill` from clock `end` of a word on until the lowest digit of the next is wanted, at clock `first`. */
  private untilSign(name: string, digit: RtlSignal, fill: RtlExpression, end: number, first: number): RtlExpression {
    const over = { name: `${name}_over`, width: 1, signed: false };
    const kept = choose(this.begin(first), literal(0n), signalOf(over), 1, false);
    this.register(over, choose(this.begin(end), literal(1n), kept, 1, false));
    return choose(signalOf(over), fill, signalOf(digit), this.width, false);
  }

  private sum(node: DataflowNode, [left, right]: readonly [NodeId | undefined, NodeId], subtracts: boolean): void {
    const clock = at(this.cycles, node.id);
    const first = left === undefined ? undefined : this.digit(left, clock);
    this.adder(this.stem(node.id), clock, first, this.digit(right, clock), subtracts);
  }

  /** One digit of left ± right; the carry into the next waits in a flip-flop. Without `left`, it is zero. */
  private adder(
    name: string,
    clock: number,
    left: RtlSignal | undefined,
    right: RtlSignal,
    subtracts: boolean,
  ): RtlSignal {
    const bit = (text: string): RtlSignal => ({ name: text, width: 1, signed: false });
    const carry = bit(`${name}_carry`);
    const logic = this.width <= WIDEST_LOGIC_DIGIT;
    const [sum, out] = logic
      ? this.ripple(name, left, right, subtracts, carry)
      : this.chain(name, left, right, subtracts, carry);
    this.wire(this.vector(name), sum);
    this.register(carry, choose(this.begin(clock), literal(subtracts ? 1n : 0n), out, 1, false));
    return this.vector(name);
  }

  private ripple(
    name: string,
    left: RtlSignal | undefined,
    right: RtlSignal,
    subtracts: boolean,
    carryIn: RtlSignal,
  ): readonly [sum: RtlExpression, carry: RtlExpression] {
    const sums: RtlExpression[] = [];
    let carry = signalOf(carryIn);
    for (let index = 0; index < this.width; index++) {
      const plain = bitsOf(right, index, 1, false);
      const b: RtlExpression = subtracts ? { kind: 'invert', operand: plain, width: 1, signed: false } : plain;
      const a = left === undefined ? literal(0n) : bitsOf(left, index, 1, false);
      const half = this.wire(
        { name: `${name}_h${index}`, width: 1, signed: false },
        left === undefined ? b : binary('^', a, b, 1, false),
      );
      sums.push(binary('^', signalOf(half), carry, 1, false));
      const kept = binary('&', signalOf(half), carry, 1, false);
      const next = left === undefined ? kept : binary('|', binary('&', a, b, 1, false), kept, 1, false);
      carry = signalOf(this.wire({ name: `${name}_c${index + 1}`, width: 1, signed: false }, next));
    }
    const wires = sums.map((sum, index) =>
      signalOf(this.wire({ name: `${name}_s${index}`, width: 1, signed: false }, sum)),
    );
    return [{ kind: 'concat', parts: wires.reverse(), width: this.width, signed: false }, carry];
  }

  /**
   * One carry chain of the digit. The carry stands below both operands, where its sum with itself moves it into the
   * chain without a table, and leaves one position above. A sum of three would need no position below, but synthesis
   * that takes additions one by one makes two chains of it.
   */
  private chain(
    name: string,
    left: RtlSignal | undefined,
    right: RtlSignal,
    subtracts: boolean,
    carry: RtlSignal,
  ): readonly [sum: RtlExpression, carry: RtlExpression] {
    const width = this.width;
    // Inverted in its own width: the position above must stay zero.
    const inverted: RtlExpression = { kind: 'invert', operand: signalOf(right), width, signed: false };
    const added = subtracts ? this.wire(this.vector(`${name}_inverted`), inverted) : right;
    const above = (text: string, digit: RtlExpression): RtlExpression =>
      signalOf(
        this.wire(
          { name: `${name}_${text}`, width: width + 1, signed: false },
          { kind: 'concat', parts: [digit, signalOf(carry)], width: width + 1, signed: false },
        ),
      );
    const zero: RtlExpression = { kind: 'literal', value: 0n, width, signed: false };
    const sum = binary(
      '+',
      above('left', left === undefined ? zero : signalOf(left)),
      above('right', signalOf(added)),
      width + 2,
      false,
    );
    const total = this.wire({ name: `${name}_total`, width: width + 2, signed: false }, sum);
    return [bitsOf(total, 1, width, false), bitsOf(total, width + 1, 1, false)];
  }

  /** Words of the results, in shift registers that the digits enter from above. */
  private results(): readonly RtlPort[] {
    const bits = this.width * this.digits;
    return this.kernel.outputs.flatMap((id, index): RtlPort[] => {
      const node = at(this.kernel.nodes, id);
      if (isPoint(node.range)) return [];
      const digit = this.digit(id, this.clockOf(id));
      const word = { name: `word_${index}`, width: bits, signed: false };
      const kept = bits > this.width ? [bitsOf(word, this.width, bits - this.width, false)] : [];
      this.register(word, { kind: 'concat', parts: [signalOf(digit), ...kept], width: bits, signed: false });
      const width = intervalWidth(node.range);
      const port = { name: outputPort(index), width, signed: node.range.low < 0n };
      invariant(width <= bits, `${this.kernel.name}: ${digit.name} has ${width} bits, and its digits are ${bits}`);
      this.items.push({ kind: 'assign', target: port.name, value: bitsOf(word, 0, width, port.signed) });
      return [{ ...port, direction: 'output' }];
    });
  }
}

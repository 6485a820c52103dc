import { at, invariant } from '../support/invariant.js';
import type { RtlExpression, RtlSignal } from './expression.js';
import type { RtlItem, RtlModule } from './module.js';

/** Bit patterns of signals, as unsigned numbers. */
type State = bigint[];
type Read = (state: State) => bigint;

/**
 * A netlist run clock by clock on two-valued bits: the meaning of RtlModule in TypeScript. Registers start with the
 * patterns that `start` gives, so that a value nobody has set can be told from zero.
 */
export class NetlistSimulation {
  private readonly slots = new Map<string, number>();
  private readonly signals: RtlSignal[] = [];
  /** Settles all wires, in an order in which each comes after those that it reads. */
  private readonly settle: readonly ((state: State) => void)[];
  private readonly steps: readonly { readonly target: number; readonly next: number; readonly reset: number }[];
  private state: State = [];
  private settled = false;

  public constructor(
    modules: readonly RtlModule[],
    private readonly start: (signal: RtlSignal) => bigint,
  ) {
    const elaboration = new Elaboration(modules, this.slots, this.signals);
    elaboration.module(at(modules, 0), '');
    this.settle = elaboration.ordered();
    this.steps = elaboration.registers;
    this.powerUp();
  }

  public powerUp(): void {
    this.state = this.signals.map(() => 0n);
    for (const { target } of this.steps) {
      const signal = at(this.signals, target);
      this.state[target] = BigInt.asUintN(signal.width, this.start(signal));
    }
    this.settled = false;
  }

  /** Drives a port of the top module until it is driven again. */
  public drive(port: string, pattern: bigint): void {
    this.state[this.slotOf(port)] = pattern;
    this.settled = false;
  }

  /** The pattern of a signal of the top module, or below it: `u_layer.value_3`. */
  public read(name: string): bigint {
    if (!this.settled) for (const step of this.settle) step(this.state);
    this.settled = true;
    return at(this.state, this.slotOf(name));
  }

  /** One rising clock edge. */
  public clock(): void {
    if (!this.settled) for (const step of this.settle) step(this.state);
    const values = this.steps.map(({ next, reset }) =>
      reset >= 0 && at(this.state, reset) === 1n ? 0n : at(this.state, next),
    );
    this.steps.forEach(({ target }, index) => (this.state[target] = at(values, index)));
    this.settled = false;
  }

  private slotOf(name: string): number {
    const slot = this.slots.get(name);
    invariant(slot !== undefined, `there is no signal ${name}`);
    return slot;
  }
}

/** One assignment to a signal, and the signals that it reads. */
interface Assignment {
  readonly target: number;
  readonly reads: readonly number[];
  readonly run: (state: State) => void;
}

class Elaboration {
  public readonly registers: { target: number; next: number; reset: number }[] = [];
  private readonly assignments: Assignment[] = [];
  private reads: number[] = [];

  public constructor(
    private readonly modules: readonly RtlModule[],
    private readonly slots: Map<string, number>,
    private readonly signals: RtlSignal[],
  ) {}

  public module(module: RtlModule, prefix: string): void {
    for (const port of module.ports) this.declare(port, prefix);
    for (const item of module.items) {
      if ('signal' in item) this.declare(item.signal, prefix);
    }
    for (const item of module.items) this.item(item, prefix);
  }

  private declare(signal: RtlSignal, prefix: string): number {
    const name = prefix + signal.name;
    invariant(!this.slots.has(name), `${name} is declared twice`);
    const slot = this.signals.push({ name, width: signal.width, signed: signal.signed }) - 1;
    this.slots.set(name, slot);
    return slot;
  }

  private slotOf(name: string): number {
    const slot = this.slots.get(name);
    invariant(slot !== undefined, `there is no signal ${name}`);
    return slot;
  }

  private item(item: RtlItem, prefix: string): void {
    switch (item.kind) {
      case 'comment':
      case 'declare':
        return;
      case 'wire':
        this.assign(prefix + item.signal.name, item.value, prefix);
        return;
      case 'assign':
        this.assign(prefix + item.target, item.value, prefix);
        return;
      case 'register':
        this.registers.push({
          target: this.slotOf(prefix + item.signal.name),
          next: this.slotOf(prefix + item.next),
          reset: item.reset === undefined ? -1 : this.slotOf(prefix + item.reset),
        });
        return;
      case 'table': {
        const { address, first, values, signal } = item;
        const patterns = new Map<bigint, bigint>();
        values.forEach((value, index) => {
          const key = BigInt.asUintN(address.width, first + BigInt(index));
          patterns.set(key, BigInt.asUintN(signal.width, value));
        });
        const otherwise = BigInt.asUintN(signal.width, values.at(-1) ?? 0n);
        const [target, from] = [this.slotOf(prefix + signal.name), this.slotOf(prefix + address.name)];
        const run = (state: State): void => {
          state[target] = patterns.get(at(state, from)) ?? otherwise;
        };
        this.assignments.push({ target, reads: [from], run });
        return;
      }
      case 'instance': {
        const module = this.modules.find(({ name }) => name === item.module);
        invariant(module !== undefined, `there is no module ${item.module}`);
        const inner = `${prefix}${item.name}.`;
        this.module(module, inner);
        for (const { port, value } of item.connections) {
          if (port === module.clock) continue;
          const declared = module.ports.find(({ name }) => name === port);
          invariant(declared !== undefined, `${item.module} has no port ${port}`);
          if (declared.direction === 'input') this.assign(inner + port, value, prefix);
          else {
            invariant(value.kind === 'signal', `${item.name}: an output drives a signal`);
            this.assign(prefix + value.name, { ...declared, kind: 'signal' }, inner);
          }
        }
      }
    }
  }

  private assign(name: string, value: RtlExpression, prefix: string): void {
    const target = this.slotOf(name);
    const width = at(this.signals, target).width;
    this.reads = [];
    const read = this.expression(value, prefix);
    invariant(value.width === width, `${name} has ${width} bits and is assigned ${value.width}`);
    const run = (state: State): void => {
      state[target] = read(state);
    };
    this.assignments.push({ target, reads: this.reads, run });
  }

  /** The assignments, each after those of the signals that it reads. */
  public ordered(): readonly ((state: State) => void)[] {
    const byTarget = new Map(this.assignments.map((assignment) => [assignment.target, assignment]));
    const done = new Set<number>();
    const order: ((state: State) => void)[] = [];
    for (const root of this.assignments) {
      const stack: { readonly assignment: Assignment; next: number }[] = [{ assignment: root, next: 0 }];
      if (done.has(root.target)) continue;
      const open = new Set([root.target]);
      while (stack.length > 0) {
        const top = at(stack, stack.length - 1);
        const read = top.assignment.reads[top.next++];
        if (read === undefined) {
          stack.pop();
          open.delete(top.assignment.target);
          if (!done.has(top.assignment.target)) order.push(top.assignment.run);
          done.add(top.assignment.target);
          continue;
        }
        const before = byTarget.get(read);
        if (before === undefined || done.has(read)) continue;
        invariant(!open.has(read), `a loop without a register through ${at(this.signals, read).name}`);
        open.add(read);
        stack.push({ assignment: before, next: 0 });
      }
    }
    return order;
  }

  /** The pattern of an expression. */
  private expression(value: RtlExpression, prefix: string): Read {
    const width = value.width;
    const fit = (number: bigint): bigint => BigInt.asUintN(width, number);
    switch (value.kind) {
      case 'signal': {
        const slot = this.reading(prefix + value.name);
        return (state) => at(state, slot);
      }
      case 'literal': {
        const pattern = fit(value.value);
        return () => pattern;
      }
      case 'bits': {
        const slot = this.reading(prefix + value.name);
        const low = BigInt(value.low);
        return (state) => fit(at(state, slot) >> low);
      }
      case 'concat': {
        const parts = value.parts.map((part) => ({ read: this.expression(part, prefix), width: BigInt(part.width) }));
        return (state) => fit(parts.reduce((all, part) => (all << part.width) | part.read(state), 0n));
      }
      case 'repeat': {
        const read = this.expression(value.part, prefix);
        const step = BigInt(value.part.width);
        return (state) => {
          let all = 0n;
          for (let index = 0; index < value.count; index++) all = (all << step) | read(state);
          return fit(all);
        };
      }
      case 'resize':
      case 'negate':
      case 'invert': {
        const read = this.number(value.operand, prefix);
        if (value.kind === 'resize') return (state) => fit(read(state));
        return value.kind === 'negate' ? (state) => fit(-read(state)) : (state) => fit(~read(state));
      }
      case 'shiftLeft': {
        const read = this.number(value.operand, prefix);
        const amount = BigInt(value.amount);
        return (state) => fit(read(state) << amount);
      }
      case 'binary': {
        const [left, right] = [this.number(value.left, prefix), this.number(value.right, prefix)];
        const operate = operators[value.operator];
        return (state) => fit(operate(left(state), right(state)));
      }
      case 'sum': {
        const [first, second, third] = [value.first, value.second, value.third].map((each) =>
          this.number(each, prefix),
        );
        invariant(first !== undefined && second !== undefined && third !== undefined, 'a sum has three operands');
        const sign = value.subtracts ? -1n : 1n;
        return (state) => fit(first(state) + second(state) + sign * third(state));
      }
      case 'compare': {
        const [left, right] = [this.number(value.left, prefix), this.number(value.right, prefix)];
        const less = value.operator === '<';
        return (state) => ((less ? left(state) < right(state) : left(state) === right(state)) ? 1n : 0n);
      }
      case 'reduce': {
        const read = this.expression(value.operand, prefix);
        const full = (1n << BigInt(value.operand.width)) - 1n;
        const { operator } = value;
        return (state) => {
          const pattern = read(state);
          const holds = operator === '|' || operator === '~|' ? pattern !== 0n : pattern === full;
          return holds === (operator === '|' || operator === '&') ? 1n : 0n;
        };
      }
      case 'both': {
        const [left, right] = [this.expression(value.left, prefix), this.expression(value.right, prefix)];
        return (state) => (left(state) !== 0n && right(state) !== 0n ? 1n : 0n);
      }
      case 'choose': {
        const condition = this.expression(value.condition, prefix);
        const [whenTrue, whenFalse] = [this.number(value.whenTrue, prefix), this.number(value.whenFalse, prefix)];
        return (state) => fit(condition(state) !== 0n ? whenTrue(state) : whenFalse(state));
      }
    }
  }

  /** The number that an expression stands for, by its sign. */
  private number(value: RtlExpression, prefix: string): Read {
    const read = this.expression(value, prefix);
    if (!value.signed) return read;
    const width = value.width;
    return (state) => BigInt.asIntN(width, read(state));
  }

  private reading(name: string): number {
    const slot = this.slotOf(name);
    this.reads.push(slot);
    return slot;
  }
}

const operators = {
  '+': (left: bigint, right: bigint) => left + right,
  '-': (left: bigint, right: bigint) => left - right,
  '*': (left: bigint, right: bigint) => left * right,
  '&': (left: bigint, right: bigint) => left & right,
  '|': (left: bigint, right: bigint) => left | right,
  '^': (left: bigint, right: bigint) => left ^ right,
} as const;

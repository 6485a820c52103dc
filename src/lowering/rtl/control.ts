import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { binary, choose, literal, signalOf } from '../../rtl/expression.js';
import type { RtlItem } from '../../rtl/module.js';
import { invariant } from '../../support/invariant.js';
import { RESET, VALID_IN } from './port-names.js';

/**
 * What tells hardware that is reused what to do: a token that runs beside each event, one clock after another. Control
 * follows from tokens alone, so events may come with any gaps; one that comes less than `interval` clocks after
 * another is not taken, and the violation is kept until reset.
 */
export class Control {
  private last = 0;
  private readonly counters = new Map<string, RtlSignal>();
  private readonly anyOf = new Map<string, RtlSignal>();
  private readonly items: RtlItem[] = [];

  public constructor(private readonly interval: number) {}

  /** High in clock `clock` of an event. */
  public token(clock: number): RtlSignal {
    this.last = Math.max(this.last, clock);
    return bit(clock === 0 ? 'w_accept' : `w_token_d${clock}`);
  }

  /** High in each of these clocks of an event. */
  public tokens(clocks: readonly number[]): RtlExpression {
    const [only] = clocks;
    if (clocks.length === 1 && only !== undefined) return signalOf(this.token(only));
    const key = clocks.join('_');
    let signal = this.anyOf.get(key);
    if (signal === undefined) {
      signal = bit(`w_any_of_${this.anyOf.size}`);
      this.anyOf.set(key, signal);
      const parts = clocks.map((clock) => signalOf(this.token(clock)));
      const list = { name: `${signal.name}_list`, width: parts.length, signed: false };
      this.items.push({
        kind: 'wire',
        signal: list,
        value: { kind: 'concat', parts, width: parts.length, signed: false },
      });
      const any: RtlExpression = { kind: 'reduce', operator: '|', operand: signalOf(list), width: 1, signed: false };
      this.items.push({ kind: 'wire', signal, value: any });
    }
    return signalOf(signal);
  }

  /** Counts the slots that begin at `start` (not 0), `start` + `spacing` … : 0 in the first, one more after each. */
  public slot(start: number, slots: number, spacing: number): RtlSignal {
    invariant(start > 0, 'a count begins in the clock before its first slot');
    const key = `${start}_${slots}_${spacing}`;
    let counter = this.counters.get(key);
    if (counter === undefined) {
      const width = Math.ceil(Math.log2(slots));
      counter = { name: `w_slot_${key}`, width, signed: false };
      this.counters.set(key, counter);
      const one = binary('+', signalOf(counter), literal(1n), width, false);
      const next: RtlSignal = { ...counter, name: `${counter.name}_next` };
      const steps = Array.from({ length: slots }, (_, slot) => start + slot * spacing);
      const moved = spacing === 1 ? one : choose(this.tokens(steps), one, signalOf(counter), width, false);
      const value = choose(signalOf(this.token(start - 1)), literal(0n), moved, width, false);
      this.items.push({ kind: 'register', signal: counter, next: next.name });
      this.items.push({ kind: 'wire', signal: next, value });
    }
    return counter;
  }

  /** The tokens, and whether an event is taken; after everything that asks for tokens. */
  public finish(valid: RtlSignal, violation: RtlSignal, latency: number): readonly RtlItem[] {
    const busyFor = Array.from({ length: this.interval - 1 }, (_, index) => index + 1);
    const busy = this.tokens(busyFor);
    const [accept, busyWire] = [bit('w_accept'), bit('w_busy')];
    const validIn = signalOf(bit(VALID_IN));
    const out = this.token(latency);
    const free: RtlExpression = { kind: 'invert', operand: signalOf(busyWire), width: 1, signed: false };
    const early = bit('w_early');
    const seen = bit('w_violation');
    const chain: RtlItem[] = [];
    for (let clock = 1; clock <= this.last; clock++) {
      chain.push({ kind: 'register', signal: this.token(clock), next: this.token(clock - 1).name, reset: RESET });
    }
    return [
      { kind: 'comment', text: 'a token for each clock of an event: all control follows from them' },
      ...chain,
      ...this.items,
      { kind: 'register', signal: seen, next: early.name, reset: RESET },
      { kind: 'wire', signal: busyWire, value: busy },
      { kind: 'wire', signal: accept, value: binary('&', validIn, free, 1, false) },
      {
        kind: 'wire',
        signal: early,
        value: binary('|', signalOf(seen), binary('&', validIn, signalOf(busyWire), 1, false), 1, false),
      },
      { kind: 'assign', target: valid.name, value: signalOf(out) },
      { kind: 'assign', target: violation.name, value: signalOf(seen) },
    ];
  }
}

function bit(name: string): RtlSignal {
  return { name, width: 1, signed: false };
}

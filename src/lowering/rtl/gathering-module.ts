import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { binary, choose, literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlPort } from '../../rtl/module.js';
import { at } from '../../support/invariant.js';
import type { GatheredSum, Gathering } from '../sequence/gathering.js';
import { outputPort } from './kernel-module.js';
import { CLOCK } from './port-names.js';

/** High in the clock in which the first values come out of the adders between wires. */
export const GATHER_FIRST = 'first_turn';

/** The port of one wire of a sum. */
export function wirePort(output: number, wire: number): string {
  return `in_${output}_${wire}`;
}

/**
 * Sums of values that come in turn. The values of one clock are added pair by pair, with a register behind each level of
 * adders, and their sum to what came before:
 *
 *   total ← (first turn ? constant : total) + Σ wires
 *
 * Each port carries zero in clocks in which its wire has no value of the sum. `operands`: width and sign of each port.
 */
export function gatheringModule(
  name: string,
  { sums, levels }: Gathering,
  operands: (sum: GatheredSum, wire: number) => Pick<RtlSignal, 'width' | 'signed'>,
  comments: readonly string[],
): RtlModule {
  const items: RtlItem[] = [];
  const registers: RtlItem[] = [];
  const wire = (signal: RtlSignal, value: RtlExpression): RtlSignal => {
    items.push({ kind: 'wire', signal, value });
    return signal;
  };
  const register = (signal: RtlSignal, value: RtlExpression): RtlSignal => {
    registers.push({ kind: 'register', signal, next: wire({ ...signal, name: `${signal.name}_next` }, value).name });
    return signal;
  };
  const first = { name: GATHER_FIRST, width: 1, signed: false };
  const ports: RtlPort[] = [{ ...first, direction: 'input' }];
  for (const sum of sums) {
    const { output, shift, constant, width, signed } = sum;
    // All but the lowest bits, which are zero: sums wrap without harm.
    const inner = Math.max(1, width - shift);
    let level = sum.wires.map((_, index): RtlSignal => {
      const port = { name: wirePort(output, index), ...operands(sum, index) };
      ports.push({ ...port, direction: 'input' });
      return port;
    });
    for (let rank = 0; rank < levels; rank++) {
      const next: RtlSignal[] = [];
      for (let index = 0; index < level.length; index += 2) {
        const left = at(level, index);
        const right = level[index + 1];
        const signal = { name: `level_${output}_${rank}_${index / 2}`, width: inner, signed };
        const value =
          right === undefined
            ? resize(signalOf(left), inner)
            : binary('+', resize(signalOf(left), inner), resize(signalOf(right), inner), inner, signed);
        next.push(register(signal, value));
      }
      level = next;
    }
    const total = { name: `total_${output}`, width: inner, signed };
    const begin = resize(literal(BigInt.asUintN(inner, constant >> BigInt(shift))), inner);
    const before = wire(
      { ...total, name: `before_${output}` },
      choose(signalOf(first), begin, signalOf(total), inner, signed),
    );
    register(total, binary('+', signalOf(before), resize(signalOf(at(level, 0)), inner), inner, signed));
    const port: RtlPort = { name: outputPort(output), width, signed, direction: 'output' };
    ports.push(port);
    const value: RtlExpression =
      shift === 0 || width <= shift
        ? resize(signalOf(total), width)
        : { kind: 'shiftLeft', operand: signalOf(total), amount: shift, width, signed };
    items.push({ kind: 'assign', target: port.name, value });
  }
  return { name, comments, parameters: [], clock: CLOCK, ports, items: [...registers, ...items] };
}

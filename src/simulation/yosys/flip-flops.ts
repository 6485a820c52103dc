import type { Emitter } from './emitter.js';

/** What the next state of a flip-flop depends on; every vector is in net numbers, least significant first. */
export interface FlipFlop {
  readonly data: readonly number[];
  readonly state: readonly number[];
  readonly enable?: Control;
  readonly reset?: ResetControl;
  /** Whether the enable also gates the reset ($sdffce). */
  readonly enableFirst: boolean;
}

export interface Control {
  readonly net: number;
  readonly activeHigh: boolean;
}

export interface ResetControl extends Control {
  readonly value: readonly number[];
}

/** What each flip-flop cell has beside clock, D and Q. `asynchronous` resets act on the output at once. */
export const FLIP_FLOPS: Readonly<
  Record<string, { readonly enable: boolean; readonly reset: 'none' | 'synchronous' | 'asynchronous' }>
> = {
  $dff: { enable: false, reset: 'none' },
  $dffe: { enable: true, reset: 'none' },
  $sdff: { enable: false, reset: 'synchronous' },
  $sdffe: { enable: true, reset: 'synchronous' },
  $sdffce: { enable: true, reset: 'synchronous' },
  $adff: { enable: false, reset: 'asynchronous' },
  $adffe: { enable: true, reset: 'asynchronous' },
};

/** Expressions for the limbs of the next state. */
export function nextState(flipFlop: FlipFlop, limbs: number, emitter: Emitter): readonly string[] {
  const data = emitter.operand(flipFlop.data, limbs, false);
  const hold = (value: readonly string[]): readonly string[] =>
    flipFlop.enable === undefined
      ? value
      : choose(emitter, flipFlop.enable, value, emitter.operand(flipFlop.state, limbs, false));
  const clear = (value: readonly string[]): readonly string[] =>
    flipFlop.reset === undefined
      ? value
      : choose(emitter, flipFlop.reset, emitter.operand(flipFlop.reset.value, limbs, false), value);
  return flipFlop.enableFirst ? hold(clear(data)) : clear(hold(data));
}

/** `whenActive` where the control is active, else `otherwise`. */
export function choose(
  emitter: Emitter,
  control: Control,
  whenActive: readonly string[],
  otherwise: readonly string[],
): readonly string[] {
  const level = emitter.temporary(emitter.operand([control.net], 1, false)[0] ?? '0');
  const active = `${level}===${control.activeHigh ? '1' : '0'}`;
  return whenActive.map((text, limb) => `(${active}?${text}:${otherwise[limb] ?? '0'})`);
}

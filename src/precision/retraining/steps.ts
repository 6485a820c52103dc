import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../../numeric/fixed-point.js';
import { roundNumber } from '../../numeric/quantize-number.js';
import type { Rounding } from '../../numeric/rounding.js';
import { at } from '../../support/invariant.js';
import type { Cell, Step } from './cell.js';

// Loops over blocks of events: plain ones over typed arrays, which the engine compiles well.

/** result = f(left, right) element by element; slopes(left, right) are its derivatives. */
export function binaryStep(
  own: Cell,
  [left, leftOf]: readonly [Cell, Int32Array],
  [right, rightOf]: readonly [Cell, Int32Array],
  events: number,
  value: (left: number, right: number) => number,
  slopes: readonly [(left: number, right: number) => number, (left: number, right: number) => number],
): Step {
  const accumulate = (cell: Cell, of: Int32Array, slope: (left: number, right: number) => number): void => {
    const { gradient } = cell;
    if (gradient === undefined || own.gradient === undefined) return;
    for (let element = 0; element < of.length; element++) {
      const [a, b, target] = [at(leftOf, element) * events, at(rightOf, element) * events, at(of, element) * events];
      for (let event = 0; event < events; event++) {
        const change = own.gradient[element * events + event] ?? 0;
        const factor = slope(left.value[a + event] ?? 0, right.value[b + event] ?? 0);
        gradient[target + event] = (gradient[target + event] ?? 0) + change * factor;
      }
    }
  };
  return {
    forward: () => {
      for (let element = 0; element < leftOf.length; element++) {
        const [a, b] = [at(leftOf, element) * events, at(rightOf, element) * events];
        for (let event = 0; event < events; event++)
          own.value[element * events + event] = value(left.value[a + event] ?? 0, right.value[b + event] ?? 0);
      }
    },
    backward: () => {
      accumulate(left, leftOf, slopes[0]);
      accumulate(right, rightOf, slopes[1]);
    },
  };
}

/** result = left + sign × right. The steps of every layer have loops of their own: a call for each value is half the time. */
export function sumOrDifferenceStep(
  own: Cell,
  [left, leftOf]: readonly [Cell, Int32Array],
  [right, rightOf]: readonly [Cell, Int32Array],
  sign: 1 | -1,
  events: number,
): Step {
  const accumulate = ({ gradient }: Cell, of: Int32Array, factor: number): void => {
    if (gradient === undefined || own.gradient === undefined) return;
    for (let element = 0; element < of.length; element++) {
      const [from, to] = [element * events, at(of, element) * events];
      for (let event = 0; event < events; event++)
        gradient[to + event] = (gradient[to + event] ?? 0) + factor * (own.gradient[from + event] ?? 0);
    }
  };
  return {
    forward: () => {
      for (let element = 0; element < leftOf.length; element++) {
        const [a, b, to] = [at(leftOf, element) * events, at(rightOf, element) * events, element * events];
        for (let event = 0; event < events; event++)
          own.value[to + event] = (left.value[a + event] ?? 0) + sign * (right.value[b + event] ?? 0);
      }
    },
    backward: () => {
      accumulate(left, leftOf, 1);
      accumulate(right, rightOf, sign);
    },
  };
}

export function reluStep(own: Cell, operand: Cell): Step {
  const size = own.value.length;
  return {
    forward: () => {
      for (let index = 0; index < size; index++) own.value[index] = Math.max(operand.value[index] ?? 0, 0);
    },
    backward: () => {
      const { gradient } = operand;
      if (gradient === undefined || own.gradient === undefined) return;
      for (let index = 0; index < size; index++) {
        if ((operand.value[index] ?? 0) > 0) gradient[index] = (gradient[index] ?? 0) + (own.gradient[index] ?? 0);
      }
    },
  };
}

/** result = f(operand) element by element; `slope` is its derivative. */
export function unaryStep(own: Cell, operand: Cell, value: (x: number) => number, slope: (x: number) => number): Step {
  const size = own.value.length;
  return {
    forward: () => {
      for (let index = 0; index < size; index++) own.value[index] = value(operand.value[index] ?? 0);
    },
    backward: () => {
      const { gradient } = operand;
      if (gradient === undefined || own.gradient === undefined) return;
      for (let index = 0; index < size; index++) {
        const factor = slope(operand.value[index] ?? 0);
        gradient[index] = (gradient[index] ?? 0) + factor * (own.gradient[index] ?? 0);
      }
    },
  };
}

/** Elements that come from others, wherever they are. */
export function moveStep(
  own: Cell,
  operands: readonly Cell[],
  operandOf: Int32Array,
  elementOf: Int32Array,
  events: number,
): Step {
  return {
    forward: () => {
      for (let element = 0; element < elementOf.length; element++) {
        const start = at(elementOf, element) * events;
        own.value.set(at(operands, at(operandOf, element)).value.subarray(start, start + events), element * events);
      }
    },
    backward: () => {
      for (let element = 0; element < elementOf.length; element++) {
        const { gradient } = at(operands, at(operandOf, element));
        if (gradient === undefined || own.gradient === undefined) continue;
        const start = at(elementOf, element) * events;
        for (let event = 0; event < events; event++)
          gradient[start + event] = (gradient[start + event] ?? 0) + (own.gradient[element * events + event] ?? 0);
      }
    },
  };
}

/** Sums of elements of the operand; `targets`: for each of them the result that it belongs to. */
export function sumStep(own: Cell, operand: Cell, targets: Int32Array, events: number): Step {
  return {
    forward: () => {
      own.value.fill(0);
      for (let element = 0; element < targets.length; element++) {
        const to = at(targets, element) * events;
        for (let event = 0; event < events; event++)
          own.value[to + event] = (own.value[to + event] ?? 0) + (operand.value[element * events + event] ?? 0);
      }
    },
    backward: () => {
      const { gradient } = operand;
      if (gradient === undefined || own.gradient === undefined) return;
      for (let element = 0; element < targets.length; element++) {
        const [from, start] = [at(targets, element) * events, element * events];
        for (let event = 0; event < events; event++)
          gradient[start + event] = (gradient[start + event] ?? 0) + (own.gradient[from + event] ?? 0);
      }
    },
  };
}

/** The largest (sign 1) or smallest (-1) of elements of the operand; only the first that is it takes the gradient. */
export function extremeStep(own: Cell, operand: Cell, targets: Int32Array, sign: 1 | -1, events: number): Step {
  const chosen = new Int32Array(own.value.length);
  return {
    forward: () => {
      own.value.fill(-sign * Infinity);
      for (let element = 0; element < targets.length; element++) {
        const to = at(targets, element) * events;
        for (let event = 0; event < events; event++) {
          const value = operand.value[element * events + event] ?? 0;
          if (sign * value <= sign * (own.value[to + event] ?? 0)) continue;
          own.value[to + event] = value;
          chosen[to + event] = element;
        }
      }
    },
    backward: () => {
      const { gradient } = operand;
      if (gradient === undefined || own.gradient === undefined) return;
      own.gradient.forEach((change, index) => {
        const target = at(chosen, index) * events + (index % events);
        gradient[target] = (gradient[target] ?? 0) + change;
      });
    },
  };
}

/** Doubles of this size are whole numbers: adding it rounds, half to even, in a fraction of the time of `roundNumber`. */
const HALF_EVEN = 1.5 * 2 ** 52;

/**
 * Rounding and saturation, as the firmware will do them; the gradient passes as if nothing had been rounded (the
 * straight-through estimator of Bengio, Léonard and Courville, arXiv:1308.3432), and stops where a value saturates. What
 * wraps passes too, and keeps its value: types of a plan hold the data.
 */
export function quantizeStep(
  own: Cell,
  operand: Cell,
  types: readonly FixedPointType[],
  rounding: Rounding,
  saturates: boolean,
  events: number,
): Step {
  const size = own.value.length / events;
  const ends = types.map((type) => (saturates ? codeRange(type) : { low: -Infinity, high: Infinity }));
  const of = (element: number): number => (types.length === 1 ? 0 : element);
  const steps = Float64Array.from({ length: size }, (_, element) => 2 ** lsbExponent(at(types, of(element))));
  const lows = Float64Array.from({ length: size }, (_, element) => Number(at(ends, of(element)).low));
  const highs = Float64Array.from({ length: size }, (_, element) => Number(at(ends, of(element)).high));
  return {
    forward: () => {
      for (let element = 0; element < size; element++) {
        const [step, low, high] = [at(steps, element), at(lows, element), at(highs, element)];
        const start = element * events;
        for (let index = start; index < start + events; index++) {
          const scaled = (operand.value[index] ?? 0) / step;
          const code =
            rounding === 'RND_CONV' && Math.abs(scaled) < HALF_EVEN / 4
              ? scaled + HALF_EVEN - HALF_EVEN
              : roundNumber(scaled, rounding);
          own.value[index] = (code < low ? low : code > high ? high : code) * step;
        }
      }
    },
    backward: () => {
      const { gradient } = operand;
      if (gradient === undefined || own.gradient === undefined) return;
      for (let element = 0; element < size; element++) {
        const [low, high] = [at(lows, element) * at(steps, element), at(highs, element) * at(steps, element)];
        const start = element * events;
        for (let index = start; index < start + events; index++) {
          const x = operand.value[index] ?? 0;
          if (x >= low && x <= high) gradient[index] = (gradient[index] ?? 0) + (own.gradient[index] ?? 0);
        }
      }
    },
  };
}

import { importCodes } from '../../diagnostics/codes/import.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Shape } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import { at } from '../../support/invariant.js';
import { dyadicFrom } from './constant-tensor.js';
import type { NodeContext } from './node-context.js';
import type { Value } from './session.js';

/** How a window moves along one axis of a picture. All amounts in elements. */
export interface WindowAxis {
  /** Elements of the operand. */
  readonly length: number;
  /** Elements of the window. */
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** Positions of the window. */
  readonly positions: number;
}

/** Attributes that `readWindow` gives a meaning to. */
export const windowAttributes = ['auto_pad', 'dilations', 'kernel_shape', 'pads', 'strides'] as const;

export interface WindowAmounts {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Explicit padding: before each axis, then after each axis. */
  readonly pads: readonly number[];
  readonly autoPad: AutoPad;
}

const autoPads = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const;
export type AutoPad = (typeof autoPads)[number];

/** The attributes of Conv, the pools and ConvTranspose for a picture of `rank` axes. Throws DiagnosticError. */
export function windowAmounts(context: NodeContext, rank: number): WindowAmounts {
  const autoPad = autoPads.find((known) => known === context.string('auto_pad', 'NOTSET'));
  if (autoPad === undefined) return context.refuse(`auto_pad '${printable(context.string('auto_pad'))}'`);
  const pads = amounts(context, 'pads', 2 * rank, 0, 0);
  return {
    strides: amounts(context, 'strides', rank, 1, 1),
    dilations: amounts(context, 'dilations', rank, 1, 1),
    // Exporters write zeros, or stale amounts, beside an automatic padding.
    pads: autoPad === 'NOTSET' ? pads : pads.map(() => 0),
    autoPad,
  };
}

function amounts(context: NodeContext, name: string, count: number, missing: number, least: number): readonly number[] {
  const given = context.integers(name);
  if (given === undefined || given.length === 0) return new Array<number>(count).fill(missing);
  if (given.length !== count) {
    context.fail(importCodes.attribute, `${name} has ${given.length} entries instead of ${count}`);
  }
  const bad = given.find((amount) => amount < least);
  if (bad !== undefined) context.fail(importCodes.attribute, `${name} has the entry ${bad}`);
  return given;
}

/**
 * The windows over a picture as Conv and the pools define them (ONNX, operators Conv and MaxPool). With `ceil` a last
 * window that sticks out is kept as long as it does not begin in the padding behind the picture.
 */
export function windowAxes(context: NodeContext, picture: Shape, kernel: Shape, ceil = false): readonly WindowAxis[] {
  const { strides, dilations, pads, autoPad } = windowAmounts(context, picture.length);
  return picture.map((length, axis) => {
    const taps = at(kernel, axis);
    const stride = at(strides, axis);
    const dilation = at(dilations, axis);
    const reach = (taps - 1) * dilation + 1;
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const positions = Math.ceil(length / stride);
      const total = Math.max(0, (positions - 1) * stride + reach - length);
      const less = Math.floor(total / 2);
      const before = autoPad === 'SAME_UPPER' ? less : total - less;
      return { length, taps, stride, dilation, before, after: total - before, positions };
    }
    const before = at(pads, axis);
    const after = at(pads, axis + picture.length);
    const steps = (length + before + after - reach) / stride;
    let positions = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (ceil && (positions - 1) * stride >= length + before) positions--;
    if (steps < 0 || positions < 1) {
      return context.fail(
        importCodes.operandValue,
        `a window of ${reach} elements does not fit into ${length + before + after}`,
      );
    }
    return { length, taps, stride, dilation, before, after, positions };
  });
}

/** Where taps that lie outside the picture point to. */
export const OUTSIDE = -1;

/**
 * For each position of the window and each of its taps, both row-major, the flat index in the picture, or OUTSIDE.
 * `source` gives the coordinate along one axis; it may lie outside.
 */
export function tapIndices(
  axes: readonly WindowAxis[],
  source: (axis: WindowAxis, position: number, tap: number) => number = windowCoordinate,
): Int32Array {
  let indices = Int32Array.of(0);
  let positions = 1;
  let taps = 1;
  for (const axis of axes) {
    const next = new Int32Array(indices.length * axis.positions * axis.taps);
    let to = 0;
    for (let position = 0; position < positions; position++) {
      for (let along = 0; along < axis.positions; along++) {
        for (let tap = 0; tap < taps; tap++) {
          const outer = at(indices, position * taps + tap);
          for (let within = 0; within < axis.taps; within++) {
            const inner = source(axis, along, within);
            const inside = outer !== OUTSIDE && inner >= 0 && inner < axis.length;
            next[to++] = inside ? outer * axis.length + inner : OUTSIDE;
          }
        }
      }
    }
    indices = next;
    positions *= axis.positions;
    taps *= axis.taps;
  }
  return indices;
}

/** Coordinate in the picture; outside it in the padding. */
export function windowCoordinate(axis: WindowAxis, position: number, tap: number): number {
  return position * axis.stride - axis.before + tap * axis.dilation;
}

/**
 * The picture [batch, channels, …axes] as [batch, channels, indices.length]: wires, and exact zeros where an index is
 * OUTSIDE.
 */
export function gatherTaps(context: NodeContext, picture: Value, indices: Int32Array): Value {
  const { tensors } = context;
  const [batch = 1, channels = 1, ...axes] = picture.shape;
  const size = elementCount(axes);
  context.session.checkElements([batch, channels, indices.length], context.provenance);
  let flat = tensors.reshape(picture, [batch, channels, size]);
  if (indices.includes(OUTSIDE)) {
    context.session.claimFolded(batch * channels, context.provenance);
    const zeros = Array.from({ length: batch * channels }, () => ({ code: 0n, lsb: 0 }));
    flat = tensors.concat([flat, tensors.constant(dyadicFrom([batch, channels, 1], zeros))], 2);
  }
  return tensors.gather(
    flat,
    2,
    Array.from(indices, (index) => (index === OUTSIDE ? size : index)),
  );
}

import type { FixedPointType } from '../../numeric/fixed-point.js';
import { fixedPointType, lsbExponent, sameType } from '../../numeric/fixed-point.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import { ratioOf } from '../../model/kinds.js';
import { dyadicToNumber } from '../../numeric/dyadic.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { printRational } from '../../numeric/ratio.js';
import { shiftBy } from '../../support/bits.js';
import { movedElements } from './structure.js';

/** What the integers of a port mean: the real value is scale × (integer - zero point). */
export interface PortScale {
  /** Exact, in lowest terms: `3/4`, or `3` where it is whole. */
  readonly scale: string;
  /** The same; absent where it is zero. */
  readonly zeroPoint?: string;
  /** The scale to the nearest double, for people. */
  readonly step: number;
}

/** The port of an input that is only read through one quantiser whose scale is not a power of two. */
export interface ScaledPort {
  /** Integers: the codes of the quantiser. */
  readonly type: FixedPointType;
  /** Exponent of the unit that the rest of the graph counts these codes in. */
  readonly lsb: number;
  readonly scale: PortScale;
  readonly quantizer: ModelNodeOf<'requantize'>;
}

/**
 * Does every reader of this float input, seen through nodes that only move elements, apply the same quantiser by a
 * ratio? Then the port can take that quantiser's integers: no fixed-point type has its grid.
 */
export function scaledPort(
  graph: ModelGraph,
  users: readonly (readonly ModelNode[])[],
  input: ModelNodeOf<'input'>,
): ScaledPort | undefined {
  if (input.types.length > 0) return undefined;
  const outputs = new Set(graph.outputs.map((output) => output.node));
  const seen = new Set<ModelNodeId>();
  const open: ModelNode[] = [input];
  let found: ModelNodeOf<'requantize'> | undefined;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    if (outputs.has(node.id)) return undefined;
    for (const user of users[node.id] ?? []) {
      if (user.kind === 'requantize') {
        if (!isUniform(user) || (found !== undefined && !sameQuantizerByRatio(found, user))) return undefined;
        found = user;
      } else {
        const moved = movedElements(user, (id) => graph.nodes[id]?.shape ?? []);
        if (moved?.operands.length !== 1 || user.kind === 'assume') return undefined;
        open.push(user);
      }
    }
  }
  if (found === undefined) return undefined;
  const [type] = found.types;
  const ratio = ratioOf(found, 0);
  if (type === undefined || ratio.numerator <= 0n) return undefined;
  return {
    type: fixedPointType(type.signed, type.width, type.width),
    lsb: lsbExponent(type),
    scale: portScale(ratio, lsbExponent(type)),
    quantizer: found,
  };
}

/** Of integers that count (numerator × x + offset) / denominator in units of 2^lsb. */
function portScale({ numerator, offset, denominator }: AffineRatio, lsb: number): PortScale {
  const unit = shiftBy(denominator, Math.max(0, lsb));
  const parts = 1n << BigInt(Math.max(0, -lsb));
  return {
    scale: printRational(unit, numerator * parts),
    ...(offset === 0n ? {} : { zeroPoint: printRational(offset * parts, unit) }),
    step: dyadicToNumber({ code: denominator, lsb }) / Number(numerator),
  };
}

function isUniform(node: ModelNodeOf<'requantize'>): boolean {
  return [node.types, node.numerators, node.offsets, node.denominators].every((list) => list.length === 1);
}

function sameQuantizerByRatio(left: ModelNodeOf<'requantize'>, right: ModelNodeOf<'requantize'>): boolean {
  const [a, b] = [left.types[0], right.types[0]];
  const [first, second] = [ratioOf(left, 0), ratioOf(right, 0)];
  return (
    a !== undefined &&
    b !== undefined &&
    sameType(a, b) &&
    left.rounding === right.rounding &&
    left.overflow === right.overflow &&
    first.numerator === second.numerator &&
    first.offset === second.offset &&
    first.denominator === second.denominator
  );
}

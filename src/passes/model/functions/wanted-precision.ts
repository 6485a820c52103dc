import type { Quantizer } from '../../../numeric/fixed-point.js';
import { lsbExponent } from '../../../numeric/fixed-point.js';
import { at } from '../../../support/invariant.js';
import type { ModelGraph, ModelNode, ModelNodeId } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';

/** How finely an inner value of a larger operator has to be known. */
export interface WantedPrecision {
  /** Exponent of the LSB. */
  readonly lsb: number;
  /** Do products alone read it? Then an error in proportion to the value is as good as a small one. */
  readonly factor: boolean;
}

export interface PrecisionContext {
  readonly graph: ModelGraph;
  readonly users: readonly (readonly ModelNode[])[];
  /** The type of the ports that read a node. */
  readonly portTypes: ReadonlyMap<ModelNodeId, Quantizer>;
  /** What tensors end in that nothing types. */
  readonly default: Quantizer;
  /** Largest magnitude of a node's values where it is known already. */
  readonly largest: (id: ModelNodeId) => number | undefined;
}

/** Beyond so many operations the precision of the default type is all that is asked for. */
const FURTHEST = 12;
/** One bit more, so that an inner value adds less than the last rounding does. */
const GUARD_BITS = 1;

/**
 * The LSB at which an error of an inner value stays below that of the quantisers, products and ports that it reaches: finer
 * where it is multiplied by large values or summed many times, coarser where it is multiplied by small ones.
 */
export function wantedPrecision(context: PrecisionContext, id: ModelNodeId): WantedPrecision {
  const known = new Map<ModelNodeId, number>();
  const readers = context.users[id] ?? [];
  return {
    lsb: wantedLsb(context, id, FURTHEST, known) - GUARD_BITS,
    factor: readers.every(({ kind }) => kind === 'multiply') && !context.portTypes.has(id),
  };
}

function wantedLsb(context: PrecisionContext, id: ModelNodeId, far: number, known: Map<ModelNodeId, number>): number {
  const earlier = known.get(id);
  if (earlier !== undefined) return earlier;
  const port = context.portTypes.get(id);
  let lsb = port === undefined ? Number.POSITIVE_INFINITY : lsbExponent(port.type);
  for (const reader of context.users[id] ?? []) lsb = Math.min(lsb, wantedBy(context, id, reader, far, known));
  if (!Number.isFinite(lsb)) lsb = lsbExponent(context.default.type);
  known.set(id, lsb);
  return lsb;
}

function wantedBy(
  context: PrecisionContext,
  id: ModelNodeId,
  reader: ModelNode,
  far: number,
  known: Map<ModelNodeId, number>,
): number {
  const end = lsbExponent(context.default.type);
  if (far === 0) return end;
  const further = (gain: number): number =>
    wantedLsb(context, reader.id, far - 1, known) - (gain > 0 ? Math.ceil(Math.log2(gain)) : 0);
  switch (reader.kind) {
    case 'quantize':
      return reader.types.reduce((lsb, type) => Math.min(lsb, lsbExponent(type)), Number.POSITIVE_INFINITY);
    case 'multiply': {
      const other = reader.left === id ? reader.right : reader.left;
      return further(other === id ? 1 : (context.largest(other) ?? 1));
    }
    case 'reduce': {
      if (reader.operation !== 'sum') return further(1);
      return further(elementCount(at(context.graph.nodes, id).shape) / elementCount(reader.shape));
    }
    case 'add':
    case 'subtract':
    case 'minimum':
    case 'maximum':
    case 'select':
    case 'negate':
    case 'absolute':
    case 'relu':
    case 'reshape':
    case 'transpose':
    case 'gather':
    case 'concat':
      return further(1);
    default:
      return end;
  }
}

import { invariant } from '../support/invariant.js';
import { Random } from '../support/random.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import { codeRange } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { clampTo, intersect } from '../numeric/interval.js';

/** What a vector generator needs to know of one element of the input ports. */
export interface VectorColumn {
  readonly type: FixedPointType;
  readonly promised?: Interval;
  /** Promises about bits of a packed word. */
  readonly fields?: readonly { readonly low: number; readonly type: FixedPointType; readonly promised: Interval }[];
}

export interface Vectors {
  readonly rows: readonly (readonly bigint[])[];
  /** How many of each kind, for the log: `500 from the sample, 250 uniform, 250 corners`. */
  readonly description: string;
}

/**
 * Seeded test vectors, within the types and promises of the columns: half from the sample where there is one, the rest
 * uniform over the type and corners (extremes, zeros and their neighbours, in all elements at once and one at a time).
 */
export function drawVectors(
  columns: readonly VectorColumn[],
  count: number,
  seed: number,
  sample: readonly (readonly bigint[])[] = [],
): Vectors {
  const random = new Random(seed);
  const ranges = columns.map(({ type, promised }) => {
    const range = promised === undefined ? codeRange(type) : intersect(codeRange(type), promised);
    invariant(range !== undefined, 'a promise that no code meets is refused where it is declared');
    return range;
  });
  const fromSample = sample.length === 0 ? 0 : Math.floor(count / 2);
  const corners = Math.floor((count - fromSample) / 2);
  const uniform = count - fromSample - corners;
  const rows: (readonly bigint[])[] = [];
  // A sample longer than needed is read at even distances, so that all of it has a say.
  const stride = Math.max(1, Math.floor(sample.length / Math.max(1, fromSample)));
  for (let index = 0; index < fromSample; index++) {
    const row = sample[(index * stride) % sample.length];
    if (row !== undefined) rows.push(row);
  }
  const push = (row: readonly bigint[]): void => {
    rows.push(row.map((code, column) => keepFields(code, columns[column]?.fields ?? [], random)));
  };
  for (let index = 0; index < uniform; index++) push(ranges.map(({ low, high }) => random.bigint(low, high)));
  for (let index = 0; index < corners; index++) push(corner(index, ranges, random));
  const parts = [
    ...(fromSample > 0 ? [`${fromSample} from the sample`] : []),
    `${uniform} uniform over the type`,
    `${corners} corners`,
  ];
  return { rows, description: `${parts.join(', ')} (seed ${seed})` };
}

/** The word with every field that breaks its promise drawn anew. */
function keepFields(word: bigint, fields: NonNullable<VectorColumn['fields']>, random: Random): bigint {
  let kept = word;
  for (const { low, type, promised } of fields) {
    const bits = kept >> BigInt(low);
    const code = type.signed ? BigInt.asIntN(type.width, bits) : BigInt.asUintN(type.width, bits);
    if (code >= promised.low && code <= promised.high) continue;
    const drawn = BigInt.asUintN(type.width, random.bigint(promised.low, promised.high));
    kept ^= (BigInt.asUintN(type.width, bits) ^ drawn) << BigInt(low);
  }
  return kept;
}

function corner(index: number, ranges: readonly Interval[], random: Random): readonly bigint[] {
  const zero = (range: Interval): bigint => clampTo(0n, range);
  switch (index) {
    case 0:
      return ranges.map(zero);
    case 1:
      return ranges.map((range) => range.high);
    case 2:
      return ranges.map((range) => range.low);
    case 3:
      return ranges.map((range, element) => (element % 2 === 0 ? range.low : range.high));
    default:
      break;
  }
  // One element at an extreme over zeros, then all elements at extremes or next to them.
  if (index % 3 === 0) {
    const chosen = random.integer(0, ranges.length - 1);
    return ranges.map((range, element) => (element === chosen ? random.pick([range.low, range.high]) : zero(range)));
  }
  return ranges.map((range) => {
    const near = [range.low, range.high, range.low + 1n, range.high - 1n, 0n, 1n, -1n] as const;
    return clampTo(random.pick([...near]), range);
  });
}

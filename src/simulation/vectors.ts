import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { needsBigint } from '../backends/emulator/code-matrix.js';
import { at, invariant } from '../support/invariant.js';
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
  readonly matrix: CodeMatrix;
  /** How many of each kind, for the log: `500 from the sample, 250 uniform, 250 corners`. */
  readonly description: string;
}

/** The codes that a column can take, in the number type of the matrix: a million vectors have no time for bigints. */
interface Choices<T extends bigint | number> {
  readonly low: T;
  readonly high: T;
  readonly zero: T;
  /** Extremes, zero and their neighbours. */
  readonly near: readonly [T, ...T[]];
  readonly fields: VectorColumn['fields'];
  uniform(random: Random): T;
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
  const ranges = columns.map(({ type, promised }) => {
    const range = promised === undefined ? codeRange(type) : intersect(codeRange(type), promised);
    invariant(range !== undefined, 'a promise that no code meets is refused where it is declared');
    return range;
  });
  const fromSample = sample.length === 0 ? 0 : Math.floor(count / 2);
  const corners = Math.floor((count - fromSample) / 2);
  const counts = { fromSample, corners, uniform: count - fromSample - corners };
  const random = new Random(seed);
  let data: CodeMatrix['data'];
  if (needsBigint(columns.map(({ type }) => type))) {
    const exact = ranges.map((range, column) =>
      choices(
        range,
        columns[column]?.fields,
        (code) => code,
        (generator) => generator.bigint(range.low, range.high),
      ),
    );
    const codes = new Array<bigint>(count * columns.length).fill(0n);
    draw<bigint>(codes, exact, counts, sample, random, (code) => code);
    data = codes;
  } else {
    const fast = ranges.map((range, column) => {
      const [low, high] = [Number(range.low), Number(range.high)];
      return choices(range, columns[column]?.fields, Number, (generator) => generator.safeInteger(low, high));
    });
    const codes = new Float64Array(count * columns.length);
    draw<number>(codes, fast, counts, sample, random, Number);
    data = codes;
  }
  const parts = [
    ...(fromSample > 0 ? [`${fromSample} from the sample`] : []),
    `${counts.uniform} uniform over the type`,
    `${corners} corners`,
  ];
  return { matrix: { rows: count, columns: columns.length, data }, description: `${parts.join(', ')} (seed ${seed})` };
}

function choices<T extends bigint | number>(
  range: Interval,
  fields: VectorColumn['fields'],
  convert: (code: bigint) => T,
  uniform: (random: Random) => T,
): Choices<T> {
  const code = (value: bigint): T => convert(clampTo(value, range));
  const { low, high } = range;
  return {
    low: convert(low),
    high: convert(high),
    zero: code(0n),
    near: [convert(low), convert(high), code(low + 1n), code(high - 1n), code(0n), code(1n), code(-1n)],
    fields,
    uniform,
  };
}

function draw<T extends bigint | number>(
  data: Record<number, T>,
  columns: readonly Choices<T>[],
  counts: { readonly fromSample: number; readonly uniform: number; readonly corners: number },
  sample: readonly (readonly bigint[])[],
  random: Random,
  convert: (code: bigint) => T,
): void {
  let place = 0;
  // A sample longer than needed is read at even distances, so that all of it has a say.
  const stride = Math.max(1, Math.floor(sample.length / Math.max(1, counts.fromSample)));
  for (let index = 0; index < counts.fromSample; index++) {
    for (const code of at(sample, (index * stride) % sample.length)) data[place++] = convert(code);
  }
  // Words whose fields carry promises, mended when a row is drawn.
  const mended = columns.flatMap(({ fields = [] }, column) => (fields.length > 0 ? [{ column, fields }] : []));
  const mend = (): void => {
    for (const { column, fields } of mended) {
      const here = place - columns.length + column;
      data[here] = convert(keepFields(BigInt(data[here] ?? 0), fields, random));
    }
  };
  for (let index = 0; index < counts.uniform; index++) {
    for (const column of columns) data[place++] = column.uniform(random);
    mend();
  }
  for (let index = 0; index < counts.corners; index++) {
    const code = corner(index, columns, random);
    columns.forEach((column, element) => {
      data[place++] = code(column, element);
    });
    mend();
  }
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

/** The code of each column of the corner of that number. */
function corner<T extends bigint | number>(
  index: number,
  columns: readonly Choices<T>[],
  random: Random,
): (column: Choices<T>, element: number) => T {
  switch (index) {
    case 0:
      return (column) => column.zero;
    case 1:
      return (column) => column.high;
    case 2:
      return (column) => column.low;
    case 3:
      return (column, element) => (element % 2 === 0 ? column.low : column.high);
    default:
      break;
  }
  // All elements at extremes or next to them, or one at an extreme over zeros.
  if (index % 3 !== 0) return (column) => random.pick(column.near);
  const chosen = random.integer(0, columns.length - 1);
  return (column, element) => (element === chosen ? random.pick([column.low, column.high]) : column.zero);
}

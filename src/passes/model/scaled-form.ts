import type { Dyadic } from '../../numeric/dyadic.js';
import { commonDyadic } from '../../numeric/dyadic.js';
import { greatestCommonDivisor } from '../../numeric/ratio.js';
import type { AffineRatio } from '../../numeric/ratio.js';
import { shiftBy, trailingZeros } from '../../support/bits.js';
import type { ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import { perElement } from '../../model/kinds.js';

/**
 * A tensor of the old graph as base × scale + offset, rectified afterwards where `rectified`. Lists have one entry, or
 * one per element; scales are not zero.
 */
export interface ScaledForm {
  /** In the new graph. */
  readonly base: ModelNodeId;
  readonly scales: readonly Dyadic[];
  readonly offsets: readonly Dyadic[];
  readonly rectified: boolean;
}

const none: readonly Dyadic[] = [{ code: 0n, lsb: 0 }];

/** base × scale and nothing else. */
export function pureForm(base: ModelNodeId, scales: readonly Dyadic[]): ScaledForm {
  return { base, scales, offsets: none, rectified: false };
}

export function hasOffset(form: ScaledForm): boolean {
  return form.offsets.some(({ code }) => code !== 0n);
}

/** With an odd code, so that equal values look equal. */
export function normalised({ code, lsb }: Dyadic): Dyadic {
  const zeros = trailingZeros(code);
  return code === 0n ? { code, lsb: 0 } : { code: code >> BigInt(zeros), lsb: lsb + zeros };
}

export function product(left: Dyadic, right: Dyadic): Dyadic {
  return normalised({ code: left.code * right.code, lsb: left.lsb + right.lsb });
}

export function sum(left: Dyadic, right: Dyadic): Dyadic {
  const lsb = Math.min(left.lsb, right.lsb);
  return normalised({ code: shiftBy(left.code, left.lsb - lsb) + shiftBy(right.code, right.lsb - lsb), lsb });
}

/** Element by element; one entry where both lists have one. */
export function zipped(
  left: readonly Dyadic[],
  right: readonly Dyadic[],
  combine: (left: Dyadic, right: Dyadic) => Dyadic,
): readonly Dyadic[] {
  const length = Math.max(left.length, right.length);
  return compacted(Array.from({ length }, (_, index) => combine(perElement(left, index), perElement(right, index))));
}

export function compacted(list: readonly Dyadic[]): readonly Dyadic[] {
  const [first] = list;
  return first !== undefined && list.every(({ code, lsb }) => code === first.code && lsb === first.lsb)
    ? [first]
    : list;
}

/** The values of a constant. */
export function valuesOf(node: ModelNodeOf<'constant'>): readonly Dyadic[] {
  return compacted(node.codes.map((code) => normalised({ code, lsb: node.lsb })));
}

/** The one scale of all elements, when it is positive. */
export function uniformScale(form: ScaledForm): Dyadic | undefined {
  const [scale] = form.scales;
  return form.scales.length === 1 && scale !== undefined && scale.code > 0n ? scale : undefined;
}

/** (numerator × (base × scale + offset) + shift) / denominator as a ratio of the base alone. */
export function composed(ratio: AffineRatio, scale: Dyadic, offset: Dyadic): AffineRatio {
  const { codes, lsb } = commonDyadic([scale, offset]);
  const [scaleCode = 0n, offsetCode = 0n] = codes;
  const up = Math.max(0, -lsb);
  const down = Math.max(0, lsb);
  return {
    numerator: (ratio.numerator * scaleCode) << BigInt(down),
    offset: ((ratio.numerator * offsetCode) << BigInt(down)) + (ratio.offset << BigInt(up)),
    denominator: ratio.denominator << BigInt(up),
  };
}

/** A common odd factor below this is left in the weights: it takes no more additions there. */
const SMALLEST_FACTOR = 16n;

/**
 * The odd common factor of each column of a matrix of codes, and what is left: the scale of quantised weights. Undefined
 * where no column has a factor worth taking out.
 */
export function columnFactors(
  codes: readonly bigint[],
  columns: number,
): { readonly codes: readonly bigint[]; readonly factors: readonly bigint[] } | undefined {
  const common = new Array<bigint>(columns).fill(0n);
  codes.forEach((code, index) => {
    common[index % columns] = greatestCommonDivisor(common[index % columns] ?? 0n, code);
  });
  const factors = common.map((factor) => {
    const odd = factor === 0n ? 1n : factor >> BigInt(trailingZeros(factor));
    return odd >= SMALLEST_FACTOR ? odd : 1n;
  });
  if (factors.every((factor) => factor === 1n)) return undefined;
  return { codes: codes.map((code, index) => code / (factors[index % columns] ?? 1n)), factors };
}

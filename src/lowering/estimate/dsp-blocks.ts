import type { Family } from '../../targets/delay-model.js';

interface MultiplierBlock {
  readonly name: string;
  /** Bits of the signed operands. */
  readonly wide: number;
  readonly narrow: number;
}

/**
 * DSP48E1: 25 × 18 bits, UG479 "7 Series DSP48E1 Slice". DSP48E2: 27 × 18 bits, UG579 "UltraScale Architecture DSP
 * Slice". Without a part, the smaller of the two.
 */
export const multiplierBlocks: Readonly<Record<Family, MultiplierBlock>> = {
  '7-series': { name: 'DSP48E1', wide: 25, narrow: 18 },
  'ultrascale+': { name: 'DSP48E2', wide: 27, narrow: 18 },
  generic: { name: 'DSP48E1', wide: 25, narrow: 18 },
};

/** Bits of the sum behind the multiplier, in both (UG479, UG579). */
export const WIDEST_BLOCK_SUM = 48;

/** Narrower products stay in tables: `DSP_*_MINWIDTH` of `synth_xilinx` in Yosys. */
const NARROWEST_OPERAND = 2;
const NARROWEST_PRODUCT = 9;

export interface Factor {
  readonly width: number;
  readonly signed: boolean;
}

/**
 * Multiplier blocks of one product, 0 where it is better made of tables. An operand that does not fit is cut into
 * pieces, all but the highest unsigned and hence one bit shorter than the port.
 */
export function dspBlocks(left: Factor, right: Factor, family: Family): number {
  if (Math.min(left.width, right.width) < NARROWEST_OPERAND || left.width + right.width < NARROWEST_PRODUCT) return 0;
  const { wide, narrow } = multiplierBlocks[family];
  const pieces = ({ width, signed }: Factor, port: number): number =>
    Math.max(1, Math.ceil((width - (signed ? 1 : 0)) / (port - 1)));
  return Math.min(pieces(left, wide) * pieces(right, narrow), pieces(left, narrow) * pieces(right, wide));
}

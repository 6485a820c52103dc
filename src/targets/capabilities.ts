import type { Family } from './delay-model.js';

/** What the logic cells of a family can do, beyond what all families can. */
export interface Capabilities {
  /**
   * Whether a sum of three operands takes one look-up table per bit on one carry chain: the table holds the 3:2
   * compressor and the exclusive or that a two-operand adder needs, by its two outputs.
   */
  readonly threeOperandAdders: boolean;
  readonly source: string;
}

const ternary: Capabilities = {
  threeOperandAdders: true,
  source:
    'J. M. Simkins and B. D. Philofsky, US patent 7,274,211 (Xilinx, 2007): three words on tables of two outputs and the ' +
    'carry logic, as in slices of 7 series (UG474) and UltraScale (UG574)',
};

/**
 * | family | sums of three |
 * |---|---|
 * | 7 series, UltraScale+ | one table per bit; M. Kumm et al., "Multiple Constant Multiplication with Ternary Adders", FPL 2013, build on it |
 * | Versal (not in the tables of parts yet) | no: the cascade between tables (AM005) has taken the place of the carry chain |
 * | Intel up to Arria 10 (not in the tables of parts yet) | yes, in the shared arithmetic mode of the ALM |
 * | Intel Hyperflex: Stratix 10, Agilex (not in the tables of parts yet) | no: the ALM lost that mode ("Hyperflex Architecture High-Performance Design Handbook", section "Ternary Adders") |
 */
export const capabilities: Readonly<Record<Family, Capabilities>> = {
  '7-series': ternary,
  'ultrascale+': ternary,
  generic: { threeOperandAdders: false, source: 'no device: what every family can' },
};

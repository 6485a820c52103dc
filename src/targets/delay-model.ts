/**
 * Delays of one FPGA fabric, in ns, for estimates before placement. The parts add up as in the functions below, which
 * are the definition of the fields: use them rather than the fields.
 */
export interface DelayModel {
  /** Where the figures come from, and what was derived. */
  readonly source: string;
  /** Speed grade that the figures belong to, such as `-2`. */
  readonly speedGrade: string;
  /** Slowest input of a 6-input look-up table to its output, without routing. */
  readonly lut: number;
  /** Clock to output of a flip-flop plus the setup of the next one. */
  readonly flipFlop: number;
  /** From the operands' look-up table (included) into the carry chain. */
  readonly carryEntry: number;
  /** Along the carry chain, for one bit. */
  readonly carryPerBit: number;
  /** From the carry chain to the sum output. */
  readonly carryExit: number;
  /** One local net, from an output to an input of the next cell. */
  readonly routing: number;
  readonly block: BlockDelays;
}

/**
 * Delays of a multiplier block, in ns, without the nets that lead to it. Each of its registers may be left out: behind an
 * operand, behind the product, behind the sum of product and added word, which is the output.
 */
export interface BlockDelays {
  /** The two operands of the product: A is the wider one. */
  readonly a: MultipliedDelays;
  readonly b: MultipliedDelays;
  /** The word that is added to the product. */
  readonly c: OperandDelays;
  /** The sum of the block below, by a wire of its own, instead of that word. */
  readonly cascade: SumDelays;
  /** From the clock of the product's register on. */
  readonly product: SumDelays;
  /** From the clock of the sum's register to the output, and to the wire into the block above. */
  readonly clockToOutput: number;
  readonly clockToCascade: number;
  /** How much later than at the output a sum without register is on that wire. */
  readonly cascadeAfterOutput: number;
}

export interface SumDelays {
  /** To the register of the sum, its setup included. */
  readonly sum: number;
  /** To the output, where the sum has no register. */
  readonly output: number;
}

export interface OperandDelays extends SumDelays {
  /** Setup of the operand's own register. */
  readonly register: number;
  /** What a way from the clock of that register takes more than the same way from the pin, where there is none. */
  readonly clock: number;
}

export interface MultipliedDelays extends OperandDelays {
  /** To the register of the product, its setup included. */
  readonly product: number;
}

/** Inputs of one look-up table in every family we know. */
export const LUT_INPUTS = 6;

/** Adder, subtractor or comparator on a carry chain of `width` bits (width ≥ 1), in ns, with the net that leads to it. */
export function carryDelay(model: DelayModel, width: number): number {
  return model.routing + model.carryEntry + width * model.carryPerBit + model.carryExit;
}

/** `levels` look-up tables in series, in ns, each with the net that leads to it. */
export function lutDelay(model: DelayModel, levels: number): number {
  return levels * (model.routing + model.lut);
}

/** Levels of 6-input tables that a function of `inputs` independent bits needs as a tree: 0 for a wire. */
export function lutLevels(inputs: number): number {
  let levels = 0;
  for (let bits = inputs; bits > 1; bits = Math.ceil(bits / LUT_INPUTS)) levels++;
  return levels;
}

/** What a register to register path loses, in ns: the flip-flops and the net into the last one. */
export function registerDelay(model: DelayModel): number {
  return model.flipFlop + model.routing;
}

/** The longest path of a multiplier block with registers behind multiplier and sum, in ns, with the nets that lead to it. */
export function blockDelay({ routing, flipFlop, block }: DelayModel): number {
  return routing + Math.max(flipFlop + block.a.product, block.clockToOutput + block.c.sum);
}

/**
 * DSP48E1: the arcs of `techlibs/xilinx/cells_sim.v` of Yosys 0.23 for a product without pre-adder and pattern detector.
 * `register`, `product` and `sum` are its setup times by the first register on the way, `output` its combinational
 * arcs. It has clocks to P without PREG (from AREG 2.952, BREG 2.813, CREG 1.687, MREG 1.671), of which `clock` is what
 * is beyond the arc from the pin. Its setup times at PREG are 0.081 to 0.084 below the arcs to P, and the way from
 * MREG to PREG follows from the smaller one. PCOUT comes 0.146 to 0.149 after P.
 *
 * No such table of the DSP48E2 is open, and it is not slower: the same figures stand for it.
 */
const dsp48e1: BlockDelays = {
  a: { register: 0.254, clock: 2.952 - 2.823, product: 1.416, sum: 2.739, output: 2.823 },
  b: { register: 0.324, clock: 2.813 - 2.69, product: 1.285, sum: 2.608, output: 2.69 },
  c: { register: 0.168, clock: 1.687 - 1.325, sum: 1.244, output: 1.325 },
  cascade: { sum: 1.025, output: 1.107 },
  product: { sum: 1.671 - 0.081, output: 1.671 },
  clockToOutput: 0.329,
  clockToCascade: 0.435,
  cascadeAfterOutput: 0.149,
};

/**
 * Seven series (28 nm). Logic arcs: FloPoCo, target Kintex7 (xc7k70tfbv484-3), figures copied there from Vivado timing
 * reports: LUT6 0.119, flip-flop 0.216, 4 bits of carry 0.049; adder constant 0.124 (LUT) + 0.260 (entry) + 0.159
 * (exit), of which one group of 4 bits belongs to the length. Derived here: the routing of 0.331 ns makes one LUT hop
 * 0.45 ns, the figure with which the deployed Global Trigger networks (XC7VX690T, speed grade -2, 25 ns) come to
 * segments of 14 to 30 ns; FloPoCo's own 0.5 ns would put all of them far beyond the clock that they meet.
 */
const sevenSeries: DelayModel = {
  source:
    'FloPoCo Kintex7 target (Vivado reports, xc7k70t-3) for logic and carry; routing derived from 0.45 ns per LUT hop',
  speedGrade: '-2',
  lut: 0.119,
  flipFlop: 0.216,
  carryEntry: 0.124 + 0.26 - 0.049,
  carryPerBit: 0.049 / 4,
  carryExit: 0.159,
  routing: 0.331,
  block: dsp48e1,
};

/**
 * UltraScale+ (16 nm). FloPoCo, target VirtexUltrascalePlus (xcvu3p-2-FFVC1517), figures copied there from Vivado: LUT6
 * 0.148, flip-flop 0.150, LUT2 0.050 with a net of 0.011 into the chain, carry entry 0.115, 8 bits of carry 0.015 with
 * 0.026 from one block to the next, exit 0.116, local routing 0.180. Every group of 8 bits is charged its block and its
 * net here, so an adder is never estimated faster than by FloPoCo (at most 0.06 ns slower).
 */
const ultraScalePlus: DelayModel = {
  source: 'FloPoCo VirtexUltrascalePlus target (Vivado reports, xcvu3p-2)',
  speedGrade: '-2',
  lut: 0.148,
  flipFlop: 0.15,
  carryEntry: 0.05 + 0.011 + 0.115,
  carryPerBit: (0.015 + 0.026) / 8,
  carryExit: 0.116,
  routing: 0.18,
  block: dsp48e1,
};

/** Without a part: the slower of the two families in every figure, so that an estimate does not flatter. */
const generic: DelayModel = {
  source: 'the slower of the 7-series and UltraScale+ models in every figure',
  speedGrade: '-2',
  lut: Math.max(sevenSeries.lut, ultraScalePlus.lut),
  flipFlop: Math.max(sevenSeries.flipFlop, ultraScalePlus.flipFlop),
  carryEntry: Math.max(sevenSeries.carryEntry, ultraScalePlus.carryEntry),
  carryPerBit: Math.max(sevenSeries.carryPerBit, ultraScalePlus.carryPerBit),
  carryExit: Math.max(sevenSeries.carryExit, ultraScalePlus.carryExit),
  routing: Math.max(sevenSeries.routing, ultraScalePlus.routing),
  block: dsp48e1,
};

export type Family = '7-series' | 'ultrascale+' | 'generic';

export const delayModels: Readonly<Record<Family, DelayModel>> = {
  '7-series': sevenSeries,
  'ultrascale+': ultraScalePlus,
  generic,
};

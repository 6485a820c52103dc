import type { MappedCell } from './netlist.js';
import { NetlistError, ONE_NET, UntimedCellError, ZERO_NET } from './netlist.js';

/** What lies on the paths of a multiplier block: P is the product of A and B, plus what it `reads` beside. */
export interface BlockMode {
  /** Registers in a row behind each operand, behind the product and behind the sum; 0 where there is none. */
  readonly registers: Readonly<Record<'A' | 'B' | 'C' | 'M' | 'P', number>>;
  /** Whether the sum reads the word C, the cascade PCIN of the block below, and itself one clock ago. */
  readonly reads: Readonly<Record<'word' | 'cascade' | 'itself', boolean>>;
}

/**
 * Parameters that must have these values, which are the defaults: with the pre-adder, pattern detector, operands of the
 * block beside, parts of words or inverted pins the figures are others, or a pin means something else. The E2 chooses
 * its pre-adder by AMULTSEL and BMULTSEL. ADREG and DREG are registers of the pre-adder: without it, on no path.
 */
const fixedParameters: readonly (readonly [string, string | number])[] = [
  ['USE_MULT', 'MULTIPLY'],
  ['USE_DPORT', 'FALSE'],
  ['AMULTSEL', 'A'],
  ['BMULTSEL', 'B'],
  ['A_INPUT', 'DIRECT'],
  ['B_INPUT', 'DIRECT'],
  ['USE_SIMD', 'ONE48'],
  ['USE_PATTERN_DETECT', 'NO_PATDET'],
  ...['CLK', 'CARRYIN', 'ALUMODE', 'INMODE', 'OPMODE'].map((name): [string, number] => [`IS_${name}_INVERTED`, 0]),
];

/** Pins that must be 0: other choices among registers of operands, and a carry. */
const zeroPins = ['INMODE', 'CARRYINSEL', 'CARRYIN'] as const;

/**
 * The mode of a DSP48E1 or DSP48E2 (UG479, UG579: "OPMODE", attributes of the registers). Throws UntimedCellError for
 * one without figures in the delay model.
 */
export function blockMode(cell: MappedCell): BlockMode {
  for (const [name, needed] of fixedParameters) {
    const value = parameter(cell, name) ?? needed;
    if (value !== needed) throw untimed(cell, `with ${name} ${value}`);
  }
  for (const name of zeroPins) {
    if (constantPin(cell, name) !== 0) throw untimed(cell, `with ${name} that is not 0`);
  }
  // Sums and differences are the same adder.
  if (constantPin(cell, 'ALUMODE') > 3) throw untimed(cell, 'with ALUMODE that is no sum or difference');
  const reads = sumReads(cell);
  const [A, B] = [registers(cell, 'AREG', 2), registers(cell, 'BREG', 2)];
  const [C, M, P] = [registers(cell, 'CREG', 1), registers(cell, 'MREG', 1), registers(cell, 'PREG', 1)];
  if (reads.itself && P === 0) throw untimed(cell, 'as a sum that reads itself without a register');
  return { registers: { A, B, C, M, P }, reads };
}

/** By the multiplexers in front of the adder: X and Y have to choose the product. */
function sumReads(cell: MappedCell): BlockMode['reads'] {
  const mode = constantPin(cell, 'OPMODE');
  const [product, z, w] = [mode & 0b1111, (mode >> 4) & 0b111, mode >> 7];
  const [added, beside] = [zChoices.get(z), wChoices.get(w)];
  if (product !== 0b0101 || added === undefined || beside === undefined) {
    throw untimed(cell, `with OPMODE ${mode.toString(2).padStart(7, '0')}`);
  }
  const chosen = [added, beside];
  return { word: chosen.includes('word'), cascade: chosen.includes('cascade'), itself: chosen.includes('itself') };
}

type Choice = keyof BlockMode['reads'] | 'nothing';

/** Shifted by 17 bits is the same way. */
const zChoices = new Map<number, Choice>([
  [0b000, 'nothing'],
  [0b001, 'cascade'],
  [0b010, 'itself'],
  [0b011, 'word'],
  [0b101, 'cascade'],
  [0b110, 'itself'],
]);

/** Of the E2 alone; its third choice is a constant. */
const wChoices = new Map<number, Choice>([
  [0b00, 'nothing'],
  [0b01, 'itself'],
  [0b10, 'nothing'],
  [0b11, 'word'],
]);

function untimed(cell: MappedCell, what: string): UntimedCellError {
  return new UntimedCellError('dsp', `${cell.name}: ${cell.type} ${what} has no delay in the model`);
}

/** A bit string is a number; undefined where the cell has its default. */
function parameter(cell: MappedCell, name: string): string | number | undefined {
  const value = cell.parameters[name];
  if (typeof value === 'string') return /^[01]+$/u.test(value) ? Number.parseInt(value, 2) : value;
  if (value === undefined || typeof value === 'number') return value;
  throw new NetlistError(`${cell.name}: parameter ${name} is neither a number nor a text`);
}

/** Both primitives have a register wherever nothing is said. */
function registers(cell: MappedCell, name: string, most: number): number {
  const value = parameter(cell, name) ?? 1;
  if (typeof value === 'string' || !Number.isInteger(value) || value < 0 || value > most) {
    throw untimed(cell, `with ${name} ${value}`);
  }
  return value;
}

/** The number at a pin of which there is no figure: a choice that changes from clock to clock is refused. */
function constantPin(cell: MappedCell, name: string): number {
  const nets = cell.pins.get(name) ?? [];
  if (nets.some((net) => net !== ZERO_NET && net !== ONE_NET)) throw untimed(cell, `with a signal at ${name}`);
  return nets.reduce((value, net, bit) => (net === ONE_NET ? value + 2 ** bit : value), 0);
}

import { invariant } from '../support/invariant.js';
import { didYouMean } from '../support/suggest.js';
import type { Part } from './parts.js';
import { findPart, genericPart } from './parts.js';

/**
 * Spacing of LHC bunches in ns. Trigger firmware counts clocks in multiples of the nominal 40 MHz; the true clock is
 * 40.079 MHz (CERN-2004-003, "LHC Design Report", volume 1), 0.2 % faster.
 */
export const NOMINAL_BUNCH_CROSSING = 25;
export const TRUE_BUNCH_CROSSING = 24.95;

/** Which ports have a register directly behind (inputs) or before (outputs) them. */
export const registerChoices = ['in', 'out', 'both', 'none'] as const;
export type PortRegisters = (typeof registerChoices)[number];

/** Where a design runs: part, clock and interface. Everything here is a default that config and command line override. */
export interface Target {
  readonly name: string;
  readonly description: string;
  readonly part: Part;
  /** ns */
  readonly clockPeriod: number;
  /** Register ranks from every input to every output; undefined leaves the choice to the schedule. */
  readonly latency?: number;
  /** Clocks from one event to the next. */
  readonly initiationInterval: number;
  readonly registers: PortRegisters;
  /** ns after the clock edge at which the inputs are valid at the ports, taken from the first segment. */
  readonly inputDelay: number;
  /** ns that the logic behind the outputs needs before the next edge, taken from the last segment. */
  readonly outputDelay: number;
  /** Whether multiplications may use DSP blocks. */
  readonly dsp: boolean;
  readonly source: string;
}

function knownPart(name: string): Part {
  const found = findPart(name);
  invariant('part' in found, `target part ${name} is not in the table`);
  return found.part;
}

function period(megahertz: number): number {
  return 1000 / megahertz;
}

const virtex7 = knownPart('xc7vx690tffg1927-2');
const vu9p = knownPart('xcvu9p-flgc2104-2-e');
const vu13p = knownPart('xcvu13p-flga2577-2-e');

/** A pipelined block between registers of its own: latency is free, and nothing outside shortens a segment. */
const pipelined = {
  initiationInterval: 1,
  registers: 'both',
  inputDelay: 0,
  outputDelay: 0,
  dsp: true,
} as const;

export const targets: readonly Target[] = [
  {
    name: 'ugt-run3',
    description: 'CMS Level-1 Global Trigger of Run 3 (MP7): two register ranks of 25 ns, unregistered ports',
    part: virtex7,
    clockPeriod: NOMINAL_BUNCH_CROSSING,
    latency: 2,
    initiationInterval: 1,
    registers: 'none',
    // An allowance of one long net and a few levels of logic on either side, not a measurement: objects arrive from
    // registers elsewhere on the die, and the score still meets a threshold and the algorithm's logic.
    inputDelay: 2,
    outputDelay: 2,
    dsp: false,
    source:
      'deployed AXOL1TL firmware: three combinational segments between two ranks; HLS projects of the Global Trigger ' +
      'set xc7vx690t-ffg1927-2 and a 25 ns period; input and output delay are allowances',
  },
  {
    name: 'ctp7',
    description: 'CMS calorimeter trigger card CTP7 (Virtex-7 690T), 160 MHz',
    ...pipelined,
    part: virtex7,
    clockPeriod: period(160),
    source: 'the public CICADA v1.1 conversion script: part xc7vx690tffg1927-2, clock period 6.25 ns',
  },
  {
    name: 'vu13p-240',
    description: 'CMS Phase-2 trigger board with a VU13P, 240 MHz (6 clocks in a bunch crossing)',
    ...pipelined,
    part: vu13p,
    clockPeriod: NOMINAL_BUNCH_CROSSING / 6,
    source: 'part of hls4ml and da4ml reports; clock a multiple of the bunch crossing',
  },
  {
    name: 'vu13p-360',
    description: 'CMS Phase-2 trigger board with a VU13P, 360 MHz (9 clocks in a bunch crossing)',
    ...pipelined,
    part: vu13p,
    clockPeriod: NOMINAL_BUNCH_CROSSING / 9,
    source: 'the period of 2.77 ns in HLS projects of the Phase-2 correlator trigger',
  },
  {
    name: 'p2gt-480',
    description: 'CMS Phase-2 Level-1 Global Trigger (VU13P), 480 MHz (12 clocks in a bunch crossing)',
    ...pipelined,
    part: vu13p,
    clockPeriod: NOMINAL_BUNCH_CROSSING / 12,
    source: 'G. Bortolato et al., JINST 18 (2023) C01034: main algorithms at 480 MHz on UltraScale+ boards',
  },
  {
    name: 'atlas-200',
    description: 'ATLAS Level-1 calorimeter feature extractor (VU9P), 200 MHz (5 clocks in a bunch crossing)',
    ...pipelined,
    part: vu9p,
    clockPeriod: NOMINAL_BUNCH_CROSSING / 5,
    source:
      'gFEX carries three Virtex UltraScale+ devices (S. Tang et al., JINST 13 (2018) P07010); the clock is a multiple ' +
      'of the bunch crossing, not taken from that paper',
  },
  {
    name: 'generic',
    description: 'no device in particular, 200 MHz',
    ...pipelined,
    part: genericPart,
    clockPeriod: period(200),
    source: 'a choice',
  },
];

export const defaultTargetName = 'generic';

/** A target, or the hint of what was probably meant. */
export type TargetLookup = { readonly target: Target } | { readonly hint: string };

export function findTarget(name: string): TargetLookup {
  const target = targets.find((candidate) => candidate.name === name.trim().toLowerCase());
  if (target !== undefined) return { target };
  return {
    hint: didYouMean(
      name,
      targets.map((candidate) => candidate.name),
    ),
  };
}

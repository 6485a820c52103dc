import { at, invariant } from '../../support/invariant.js';
import type { SimulationDesign } from '../engine.js';
import { limbCount } from '../limbs.js';
import type { PackedStimulus } from '../packed.js';
import { unpackStimulus } from '../packed-adapter.js';
import type { VcdSignal } from '../vcd.js';
import { VcdWriter } from '../vcd.js';
import { compileProgram, runProgram } from './machine.js';
import type { Netlist } from './netlist.js';
import type { Slot } from './program.js';
import { readDesign } from './read.js';
import { translate } from './translate.js';

/** Something that is shown beside the signals of the design, in a scope `trigc` of its own. */
export interface WaveformMarker {
  readonly name: string;
  readonly width: number;
  readonly valueAt: (row: number) => number;
}

export interface WaveformRequest {
  readonly design: SimulationDesign;
  /** What the design is sent, from power-up. */
  readonly stimulus: PackedStimulus;
  /** Rows of the stimulus that are shown: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
  /** Of a row. */
  readonly picoseconds: number;
  readonly markers: readonly WaveformMarker[];
  readonly version: string;
  readonly comment: readonly string[];
}

/** Enough that few unknown bits of the many in a waveform agree by chance and are shown as known. */
const LANES = 12;
/** Values of the clock in the two halves of a row, which begins with its rising edge. */
const CLOCK_HALVES = ['1', '0'] as const;

/**
 * The named signals of a design, submodules included, as a value change dump of some rows of a stimulus; bits that are
 * unknown are x. All rows before them are run as well, so that the design is in the state it had there. Time 0 is the
 * start of row 0. Throws `SimulationError` as `yosysEngine` does, `VcdTooLongError`.
 */
export async function traceWaveform(request: WaveformRequest): Promise<string> {
  const { design, stimulus, first, end, picoseconds, markers, version, comment } = request;
  const { unknownRows = 0 } = stimulus;
  invariant(first < end && end > unknownRows, 'a waveform shows at least one row with known data');
  const { netlist } = await readDesign(design, true);
  const { signals, watched } = namedSignals(design, netlist);
  const program = translate(design, netlist, watched);
  const traces = watched.map((name) => {
    const slot = program.observed.get(name);
    invariant(slot !== undefined, `signal ${name} is not observed`);
    return new SignalTrace(slot);
  });
  const clockCode = traces.length;
  const firstMarker = clockCode + 1;
  const vcd = new VcdWriter({ version, comment, timescale: '1ps' }, [
    ...markers.map(({ name, width }, index) => ({ path: ['trigc', name], width, code: firstMarker + index })),
    ...signals,
  ]);
  const hasClock = design.clock !== undefined;

  const observer = (cycle: number, lanes: readonly Int32Array[]): void => {
    const row = cycle + unknownRows;
    if (row < first || row >= end) return;
    const dump = (): void => {
      if (hasClock) vcd.change(clockCode, CLOCK_HALVES[0]);
      markers.forEach(({ width, valueAt }, index) => {
        const [value, before] = [valueAt(row), row === first ? undefined : valueAt(row - 1)];
        if (value !== before) vcd.change(firstMarker + index, value.toString(2).padStart(width, '0'));
      });
      traces.forEach((trace, code) => {
        if (trace.update(lanes) || row === first) vcd.change(code, trace.bits());
      });
    };
    vcd.time(Math.round(row * picoseconds));
    if (row === first) vcd.initial(dump);
    else dump();
    if (!hasClock) return;
    vcd.time(Math.round((row + 0.5) * picoseconds));
    vcd.change(clockCode, CLOCK_HALVES[1]);
  };
  // Observed signals are taken from the memory: a history of all rows before would be in vain.
  runProgram(
    { ...program, observed: new Map<string, Slot>() },
    compileProgram(program),
    unpackStimulus(design, stimulus, end),
    { observer, lanes: LANES },
  );
  // The last row has a length too.
  vcd.time(Math.round(end * picoseconds));
  return vcd.text();
}

/**
 * Every signal that has a name in the text, and one name for each that differs: what a port connects is one signal. The
 * clock, whose nets the simulation leaves out, has the code after those.
 */
function namedSignals(
  design: SimulationDesign,
  netlist: Netlist,
): { readonly signals: readonly VcdSignal[]; readonly watched: readonly string[] } {
  const clock = design.clock === undefined ? undefined : netlist.ports.get(design.clock)?.bits[0];
  const watched: string[] = [];
  const codeOf = new Map<string, number>();
  const named: { readonly name: string; readonly width: number; readonly code: number | undefined }[] = [];
  for (const [name, { bits, hidden }] of netlist.signals) {
    if (hidden === true) continue;
    if (bits.length === 1 && bits[0] === clock) {
      named.push({ name, width: 1, code: undefined });
      continue;
    }
    const key = bits.join(',');
    const code = codeOf.get(key) ?? watched.length;
    if (code === watched.length) {
      codeOf.set(key, code);
      watched.push(name);
    }
    named.push({ name, width: bits.length, code });
  }
  const signals = named.map(({ name, width, code }) => ({
    path: [design.top, ...name.replace(/\s/gu, '_').split('.')],
    width,
    code: code ?? watched.length,
  }));
  return { signals, watched };
}

/** The latest value of a signal and which of its bits are unknown, as limbs. */
class SignalTrace {
  private readonly values: Int32Array;
  private readonly unknown: Int32Array;

  public constructor(private readonly slot: Slot) {
    this.values = new Int32Array(limbCount(slot.width));
    this.unknown = new Int32Array(this.values.length);
  }

  /** Takes the value of this cycle. Returns whether it is another than before. */
  public update(lanes: readonly Int32Array[]): boolean {
    const memory = at(lanes, 0);
    let changed = false;
    for (let limb = 0; limb < this.values.length; limb++) {
      const value = at(memory, this.slot.address + limb);
      let unknown = 0;
      for (const lane of lanes) unknown |= value ^ at(lane, this.slot.address + limb);
      // The value under an unknown bit is arbitrary: a change of it is none.
      if (unknown !== this.unknown[limb] || ((value ^ at(this.values, limb)) & ~unknown) !== 0) changed = true;
      this.values[limb] = value;
      this.unknown[limb] = unknown;
    }
    return changed;
  }

  /** The most significant first. */
  public bits(): string {
    let bits = '';
    for (let bit = this.slot.width - 1; bit >= 0; bit--) {
      const [limb, place] = [bit >> 5, bit & 31];
      const unknown = (at(this.unknown, limb) >>> place) & 1;
      bits += unknown === 1 ? 'x' : String((at(this.values, limb) >>> place) & 1);
    }
    return bits;
  }
}

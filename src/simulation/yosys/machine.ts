import { DEFAULT_RESET_CYCLES, type SimulationStimulus, type SimulationTrace } from '../engine.js';
import { limbCount, readLimbs, writeLimbs } from '../limbs.js';
import { randomPatterns } from '../random.js';
import { limbMask, type UnknownBits } from './nets.js';
import type { Program, Slot } from './program.js';
import { runtime } from './runtime.js';

type CycleFunction = (memory: Int32Array) => void;

/**
 * Sees every cycle after its logic has settled, with the memories of the lanes that are left. The clocks of the reset
 * before cycle 0 have negative numbers.
 */
export type CycleObserver = (cycle: number, lanes: readonly Int32Array[]) => void;

/** What a run is done with besides its stimulus. */
export interface RunOptions {
  readonly observer?: CycleObserver;
  /** At least 3, the default. A signal of one unknown bit is the same in all n lanes by chance once in 2^(n - 2). */
  readonly lanes?: number;
}

const DEFAULT_LANES = 3;
const SEED = 0x7269_6763;
/** Cycles between checks whether the lanes still differ. */
const MERGE_INTERVAL = 8;

/** Compiles the program's code. The text holds nothing but names and numbers of our own making. */
export function compileProgram(program: Program): readonly CycleFunction[] {
  const prelude = `'use strict';const {${Object.keys(runtime).join(',')}}=R;`;
  return program.bodies.map((body) => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- code generation is what this engine is
    const factory = new Function('R', `${prelude}return function(M){${body}};`) as (library: object) => CycleFunction;
    return factory(runtime);
  });
}

/**
 * Runs a program. Unknown values are modelled by running the same design in lanes that differ in every unknown bit: one
 * random fill, its complement and another random fill (or several). An output bit is unknown where lanes disagree; lanes
 * whose state has become equal are dropped, which after the pipeline has filled leaves one.
 */
export function runProgram(
  program: Program,
  functions: readonly CycleFunction[],
  request: SimulationStimulus,
  { observer, lanes: laneCount = DEFAULT_LANES }: RunOptions = {},
): SimulationTrace {
  const random = randomPatterns(SEED);
  let lanes = powerUp(program, random, laneCount);
  const cycles = request.stimulus.length + request.drain;
  const recorded = [
    ...program.outputs,
    ...(program.validOut === undefined ? [] : [program.validOut]),
    ...program.observed.values(),
  ].map((slot) => new Recorder(slot, cycles));
  const compared = [...program.outputs, ...(program.validOut === undefined ? [] : [program.validOut])];
  const unknown = new Array<boolean>(cycles).fill(false);
  const { current, next, limbs } = program.state;

  const clockEdge = (): void => {
    for (const memory of lanes) memory.copyWithin(current, next, next + limbs);
  };
  const settle = (): void => {
    for (const memory of lanes) for (const compute of functions) compute(memory);
  };
  const setBit = (slot: Slot | undefined, value: boolean): void => {
    if (slot !== undefined) for (const memory of lanes) memory[slot.address] = value ? 1 : 0;
  };

  if (program.reset !== undefined) {
    setBit(program.reset, true);
    setBit(program.validIn, false);
    for (let cycle = request.resetCycles ?? DEFAULT_RESET_CYCLES; cycle > 0; cycle -= 1) {
      fillUnknown(lanes, program.inputs.flatMap(bitsOfSlot), random);
      settle();
      observer?.(-cycle, lanes);
      clockEdge();
    }
    setBit(program.reset, false);
  }
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const row = request.stimulus[cycle];
    if (row !== undefined) {
      program.inputs.forEach((slot, index) => {
        for (const memory of lanes) writeLimbs(memory, slot.address, limbCount(slot.width), row[index] ?? 0n);
      });
    }
    if (request.reset !== undefined) setBit(program.reset, request.reset[cycle] === true);
    if (program.validIn !== undefined) {
      setBit(program.validIn, row !== undefined && (request.validIn?.[cycle] ?? true));
    }
    settle();
    const [first] = lanes;
    if (first === undefined) throw new Error('a simulation has at least one lane');
    for (const recorder of recorded) recorder.record(first, cycle);
    observer?.(cycle, lanes);
    unknown[cycle] = lanes.length > 1 && lanes.some((memory) => compared.some((slot) => differs(first, memory, slot)));
    clockEdge();
    if (lanes.length > 1 && program.unknownSources.length === 0 && cycle % MERGE_INTERVAL === 0) {
      const state: Slot = { address: current, width: 32 * limbs };
      if (!lanes.some((memory) => differs(first, memory, state))) lanes = [first];
    }
  }
  return buildTrace(program, recorded, unknown);
}

function buildTrace(program: Program, recorded: readonly Recorder[], unknown: readonly boolean[]): SimulationTrace {
  const columns = recorded.map((recorder) => recorder.values());
  const outputColumns = columns.slice(0, program.outputs.length);
  const validOut =
    program.validOut === undefined
      ? undefined
      : columns[program.outputs.length]?.map((bit, cycle) => bit === 1n && unknown[cycle] !== true);
  const observedStart = program.outputs.length + (validOut === undefined ? 0 : 1);
  return {
    outputs: unknown.map((_, cycle) => outputColumns.map((column) => column[cycle] ?? 0n)),
    ...(validOut === undefined ? {} : { validOut }),
    ...(program.observed.size === 0
      ? {}
      : {
          observed: new Map(
            [...program.observed.keys()].map((name, index) => [name, columns[observedStart + index] ?? []]),
          ),
        }),
    unknown,
    warnings: program.warnings,
  };
}

/** Values of one slot over all cycles, as limbs until the end: a bigint per cycle would dominate the run. */
class Recorder {
  private readonly limbs: number;
  private readonly history: Int32Array;
  private readonly slot: Slot;

  constructor(slot: Slot, cycles: number) {
    this.slot = slot;
    this.limbs = limbCount(slot.width);
    this.history = new Int32Array(this.limbs * cycles);
  }

  record(memory: Int32Array, cycle: number): void {
    const { address } = this.slot;
    for (let limb = 0; limb < this.limbs; limb += 1) {
      this.history[cycle * this.limbs + limb] = memory[address + limb] ?? 0;
    }
  }

  values(): readonly bigint[] {
    const count = this.history.length / this.limbs;
    return Array.from({ length: count }, (_, cycle) => readLimbs(this.history, cycle * this.limbs, this.limbs));
  }
}

/** The memories of the lanes at power-up; one only if nothing is unknown. */
function powerUp(program: Program, random: () => number, count: number): readonly Int32Array[] {
  const unknown = [...program.unknownState, ...program.unknownSources];
  const mayBeUnknown = unknown.length > 0 || program.reset !== undefined;
  const lanes = Array.from({ length: mayBeUnknown ? count : 1 }, () => new Int32Array(program.memorySize));
  for (const memory of lanes) for (const { address, value } of program.preset) memory[address] = value;
  if (mayBeUnknown) fillUnknown(lanes, unknown, random);
  return lanes;
}

function fillUnknown(lanes: readonly Int32Array[], bits: readonly UnknownBits[], random: () => number): void {
  for (const { address, mask } of bits) {
    const pattern = random();
    // The complement makes every single bit differ; the other lanes catch what cancels between two complements.
    lanes.forEach((memory, lane) => {
      const fill = lane === 0 ? pattern : lane === 1 ? ~pattern : random();
      memory[address] = ((memory[address] ?? 0) & ~mask) | (fill & mask);
    });
  }
}

function bitsOfSlot(slot: Slot): readonly UnknownBits[] {
  return Array.from({ length: limbCount(slot.width) }, (_, limb) => ({
    address: slot.address + limb,
    mask: limbMask(slot.width, limb),
  }));
}

function differs(first: Int32Array, second: Int32Array, { address, width }: Slot): boolean {
  if (first === second) return false;
  const end = address + limbCount(width);
  for (let limb = address; limb < end; limb += 1) if (first[limb] !== second[limb]) return true;
  return false;
}

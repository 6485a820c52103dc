import { invariant } from '../support/invariant.js';
import { fromPattern, toPattern } from '../support/bits.js';
import type { FixedPointType } from '../numeric/fixed-point.js';
import type { PreparedSimulation, SimulationDesign, SimulationTrace } from './engine.js';

/** Where an element of a graph tensor lies on the RTL ports. */
export interface WiredElement {
  readonly tensor: string;
  readonly element: number;
  readonly port: string;
  readonly low: number;
  readonly type: FixedPointType;
}

export interface VerifyRequest {
  readonly design: SimulationDesign;
  readonly inputs: readonly WiredElement[];
  readonly outputs: readonly WiredElement[];
  /** Input codes, and the output codes that the reference gives for them; one event a row. */
  readonly stimulus: readonly (readonly bigint[])[];
  readonly expected: readonly (readonly bigint[])[];
  /** Cycles after which the design claims to answer. */
  readonly latency: number;
}

export interface Mismatch {
  readonly vector: number;
  readonly tensor: string;
  readonly element: number;
  readonly expected: bigint;
  readonly actual: bigint;
  /** An unknown bit was seen: the value is arbitrary. */
  readonly unknown: boolean;
}

export interface VerifyResult {
  readonly vectors: number;
  /** Vectors with at least one wrong output. */
  readonly mismatches: number;
  readonly first: Mismatch | undefined;
  /** Cycles after which all vectors are right, counted from the simulation; undefined when no delay makes them so. */
  readonly measuredLatency: number | undefined;
  /** Cycles in which `valid_out` was not `valid_in`, `latency` cycles before. */
  readonly validErrors: number;
  readonly warnings: readonly string[];
}

/** Cycles watched beyond the claimed latency, to tell a wrong latency from wrong values. */
const MARGIN = 8;
/** With a valid bit, an idle cycle follows every so many vectors. */
const GAP_PERIOD = 7;

/** Feed a new vector every clock and compare values, latency and valid bits. */
export async function verifyDesign(request: VerifyRequest, simulation: PreparedSimulation): Promise<VerifyResult> {
  const { design, stimulus, latency } = request;
  const ports = design.ports.filter((port) => port.direction === 'input').map((port) => port.name);
  const usesValid = design.validIn !== undefined;
  const rows: bigint[][] = [];
  const valid: boolean[] = [];
  const cycleOf: number[] = [];
  stimulus.forEach((codes, vector) => {
    cycleOf.push(rows.length);
    rows.push(pack(codes, request.inputs, ports));
    valid.push(true);
    if (usesValid && vector % GAP_PERIOD === GAP_PERIOD - 1) {
      // The idle cycle carries other data, so that a value taken from it is seen.
      rows.push(
        pack(
          codes.map((code) => ~code),
          request.inputs,
          ports,
        ),
      );
      valid.push(false);
    }
  });
  const trace = await simulation.run({
    stimulus: rows,
    drain: latency + MARGIN,
    ...(usesValid ? { validIn: valid } : {}),
  });
  const comparison = new Comparison(request, trace, cycleOf);
  const { mismatches, first } = comparison.at(latency);
  return {
    vectors: stimulus.length,
    mismatches,
    first,
    measuredLatency: mismatches === 0 ? latency : comparison.measureLatency(latency + MARGIN),
    validErrors: usesValid ? countValidErrors(trace, valid, latency) : 0,
    warnings: trace.warnings,
  };
}

function pack(codes: readonly bigint[], elements: readonly WiredElement[], ports: readonly string[]): bigint[] {
  const patterns = new Map<string, bigint>(ports.map((port) => [port, 0n]));
  elements.forEach(({ port, low, type }, index) => {
    const code = codes[index];
    invariant(code !== undefined, `a vector lacks element ${index}`);
    patterns.set(port, (patterns.get(port) ?? 0n) | (toPattern(code, type.width) << BigInt(low)));
  });
  return ports.map((port) => patterns.get(port) ?? 0n);
}

class Comparison {
  private readonly portIndex: ReadonlyMap<string, number>;

  public constructor(
    private readonly request: VerifyRequest,
    private readonly trace: SimulationTrace,
    private readonly cycleOf: readonly number[],
  ) {
    const outputs = request.design.ports.filter((port) => port.direction === 'output');
    this.portIndex = new Map(outputs.map((port, index) => [port.name, index]));
  }

  /** Compare all vectors as if the design answered `delay` cycles after its input. */
  public at(delay: number): { mismatches: number; first: Mismatch | undefined } {
    let mismatches = 0;
    let first: Mismatch | undefined;
    this.request.expected.forEach((expected, vector) => {
      const mismatch = this.compare(vector, expected, delay);
      if (mismatch === undefined) return;
      mismatches++;
      first ??= mismatch;
    });
    return { mismatches, first };
  }

  public measureLatency(longest: number): number | undefined {
    for (let delay = 0; delay <= longest; delay++) {
      const wrong = this.request.expected.some(
        (expected, vector) => this.compare(vector, expected, delay) !== undefined,
      );
      if (!wrong) return delay;
    }
    return undefined;
  }

  private compare(vector: number, expected: readonly bigint[], delay: number): Mismatch | undefined {
    const cycle = (this.cycleOf[vector] ?? 0) + delay;
    const outputs = this.trace.outputs[cycle];
    const unknown = this.trace.unknown[cycle] === true;
    for (const [index, wired] of this.request.outputs.entries()) {
      const pattern = outputs?.[this.portIndex.get(wired.port) ?? -1];
      invariant(pattern !== undefined, `the trace has no port ${wired.port} in cycle ${cycle}`);
      const actual = fromPattern(pattern >> BigInt(wired.low), wired.type.width, wired.type.signed);
      const wanted = expected[index];
      invariant(wanted !== undefined, `vector ${vector} has no expected element ${index}`);
      if (actual === wanted && !unknown) continue;
      return { vector, tensor: wired.tensor, element: wired.element, expected: wanted, actual, unknown };
    }
    return undefined;
  }
}

function countValidErrors(trace: SimulationTrace, validIn: readonly boolean[], latency: number): number {
  let errors = 0;
  trace.validOut?.forEach((actual, cycle) => {
    if ((validIn[cycle - latency] ?? false) !== actual) errors++;
  });
  return errors;
}

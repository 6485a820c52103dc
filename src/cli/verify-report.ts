import type { MeasuredFigures } from '../report/figure-file.js';
import type { Figure } from '../report/figure.js';
import type { SimulationEngineName } from '../simulation/engine.js';
import type { PhaseResult, VerifyResult } from '../simulation/verify-design.js';
import type { VectorCoverage } from './verify-coverage.js';
import { coverageFigures } from './verify-coverage.js';

export interface VerifyOutcome {
  readonly result: VerifyResult;
  /** Vectors that are wrong, expected outputs of the user included. */
  readonly mismatches: number;
  /** What the manifest says, in clocks. */
  readonly claimedLatency: number;
  readonly claimedInterval: number;
  readonly engine: { readonly name: SimulationEngineName; readonly version: string };
  readonly coverage: VectorCoverage;
}

/** Values, valid bits and the latency that was measured are all as claimed. */
export function isRight({ result, mismatches, claimedLatency }: VerifyOutcome): boolean {
  const { measuredLatency, validErrors } = result;
  return mismatches === 0 && validErrors === 0 && (measuredLatency ?? claimedLatency) === claimedLatency;
}

/**
 * The closing line; its form is a contract. The latency is the one that the simulation shows, or the claimed one where
 * wrong values hide it (a note says so).
 */
export function summary({ result, mismatches, claimedLatency, claimedInterval, engine }: VerifyOutcome): string {
  const latency = result.measuredLatency ?? claimedLatency;
  const interval = result.measuredInterval ?? claimedInterval;
  return `verified ${result.vectors} vectors, ${mismatches} mismatches, latency ${latency} cycles, II ${interval} (engine ${engine.name})`;
}

/** The result for programs. */
export function jsonResult({ result, mismatches, claimedLatency, engine, coverage }: VerifyOutcome): string {
  const { first } = result;
  return JSON.stringify({
    schema: 'trigc-verify',
    version: 1,
    vectors: result.vectors,
    mismatches,
    latency: result.measuredLatency ?? null,
    latencyClaimed: claimedLatency,
    ii: result.measuredInterval ?? null,
    validErrors: result.validErrors,
    engine: engine.name,
    phases: result.phases,
    coverage,
    first: first === undefined ? null : { ...first, expected: String(first.expected), actual: String(first.actual) },
  });
}

/** What was done besides the vectors in a row, and everything about time that is not as claimed; for people. */
export function describeProtocol(result: VerifyResult, claimedLatency: number): readonly string[] {
  const lines = [`protocol: ${result.phases.map(describePhase).join('; ')}`];
  const { measuredLatency, fittingDelays, validErrors } = result;
  if (validErrors > 0) lines.push(`valid_out is wrong in ${validErrors} cycles`);
  if (measuredLatency === undefined && fittingDelays.length > 1) {
    lines.push(
      `the outputs are the same after ${fittingDelays.join(', ')} cycles: these vectors do not show the latency, and the closing line repeats the manifest`,
    );
  } else if (measuredLatency === undefined) {
    lines.push(
      'no delay makes all values right, so the latency is not established: the closing line repeats the manifest',
    );
  } else if (measuredLatency !== claimedLatency) {
    const [what, other] = fittingDelays.includes(measuredLatency)
      ? ['the values are right', '']
      : ['valid_out comes', `, the values are right after ${fittingDelays.join(', ') || 'none'}`];
    lines.push(
      `${what} after ${measuredLatency} cycles: the latency is not the ${claimedLatency} cycles of the manifest${other}`,
    );
  }
  return lines;
}

function describePhase({ phase, events, discarded, mismatches, unknown, validErrors }: PhaseResult): string {
  const parts = [
    `${phase} ${events}`,
    ...(discarded > 0 ? [`${discarded} taken by resets`] : []),
    ...(mismatches > 0 ? [`${mismatches} wrong`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(validErrors > 0 ? [`valid wrong in ${validErrors} cycles`] : []),
  ];
  return parts.join(', ');
}

/** What budgets are checked against. */
export function measuredFigures({ result, mismatches, engine, coverage }: VerifyOutcome): MeasuredFigures {
  const figure = (value: number, unit: string): Figure => ({ value, unit, origin: 'simulation' });
  return {
    command: 'trigc verify',
    tool: engine,
    figures: {
      vectors: figure(result.vectors, 'vectors'),
      mismatches: figure(mismatches, 'vectors'),
      ...(result.measuredLatency === undefined ? {} : { measured_latency: figure(result.measuredLatency, 'clocks') }),
      ...(result.measuredInterval === undefined ? {} : { measured_ii: figure(result.measuredInterval, 'clocks') }),
      ...coverageFigures(coverage),
    },
    details: { phases: result.phases, validErrors: result.validErrors, coverage },
  };
}

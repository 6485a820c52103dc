import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { SimulationDesign } from '../simulation/engine.js';
import { VcdTooLongError } from '../simulation/vcd.js';
import type { VerifyResult } from '../simulation/verify-design.js';
import { traceWaveform } from '../simulation/yosys/waveform.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { version } from '../version.js';
import type { CompiledFolder } from './compiled-folder.js';
import { describeMismatch } from './locate-mismatch.js';

export interface WaveArguments {
  /** VCD file to write. */
  readonly path: string;
  /** Cycles to show; more where a mismatch needs them. */
  readonly cycles: number;
}

/** Rows shown before the vector that mismatches, and after its answer. */
const BEFORE = 2;
const AFTER = 8;
const PICOSECONDS = 1000;

interface Window {
  readonly first: number;
  readonly end: number;
}

/**
 * Write the cycles around the first mismatch, or the first cycles of the vectors, as a waveform of the Verilog. The
 * design is run once more by the Yosys engine, whichever engine verified it. Returns a sentence. Throws DiagnosticError
 * where the file cannot be written, and as the engine does.
 */
export async function writeWaves(
  { path, cycles }: WaveArguments,
  { manifest }: CompiledFolder,
  design: SimulationDesign,
  result: VerifyResult,
): Promise<string> {
  const { first: mismatch, plan } = result;
  const { first, end } = windowOf(result, manifest.latency, cycles);
  const answer = mismatch === undefined ? -1 : mismatch.row + manifest.latency;
  const sentence =
    mismatch === undefined
      ? `cycles ${first} to ${end - 1}; no vector is wrong`
      : `cycles ${first} to ${end - 1}: vector ${mismatch.vector} is sent in cycle ${mismatch.row} (${mismatch.phase}), its answer is due in cycle ${answer}`;
  const comment = mismatch === undefined ? [sentence] : [describeMismatch(mismatch), sentence];
  const markers = [
    { name: 'cycle', width: 32, valueAt: (row: number) => row },
    { name: 'sent', width: 1, valueAt: (row: number) => (row === mismatch?.row ? 1 : 0) },
    { name: 'mismatch', width: 1, valueAt: (row: number) => (row === answer ? 1 : 0) },
  ];
  try {
    const text = await traceWaveform({
      design,
      stimulus: plan.stimulus,
      first,
      end,
      picoseconds: manifest.clock.periodNanoseconds * PICOSECONDS,
      markers,
      version: `Trigc ${version}`,
      comment,
    });
    replaceFile(path, text);
  } catch (error) {
    if (isSystemError(error)) return fail(commandCodes.outputNotWritable, error.code, { model: printable(path) });
    if (error instanceof VcdTooLongError) {
      return fail(commandCodes.usage, `--wave-cycles ${cycles}: ${printable(error.message)}`);
    }
    throw error;
  }
  return `${printable(path)} shows ${sentence}`;
}

function windowOf({ first, plan }: VerifyResult, latency: number, cycles: number): Window {
  const { unknownRows } = plan.stimulus;
  const rows = plan.phases.at(-1)?.end ?? 0;
  if (first === undefined) return { first: unknownRows, end: Math.min(rows, unknownRows + cycles) };
  const end = Math.min(rows, first.row + latency + 1 + AFTER);
  return { first: Math.max(0, Math.min(first.row - BEFORE, end - cycles)), end };
}

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

/** Rows in which a wrong answer was asked for and seen. */
interface WrongRows {
  readonly sent: number;
  readonly seen: number;
}

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
  const wrong = wrongRows(result, manifest.latency);
  const { first, end } = windowOf(result, wrong, cycles);
  const sentence = `cycles ${first} to ${end - 1}${describe(result, wrong)}`;
  const comment = mismatch === undefined ? [sentence] : [describeMismatch(mismatch), sentence];
  const markers = [
    { name: 'cycle', width: 32, valueAt: (row: number) => row },
    { name: 'sent', width: 1, valueAt: (row: number) => (row === wrong?.sent ? 1 : 0) },
    { name: 'mismatch', width: 1, valueAt: (row: number) => (row === wrong?.seen ? 1 : 0) },
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

/** The first mismatch, or else the first wrong valid bit. */
function wrongRows({ first, firstValidError }: VerifyResult, latency: number): WrongRows | undefined {
  if (first !== undefined) return { sent: first.row, seen: first.row + latency };
  return firstValidError === undefined ? undefined : { sent: firstValidError - latency, seen: firstValidError };
}

function describe({ first }: VerifyResult, wrong: WrongRows | undefined): string {
  if (wrong === undefined) return '; no vector is wrong';
  if (first === undefined) return `: valid_out is wrong in cycle ${wrong.seen}`;
  return `: vector ${first.vector} is sent in cycle ${wrong.sent} (${first.phase}), its answer is due in cycle ${wrong.seen}`;
}

function windowOf({ plan }: VerifyResult, wrong: WrongRows | undefined, cycles: number): Window {
  const { unknownRows } = plan.stimulus;
  const rows = plan.phases.at(-1)?.end ?? 0;
  if (wrong === undefined) return { first: unknownRows, end: Math.min(rows, unknownRows + cycles) };
  const end = Math.min(rows, wrong.seen + 1 + AFTER);
  return { first: Math.max(0, Math.min(wrong.sent - BEFORE, end - cycles)), end };
}

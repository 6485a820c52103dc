import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readRealEvents } from '../data/read-events.js';
import type { PlacedElement } from '../data/problems.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { evaluationCodes } from '../diagnostics/codes/evaluation.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError, fail } from '../diagnostics/result.js';
import type { EvaluatedNetwork } from '../evaluation/evaluated-network.js';
import type { EvaluatedSample } from '../report/evaluation-details.js';

export interface SampleFile {
  readonly role: EvaluatedSample['role'];
  readonly name: string;
  readonly path: string;
}

/** A sample after both models have seen it. */
export interface RunSample {
  readonly sample: EvaluatedSample;
  /** Events × elements of all outputs. */
  readonly float: Float64Array;
  readonly fixed: Float64Array;
  /** Evenly spaced events for the study by layer: inputs in the units of their ports, and the outputs of both models. */
  readonly study: { readonly inputs: Float64Array; readonly float: Float64Array; readonly fixed: Float64Array };
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Read one file and run both models. The events are let go afterwards, but for those of the study. Throws
 * DiagnosticError where the file is not right for the model.
 */
export async function runSample(
  { role, name, path }: SampleFile,
  elements: readonly PlacedElement[],
  network: EvaluatedNetwork,
  studied: number,
  progress: (what: string, share: number) => void,
): Promise<RunSample> {
  progress(`reading ${printable(basename(path))}`, 0);
  const read = await readRealEvents(path, elements);
  if (!read.ok) throw new DiagnosticError(read.diagnostics);
  const { rows, data } = read.value;
  const shown = { model: printable(path) };
  const result = network.run(data, (events) => {
    progress(`evaluating ${printable(name)}`, events / rows);
  });
  if (result.firstBroken !== undefined) {
    const message = `${result.broken} values break a promise about the inputs, first in event ${result.firstBroken}`;
    fail(commandCodes.promiseViolated, message, shown);
  }
  const wrong = result.float.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const event = Math.floor(wrong / network.outputWidth);
    const message = `event ${event}: output element ${wrong % network.outputWidth} of the float model is ${result.float[wrong] ?? NaN}`;
    fail(evaluationCodes.notFinite, message, shown);
  }
  const chosen = evenly(rows, studied);
  const { rounded, saturated, float, fixed } = result;
  const sample = {
    role,
    name,
    file: printable(basename(path)),
    sha256: await fileHash(path),
    events: rows,
    rounded,
    saturated,
  };
  const study = {
    inputs: network.inPortUnits(pickRows(data, network.inputWidth, chosen)),
    float: pickRows(float, network.outputWidth, chosen),
    fixed: pickRows(fixed, network.outputWidth, chosen),
  };
  return { sample, float, fixed, study, diagnostics: read.diagnostics };
}

/** `count` evenly spaced numbers below `total`, or all of them. */
function evenly(total: number, count: number): readonly number[] {
  const taken = Math.min(total, count);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * total) / taken));
}

function pickRows(values: Float64Array, width: number, rows: readonly number[]): Float64Array {
  const result = new Float64Array(rows.length * width);
  rows.forEach((row, index) => {
    result.set(values.subarray(row * width, (row + 1) * width), index * width);
  });
  return result;
}

export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

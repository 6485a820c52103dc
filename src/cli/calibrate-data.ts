import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compileEmulator } from '../backends/emulator/emulator.js';
import type { Compilation, CompileRequest } from '../compiler.js';
import { bringToPorts, portUnits } from '../data/bring-to-ports.js';
import { readRealEvents } from '../data/read-events.js';
import type { RealMatrix } from '../data/real-sink.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError, unwrap } from '../diagnostics/result.js';
import { elementCount } from '../model/kinds.js';
import type { Calibration } from '../precision/calibration/calibrate.js';
import { calibrate, calibrationDetails, overflowWarnings } from '../precision/calibration/calibrate.js';
import type { CalibrationOptions } from '../precision/calibration/choose-types.js';
import { floatModel } from '../precision/float-model.js';
import type { CalibrationDetails, CalibrationFigures } from '../report/calibration-details.js';
import type { MeasuredFigures } from '../report/figure-file.js';
import { inputColumns } from '../report/manifest.js';
import { version } from '../version.js';

/** A data set and what it says about the types of a model. */
export interface CalibratedData {
  readonly events: RealMatrix;
  readonly calibration: Calibration;
  /** Of reading the data and choosing the types. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a compiled model did to a data set. */
export interface MeasuredData {
  /** Warnings of overflows. */
  readonly diagnostics: readonly Diagnostic[];
  /** For `figures/calibration.json`. */
  readonly figures: MeasuredFigures;
}

/**
 * `--data FILE`: real values of the inputs of the model, one event a row. Throws DiagnosticError where the file is not
 * right for the model, or where the model computes no number from it.
 */
export async function calibrateOnData(
  request: CompileRequest,
  path: string,
  options: CalibrationOptions,
  progress?: (share: number) => void,
): Promise<CalibratedData> {
  const model = unwrap(floatModel(request));
  const elements = model.graph.nodes.flatMap((node) =>
    node.kind === 'input'
      ? Array.from({ length: elementCount(node.shape) }, (_, element) => ({ name: node.name, element }))
      : [],
  );
  const read = await readRealEvents(path, elements);
  if (!read.ok) throw new DiagnosticError(read.diagnostics);
  const events = read.value;
  const data = { file: printable(basename(path)), sha256: await fileHash(path), events: events.rows };
  const calibrated = calibrate(model, events.data, data, options, progress);
  if (!calibrated.ok) throw new DiagnosticError([...read.diagnostics, ...calibrated.diagnostics]);
  return { events, calibration: calibrated.value, diagnostics: [...read.diagnostics, ...calibrated.diagnostics] };
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Run the data set through what was compiled. */
export function measureOnData({ events, calibration }: CalibratedData, compilation: Compilation): MeasuredData {
  const graph = compilation.unpacked ?? compilation.graph;
  const { codes, overflows: columns } = bringToPorts(events, inputColumns(graph), portUnits(compilation.scales));
  const { overflows: inner } = compileEmulator(graph, { countOverflows: true }).run(codes);
  const details = calibrationDetails(calibration, { graph, columns, inner });
  return { diagnostics: overflowWarnings(details), figures: calibrationFigures(details) };
}

function calibrationFigures(details: CalibrationDetails): MeasuredFigures {
  const total = (count: (record: CalibrationDetails['quantizers'][number]) => number): number =>
    details.quantizers.reduce((sum, record) => sum + count(record), 0);
  const figure = (value: number, unit: string) => ({ value, unit, origin: 'evaluation' }) as const;
  const figures: CalibrationFigures = {
    calibration_events: figure(details.data.events, 'events'),
    saturated_values: figure(
      total(({ saturatedHigh, saturatedLow }) => saturatedHigh + saturatedLow),
      'values',
    ),
    wrapped_values: figure(
      total(({ wrapped }) => wrapped),
      'values',
    ),
    overflowing_tensors: figure(
      total((record) => (record.saturatedHigh + record.saturatedLow + record.wrapped > 0 ? 1 : 0)),
      'tensors',
    ),
  };
  return {
    command: `trigc compile MODEL --data ${details.data.file}`,
    tool: { name: 'trigc', version },
    figures,
    details: { ...details },
  };
}

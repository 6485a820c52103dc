import type { RunOverflow } from '../../backends/emulator/overflow-check.js';
import type { ColumnOverflow } from '../../data/bring-to-ports.js';
import { precisionCodes } from '../../diagnostics/codes/precision.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { diagnose, printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { failure, success } from '../../diagnostics/result.js';
import type { RealIntervals } from '../../evaluation/calibration/float-intervals.js';
import { observeTensors } from '../../evaluation/calibration/observe.js';
import type { TensorSummary } from '../../evaluation/calibration/tensor-statistics.js';
import { joinRanges } from '../../evaluation/calibration/tensor-statistics.js';
import type { ModelGraph, ModelNode, ModelNodeId } from '../../model/kinds.js';
import { elementCount } from '../../model/kinds.js';
import { printType } from '../../numeric/fixed-point.js';
import type { PrecisionPlan } from '../../passes/model/precision/plan.js';
import { DiagnosticBag } from '../../diagnostics/result.js';
import type { CalibratedQuantizer, CalibratedTensor, CalibrationDetails } from '../../report/calibration-details.js';
import { CALIBRATION_VERSION } from '../../report/calibration-details.js';
import { at } from '../../support/invariant.js';
import type { FloatModel } from '../float-model.js';
import type { CalibrationOptions } from './choose-types.js';
import { chooseTypes } from './choose-types.js';
import type { ObservedTensor } from './observed-tensors.js';
import { nodeName, observedTensors } from './observed-tensors.js';
import { quantizerRecords } from './quantizer-records.js';
import { tensorRecord } from './tensor-records.js';

/** A float model and what a data set made of its tensors. */
export interface Calibration {
  readonly model: FloatModel;
  readonly options: CalibrationOptions;
  readonly data: CalibrationDetails['data'];
  readonly tensors: readonly ObservedTensor[];
  readonly summaries: ReadonlyMap<ModelNodeId, TensorSummary>;
  readonly intervals: readonly RealIntervals[];
  /** Types of all sites that have one now; those that were given stay. */
  readonly plan: PrecisionPlan;
}

/**
 * Run the float model on a data set (events × elements of all inputs) and choose types for the tensors that would take
 * the default type.
 */
export function calibrate(
  model: FloatModel,
  events: Float64Array,
  data: CalibrationDetails['data'],
  options: CalibrationOptions,
  progress?: (share: number) => void,
): Result<Calibration> {
  const tensors = observedTensors(model);
  const statistics = observeTensors(
    model.graph,
    tensors.map(({ node }) => node.id),
    events,
    progress,
  );
  const bad = tensors.flatMap(({ node, name }): readonly Diagnostic[] => {
    const found = statistics.get(node.id)?.notFinite;
    if (found === undefined) return [];
    const message = `'${printable(name)}' is NaN or infinite in event ${found.event + 1}, element ${found.element}`;
    return [diagnose(precisionCodes.notFiniteTensor, message, { model: data.file, node: printable(nodeName(node)) })];
  });
  // What follows from the first one is not finite either.
  if (bad.length > 0) return failure(bad.slice(0, 1));
  const summaries = new Map([...statistics].map(([id, tensor]) => [id, tensor.summary()]));
  const chosen = chooseTypes(model, summaries, options);
  if (!chosen.ok) return chosen;
  const calibration = { model, options, data, tensors, summaries, ...chosen.value };
  return success(calibration, [...chosen.diagnostics, ...typesNote(calibration)]);
}

const MOST_NAMED = 8;

function typesNote(calibration: Calibration): readonly Diagnostic[] {
  const { options, data } = calibration;
  const chosen = chosenNames(calibration);
  if (chosen.length === 0) return [];
  const shown = chosen.slice(0, MOST_NAMED).map((name) => {
    const types = calibration.plan.tensors.get(name)?.types ?? [];
    return `${printable(name)} ${[...new Set(types.map(printType))].join(' ')}`;
  });
  const more = chosen.length > shown.length ? `, and ${chosen.length - shown.length} more` : '';
  const margin = `margin ${options.margin} ${options.margin === 1 ? 'bit' : 'bits'}`;
  const how = options.integerBits === 'data' ? margin : `inputs with ${margin}, tensors by intervals`;
  const message = `${data.events} events of ${data.file}, ${how}: ${shown.join(', ')}${more}`;
  return [diagnose(precisionCodes.typesFromData, message)];
}

/** Names of the sites whose types come from the data. */
function chosenNames({ model, plan }: Calibration): readonly string[] {
  const given = model.typing.precision?.tensors;
  return [...plan.tensors.keys()].filter((name) => given?.has(name) !== true);
}

/** What the data set did to the compiled, typed graph. */
export interface FixedRun {
  readonly graph: ModelGraph;
  readonly columns: readonly ColumnOverflow[];
  readonly inner: readonly RunOverflow[];
}

/** The record of a calibration and of the fixed-point model that was compiled from it. */
export function calibrationDetails(calibration: Calibration, run: FixedRun): CalibrationDetails {
  const { model, data, options, tensors, summaries, intervals } = calibration;
  const chosen = new Set(chosenNames(calibration));
  const chosenNodes = new Set(
    model.sites.flatMap((site) =>
      calibration.plan.tensors.has(site.name) ? [nodeName(at(model.graph.nodes, site.node))] : [],
    ),
  );
  const own = new Set(
    model.imported.graph.nodes.flatMap((node) =>
      node.kind === 'quantize' || node.kind === 'requantize' ? [nodeName(node)] : [],
    ),
  );
  const observed = new Map<string, string>();
  for (const { node, name } of tensors) if (!observed.has(nodeName(node))) observed.set(nodeName(node), name);
  const origin = (node: ModelNode): CalibratedQuantizer['origin'] => {
    if (chosenNodes.has(nodeName(node))) return 'calibrated';
    if (node.kind !== 'input') return own.has(nodeName(node)) ? 'model' : 'declared';
    const declared = model.typing.inputs(node.name, elementCount(node.shape), new DiagnosticBag());
    return declared.some(({ type }) => type !== undefined) ? 'declared' : 'model';
  };
  const tensor = (node: ModelNode): string => {
    const operand = node.kind === 'quantize' || node.kind === 'requantize' ? run.graph.nodes[node.operand] : undefined;
    const source = operand === undefined ? undefined : observed.get(nodeName(operand));
    return source ?? observed.get(nodeName(node)) ?? nodeName(node);
  };
  const quantizers = quantizerRecords(run.graph, { ...run, events: data.events }, { origin, tensor });
  const typesOf = new Map<string, readonly string[]>();
  for (const record of quantizers) if (!typesOf.has(record.tensor)) typesOf.set(record.tensor, record.types);
  for (const node of run.graph.nodes) {
    if (node.kind !== 'table') continue;
    const name = observed.get(nodeName(node));
    if (name !== undefined && !typesOf.has(name)) typesOf.set(name, [printType(node.type)]);
  }
  const records = tensors.flatMap((entry): readonly CalibratedTensor[] => {
    const summary = summaries.get(entry.node.id);
    if (summary === undefined) return [];
    const fixed = { types: typesOf.get(entry.name) ?? [], calibrated: chosen.has(entry.name) };
    return [tensorRecord(entry, summary, joinRanges(at(intervals, entry.node.id)), fixed)];
  });
  return {
    schema: 'trigc-calibration',
    version: CALIBRATION_VERSION,
    data,
    integerBits: options.integerBits,
    margin: options.margin,
    tensors: records,
    quantizers,
  };
}

/**
 * A warning for each type that the data set overflows, with how often and the worst value. Quantisers of the model are
 * left out: it was trained with their saturation.
 */
export function overflowWarnings({ quantizers, data }: CalibrationDetails): readonly Diagnostic[] {
  return quantizers.flatMap((record): readonly Diagnostic[] => {
    const { saturatedHigh, saturatedLow, wrapped, worst, values, tensor, types, origin } = record;
    const count = saturatedHigh + saturatedLow + wrapped;
    if (count === 0 || worst === undefined || origin === 'model') return [];
    const verb = wrapped > 0 ? 'wrap around' : 'saturate';
    const share = Number(((100 * count) / values).toPrecision(2));
    const sides = wrapped > 0 ? '' : ` (${saturatedHigh} above, ${saturatedLow} below)`;
    const shownTypes = `${types.slice(0, 3).join(', ')}${types.length > 3 ? ', …' : ''}`;
    const message =
      `'${printable(tensor)}': ${count} of ${values} values (${share} %) ${verb} in ${shownTypes}${sides}; ` +
      `the worst is ${Number(worst.value.toPrecision(6))} in event ${worst.event + 1}, element ${worst.element}, ` +
      `the first in event ${(record.firstEvent ?? worst.event) + 1}`;
    return [diagnose(precisionCodes.dataOverflow, message, { model: data.file, node: printable(record.node) })];
  });
}

import { describe, expect, it } from 'vitest';
import { precisionCodes } from '../../../../src/diagnostics/codes/precision.js';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.js';
import { bringToPorts } from '../../../../src/data/bring-to-ports.js';
import { importOnnx } from '../../../../src/importers/onnx/import.js';
import { ModelBuilder } from '../../../../src/model/builder.js';
import type { ModelGraph, ModelNodeId } from '../../../../src/model/kinds.js';
import { defaultQuantizer } from '../../../../src/config/config.js';
import { parseQuantizer, printType } from '../../../../src/numeric/fixed-point.js';
import { undeclared } from '../../../../src/passes/model/assign-types.js';
import { foldingPipeline, typingPipeline } from '../../../../src/passes/model/pipelines.js';
import { findSites } from '../../../../src/passes/model/precision/sites.js';
import { runPipeline } from '../../../../src/passes/pass.js';
import type { Calibration } from '../../../../src/precision/calibration/calibrate.js';
import { calibrate, calibrationDetails, overflowWarnings } from '../../../../src/precision/calibration/calibrate.js';
import type { CalibrationOptions } from '../../../../src/precision/calibration/choose-types.js';
import { quantizerRecords } from '../../../../src/precision/calibration/quantizer-records.js';
import type { FloatModel } from '../../../../src/precision/float-model.js';
import { OnnxBuilder } from '../../../support/onnx-builder.js';

const data = { file: 'events.npy', sha256: '0'.repeat(64), events: 0 };
const plain: CalibrationOptions = { integerBits: 'data', margin: 0 };

function modelOf(builder: OnnxBuilder): FloatModel {
  const imported = importOnnx(builder.bytes(), { modelName: 'm', modelPath: 'm.onnx' });
  if (!imported.ok) throw new Error(imported.diagnostics[0]?.message);
  const typing = undeclared(defaultQuantizer);
  const folded = runPipeline(imported.value.graph, foldingPipeline(typing), {});
  if (!folded.ok) throw new Error(folded.diagnostics[0]?.message);
  return { imported: imported.value, typing, graph: folded.value, sites: findSites(folded.value) };
}

function calibrated(
  model: FloatModel,
  events: readonly number[],
  options = plain,
): { readonly value: Calibration | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const result = calibrate(model, Float64Array.from(events), { ...data, events: events.length }, options);
  return { value: result.ok ? result.value : undefined, diagnostics: result.diagnostics };
}

const typesOf = (calibration: Calibration | undefined): Record<string, string> =>
  Object.fromEntries(
    [...(calibration?.plan.tensors ?? [])].map(([name, { types }]) => [name, types.map(printType).join()]),
  );

const scalar = (operator: string): OnnxBuilder =>
  new OnnxBuilder(13).input('x', ['N', 1]).node(operator, ['x'], ['y'], {}, { name: 'f' }).output('y', ['N', 1]);

/** y = relu(0 × x) + x, so that one tensor is always zero. */
const silent = new OnnxBuilder(13)
  .input('x', ['N', 1])
  .initializer('w', [1, 1], [-0.3])
  .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
  .node('Relu', ['m'], ['r'], {}, { name: 'silent' })
  .initializer('v', [1, 1], [0.7])
  .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'last' })
  .output('y', ['N', 1]);

describe('calibration', () => {
  it('notFiniteTensor: names the tensor and the event where the float model has no number', () => {
    const { value, diagnostics } = calibrated(modelOf(scalar('Reciprocal')), [1, 2, 0, 4]);
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual([precisionCodes.notFiniteTensor.code]);
    expect(diagnostics[0]?.message).toContain("'f' is NaN or infinite in event 3, element 0");
  });

  it('unboundedTensor: takes integer bits from the data where no interval bounds a tensor, and says so', () => {
    const options = { integerBits: 'interval', margin: 0 } as const;
    const { value, diagnostics } = calibrated(modelOf(scalar('Reciprocal')), [1, 0.25, -0.5], options);
    expect(diagnostics.map(({ code }) => code)).toContain(precisionCodes.unboundedTensor.code);
    // 4 needs three integer bits and a sign.
    expect(typesOf(value)['f']).toBe('ap_fixed<16,4>');
    const bounded = calibrated(modelOf(scalar('Sigmoid')), [1, 0.25, -0.5], options);
    expect(bounded.diagnostics.map(({ code }) => code)).toEqual([precisionCodes.typesFromData.code]);
  });

  it('noFittingType: leaves a tensor that is always zero with the default type, and says so', () => {
    const { value, diagnostics } = calibrated(modelOf(silent), [1, 2, 3]);
    expect(
      diagnostics.filter(({ code }) => code === precisionCodes.noFittingType.code).map(({ message }) => message),
    ).toEqual([
      "'silent' keeps ap_fixed<16,6>: its values are 0 to 0",
      "'last' keeps ap_fixed<16,6>: its values are 0 to 0",
    ]);
    expect(typesOf(value)).toEqual({ x: 'ap_ufixed<2,2>' });
  });

  it('is unsigned only where no value can be negative, and has a margin only where values are possible', () => {
    // The tensor behind the weight is never negative in these events, and could be.
    const product = new OnnxBuilder(13)
      .input('x', ['N', 1])
      .initializer('w', [1, 1], [0.3])
      .node('MatMul', ['x', 'w'], ['y'], {}, { name: 'dense' })
      .output('y', ['N', 1]);
    const unsignedInput = calibrated(modelOf(product), [1, 2.3, 3], { integerBits: 'data', margin: 1 }).value;
    expect(typesOf(unsignedInput)).toEqual({ x: 'ap_ufixed<16,3>', dense: 'ap_ufixed<16,1>' });
    const signedInput = calibrated(modelOf(product), [1, 2.3, -0.001], { integerBits: 'data', margin: 1 }).value;
    expect(typesOf(signedInput)).toEqual({ x: 'ap_fixed<16,4>', dense: 'ap_fixed<16,2>' });
    const probability = calibrated(modelOf(scalar('Sigmoid')), [-3, 3], { integerBits: 'data', margin: 4 }).value;
    // At most 1, which is one bit more than what lies below it.
    expect(typesOf(probability)['f']).toBe('ap_ufixed<16,1>');
  });

  it('rounds up at the end of a type rather than overflow by rounding', () => {
    const model = modelOf(scalar('Relu'));
    const nearly = 4 - 2 ** -20;
    expect(typesOf(calibrated(model, [0.3, nearly], plain).value)).toEqual({
      x: 'ap_ufixed<16,3>',
      f: 'ap_ufixed<16,3>',
    });
    expect(typesOf(calibrated(model, [0.3, 4 - 2 ** -14], plain).value)).toEqual({
      x: 'ap_ufixed<16,2>',
      f: 'ap_ufixed<16,2>',
    });
  });

  it('counts what a port does to the values', () => {
    const model = modelOf(silent);
    const { value } = calibrated(model, [1, 2, 3]);
    if (value === undefined) throw new Error('calibrates');
    const graph = graphOf(model, value);
    const columns = bringToPorts({ rows: 3, columns: 1, data: Float64Array.of(1, 9.2, -2) }, [
      { name: 'x', element: 0, ...parseQuantizer('ap_ufixed<2,2,AP_RND,AP_SAT>') },
    ]);
    expect([...columns.codes.data]).toEqual([1, 3, 0]);
    const details = calibrationDetails(value, { graph, columns: columns.overflows, inner: [] });
    expect(details.quantizers[0]).toMatchObject({ saturatedHigh: 1, saturatedLow: 1, firstEvent: 1 });
    expect(details.quantizers[0]?.worst).toEqual({ value: 9, event: 1, element: 0 });
    expect(overflowWarnings(details).map(({ message }) => message)).toEqual([
      "'x': 2 of 3 values (67 %) saturate in ap_ufixed<2,2> (1 above, 1 below); the worst is 9 in event 2, element 0, the first in event 2",
    ]);
  });

  it('counts no overflow where an unsigned type cuts off what a ReLU would', () => {
    const provenance = { name: 'dense', operator: 'Gemm' };
    const builder = new ModelBuilder('cut');
    const wide = parseQuantizer('ap_fixed<8,8,AP_RND,AP_SAT>');
    const input = builder.input({ name: 'x', types: [wide.type], rounding: 'RND', overflow: 'SAT' }, [1], provenance);
    const { type, rounding, overflow } = parseQuantizer('ap_ufixed<4,4,AP_RND,AP_SAT>');
    const cut = builder.add('quantize', { operand: input, types: [type], rounding, overflow }, provenance);
    const relu = builder.add('relu', { operand: cut }, provenance);
    const records = (output: ModelNodeId, above: number) => {
      const graph = { ...builder.finish(), outputs: [{ name: 'y', node: output, types: [type] }] };
      const inner = [{ node: cut, above, below: 5, worst: { value: -9, event: 3, element: 0 }, firstEvent: 2 }];
      const named = { origin: () => 'declared' as const, tensor: () => 'dense' };
      return quantizerRecords(graph, { events: 10, columns: [], inner }, named)[1];
    };
    expect(records(relu, 0)).toMatchObject({ rectified: 5, saturatedLow: 0, saturatedHigh: 0 });
    expect(records(relu, 0)?.worst).toBeUndefined();
    expect(records(relu, 2)).toMatchObject({ rectified: 5, saturatedLow: 0, saturatedHigh: 2 });
  });
});

/** The typed graph under a plan: what `compile` makes its reference. */
function graphOf({ imported, typing }: FloatModel, { plan }: Calibration): ModelGraph {
  const typed = runPipeline(imported.graph, typingPipeline({ ...typing, precision: plan }), {});
  if (!typed.ok) throw new Error(typed.diagnostics[0]?.message);
  return typed.value;
}

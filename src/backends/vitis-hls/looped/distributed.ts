import type { Program } from '../../../dataflow/program.js';
import { hlsCodes } from '../../../diagnostics/codes/hls.js';
import type { DiagnosticBag } from '../../../diagnostics/result.js';
import { ModelBuilder } from '../../../model/builder.js';
import { inferFormats } from '../../../model/formats.js';
import type { ModelGraph } from '../../../model/kinds.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../../../numeric/fixed-point.js';
import { at, invariant } from '../../../support/invariant.js';
import { printKernel, programText } from '../flat/emit.js';
import type { ConstantArrays } from './constants.js';
import type { TensorNames } from './names.js';
import type { DenseStage } from './stages.js';
import { commonType } from './tensor-types.js';
import type { TensorArray } from './tensors.js';

/** Finds the shifted additions of a graph: the optimiser of the Verilog, which backends do not run themselves. */
export type Distribute = (graph: ModelGraph) => Program;

/** One row of a product with a constant matrix as a graph of its own, `x` in and `y` out. */
function rowGraph({ inputs, outputs, weights, bias, product }: DenseStage, type: FixedPointType): ModelGraph {
  const builder = new ModelBuilder('row');
  const { provenance } = product;
  const x = builder.input({ name: 'x', types: [type], rounding: 'TRN', overflow: 'WRAP' }, [1, inputs]);
  const matrix = builder.constant({ ...weights, float: false }, [inputs, outputs]);
  const sums = builder.add('matmul', { left: x, right: matrix }, provenance);
  const y =
    bias === undefined
      ? sums
      : builder.add('add', { left: sums, right: builder.constant({ ...bias, float: false }, [outputs]) }, provenance);
  const format = at(inferFormats(builder.finish()), y);
  builder.output('y', y, [commonType(format)]);
  return builder.finish();
}

/** What printing the layer needs beside the stage. */
export interface DistributedContext {
  readonly distribute: Distribute;
  readonly constants: ConstantArrays;
  readonly names: Pick<TensorNames, 'fresh'>;
}

/** A layer as shifted additions: functions to stand before it, and the lines that call them for every row. */
export function distributedPrint(
  stage: DenseStage,
  operand: { readonly name: string; readonly array: TensorArray },
  writes: TensorArray,
  { distribute, constants, names }: DistributedContext,
): { readonly functions: readonly string[]; readonly lines: readonly string[] } {
  const { rows, inputs, outputs } = stage;
  const program = distribute(rowGraph(stage, operand.array.type));
  const types = program.outputs[0]?.types;
  invariant(types !== undefined, 'a row has sums');
  const port = (array: TensorArray, name: string, size: number, of: readonly FixedPointType[]) => ({
    name,
    array: { ...array, name, size },
    types: of,
  });
  const kernels = program.kernels.map((kernel) =>
    printKernel(kernel, names.fresh(`${writes.name}_${kernel.name.toLowerCase()}`), constants),
  );
  const name = names.fresh(`${writes.name}_row`);
  const text = programText(program, {
    name,
    inputs: [port(operand.array, 'x', inputs, [operand.array.type])],
    outputs: [port(writes, 'y', outputs, types)],
    kernels: kernels.map((kernel) => kernel.name),
    layers: '',
    types: '',
    pragmas: ['#pragma HLS INLINE'],
  });
  return {
    functions: [...kernels.map(({ lines }) => lines.join('\n')), text.join('\n')],
    lines: [
      'rows:',
      `for (unsigned row = 0; row < ${rows}; row++) {`,
      '#pragma HLS UNROLL',
      `    ${name}(${operand.name} + row * ${inputs}, ${writes.name} + row * ${outputs});`,
      '}',
    ],
  };
}

/**
 * Shifted additions are exact sums. That is what a declared accumulator gives where it holds every product's last bit and
 * every partial sum; anywhere else the order of its casts matters, and it is refused.
 */
export function checkAccumulator(
  { inputs, outputs, weights, bias }: DenseStage,
  operand: FixedPointType,
  accumulator: FixedPointType,
  layer: string,
  bag: DiagnosticBag,
): void {
  const lsb = lsbExponent(accumulator);
  const productLsb = lsbExponent(operand) + weights.lsb;
  const refuse = (why: string): void => {
    bag.add(hlsCodes.lossyAccumulator, `the accumulator of '${layer}' ${why}`, { node: layer });
  };
  if (productLsb < lsb || (bias !== undefined && bias.lsb < lsb)) {
    refuse('drops bits of what it adds');
    return;
  }
  const x = codeRange(operand);
  const bounds = codeRange(accumulator);
  const [scale, biasScale] = [BigInt(productLsb - lsb), BigInt(bias === undefined ? 0 : bias.lsb - lsb)];
  for (let output = 0; output < outputs; output++) {
    const start = (bias === undefined ? 0n : at(bias.codes, output)) << biasScale;
    let [low, high] = [start < 0n ? start : 0n, start > 0n ? start : 0n];
    for (let input = 0; input < inputs; input++) {
      const weight = at(weights.codes, input * outputs + output);
      const ends = [(weight * x.low) << scale, (weight * x.high) << scale];
      low += ends.reduce((least, end) => (end < least ? end : least), 0n);
      high += ends.reduce((most, end) => (end > most ? end : most), 0n);
    }
    if (low < bounds.low || high > bounds.high) {
      refuse(`cannot hold every sum of output ${output}`);
      return;
    }
  }
}

import { hlsCodes } from '../../../diagnostics/codes/hls.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { at } from '../../../support/invariant.js';
import { cppQuantizer, cppType } from '../cpp-types.js';
import { ConstantArrays, constantFormat, constantType, WideConstantError } from './constants.js';
import type { DenseConfig, Strategy } from './dense.js';
import { legalNeighbours, legalReuseFactors } from './dense.js';
import type { Distribute } from './distributed.js';
import { checkAccumulator } from './distributed.js';
import { checkLimits, checkTypes } from './limits.js';
import { TensorNames } from './names.js';
import type { BlockControl, LoopedText, Transport } from './print-files.js';
import { sourceFile, topHeaderFile, typesFile, weightsFile } from './print-files.js';
import type { StageFunction, StagePrinter } from './print-stage.js';
import { printCopy, printStage } from './print-stage.js';
import type { LoopedModel } from './source.js';
import type { DenseStage } from './stages.js';
import { stagesOf } from './stages.js';
import type { PortArray } from './tensors.js';
import { arraysOf } from './tensors.js';
import { fitsCode } from '../testbench.js';
import { commonType } from './tensor-types.js';

/** How a layer's products are built. */
export interface LayerBuild {
  readonly strategy: Strategy;
  readonly reuse: number;
}

export interface LoopedOptions {
  /** Name of the top function: a legal name. */
  readonly top: string;
  /** Lines of `//` comments that begin every file. */
  readonly header: string;
  readonly transport: Transport;
  /** Left out: ap_ctrl_none where that is enough, ap_ctrl_hs elsewhere. */
  readonly control?: BlockControl;
  /** For all layers, and for those declared by name (ONNX node name). */
  readonly build: LayerBuild;
  readonly layers: ReadonlyMap<string, Partial<LayerBuild>>;
  /** For strategy distributed_arithmetic. */
  readonly distribute: Distribute;
}

/** The looped form: files by name, and what a testbench has to know of the ports. */
export interface LoopedForm {
  readonly files: ReadonlyMap<string, string>;
  readonly inputs: readonly PortArray[];
  readonly outputs: readonly PortArray[];
  readonly layers: readonly DenseConfig[];
  readonly functions: readonly StageFunction[];
  readonly transport: Transport;
}

/**
 * Print a typed graph as loops over arrays of `ap_fixed`, one function per tensor. Errors: a reuse factor that a layer
 * cannot have, with the legal ones beside it; a constant beyond 64 bits; more products at once than the vendor's tool
 * unrolls.
 */
export function emitLooped(model: LoopedModel, options: LoopedOptions): Result<LoopedForm> {
  const bag = new DiagnosticBag();
  const staged = stagesOf(model);
  const names = new TensorNames(model.graph, options.top);
  const arrays = arraysOf(staged, names);
  for (const { name, array } of [...arrays.inputs, ...arrays.outputs]) {
    if (fitsCode(array.type)) continue;
    const message = `port '${printable(name)}' needs ${array.type.width} bits in one array of C++`;
    bag.add(hlsCodes.constantTooWide, message, {});
  }
  const constants = new ConstantArrays((suggestion) => names.fresh(suggestion));
  const layers: DenseConfig[] = [];
  const printer: StagePrinter = {
    scope: { staged, constants },
    arrays,
    distributed: { distribute: options.distribute, names },
    denseConfig: (stage, array) => {
      const config = configOf(
        stage,
        model,
        options,
        bag,
        `${array.name}_config`,
        commonType(at(staged.formats, stage.node)),
        commonType(at(staged.formats, stage.input.source)),
      );
      layers.push(config);
      return config;
    },
  };
  try {
    const functions = [
      ...staged.stages.map((stage) => printStage(stage, printer)),
      ...arrays.outputs.filter(({ own }) => !own).map((port) => printCopy(port, printer)),
    ];
    for (const layer of options.layers.keys()) {
      const known = staged.stages.some((stage) => stage.kind === 'dense' && stage.product.provenance.name === layer);
      if (known) continue;
      const message = `'${printable(layer)}' multiplies nothing with constant weights`;
      bag.add(hlsCodes.unknownLayer, message, { configPath: `layers.${printable(layer)}` });
    }
    checkTypes(staged, bag);
    checkLimits({ ...options, ...arrays, functions }, bag);
    const control = controlOf(options, layers, bag);
    const text: LoopedText = {
      ...options,
      control,
      ...arrays,
      arrays: arrays.all,
      functions,
      weights: constants.text(),
    };
    const files = new Map([
      [`${options.top}.h`, topHeaderFile(text)],
      [`${options.top}_types.h`, typesFile(text)],
      [`${options.top}_weights.h`, weightsFile(text)],
      [`${options.top}.cpp`, sourceFile(text)],
    ]);
    return bag.finish({
      files,
      inputs: arrays.inputs,
      outputs: arrays.outputs,
      layers,
      functions,
      transport: options.transport,
    });
  } catch (error) {
    if (!(error instanceof WideConstantError)) throw error;
    bag.add(hlsCodes.constantTooWide, error.message, {}, 'give the weights and constants a narrower type');
    return bag.finish({
      files: new Map(),
      inputs: [],
      outputs: [],
      layers: [],
      functions: [],
      transport: options.transport,
    });
  }
}

/**
 * Without a handshake nothing says when the next event is taken: parallel ports need one unless that is at every clock.
 * Co-simulation draws the same line (UG1399, "Co-simulation Requirements for Interface Synthesis").
 */
function controlOf(options: LoopedOptions, layers: readonly DenseConfig[], bag: DiagnosticBag): BlockControl {
  const { control, transport } = options;
  const slow = layers.find(({ strategy, reuse }) => strategy === 'resource' || reuse > 1);
  if (transport === 'stream' || slow === undefined) return control ?? 'ap_ctrl_none';
  if (control === 'ap_ctrl_none') {
    const message = `ap_ctrl_none: '${slow.layer}' takes no event at every clock, and parallel ports do not say when`;
    bag.add(hlsCodes.controlConflict, message, { node: slow.layer, configPath: 'hls.control' });
  }
  return 'ap_ctrl_hs';
}

function configOf(
  stage: DenseStage,
  model: LoopedModel,
  options: LoopedOptions,
  bag: DiagnosticBag,
  name: string,
  exact: FixedPointType,
  operand: FixedPointType,
): DenseConfig {
  const layer = stage.product.provenance.name;
  const { strategy, reuse } = { ...options.build, ...options.layers.get(layer) };
  const { rows, inputs, outputs, weights, bias } = stage;
  const legal = legalReuseFactors(inputs, outputs);
  const where = { node: printable(layer) };
  if (strategy === 'distributed_arithmetic' && reuse !== 1) {
    const message = `'${printable(layer)}' is shifted additions, which have no multiplier to share: reuse factor ${reuse}`;
    bag.add(hlsCodes.illegalReuse, message, where, 'the reuse factor of distributed_arithmetic is 1');
  } else if (!legal.includes(reuse)) {
    const near = legalNeighbours(reuse, legal).join(' or ');
    const message = `reuse factor ${reuse} does not cut the ${inputs} × ${outputs} products of '${printable(layer)}' into equal turns`;
    bag.add(hlsCodes.illegalReuse, message, where, `the nearest legal values are ${near}`);
  }
  const accumulator = model.accumulatorOf(stage.product.id);
  if (strategy === 'distributed_arithmetic' && accumulator !== undefined) {
    checkAccumulator(stage, operand, accumulator.type, printable(layer), bag);
  }
  return {
    name,
    layer: printable(layer),
    rows,
    inputs,
    outputs,
    strategy,
    reuse,
    operand: { width: operand.width, signed: operand.signed },
    weights: weights.codes,
    weightWidth: constantFormat(weights).width,
    accumulatorWidth: accumulator === undefined ? exact.width : accumulator.type.width,
    declared: accumulator !== undefined,
    weightType: constantType(weights),
    biasType: bias === undefined ? '' : constantType(bias),
    accumulatorType: accumulator === undefined ? cppType(exact) : cppQuantizer(accumulator),
  };
}

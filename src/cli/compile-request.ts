import { basename, extname } from 'node:path';
import type { CompileRequest } from '../compiler.js';
import { checkPortNames, inputElements, unpackingOf } from '../config/apply-input.js';
import type { Config } from '../config/config.js';
import type { Settings } from '../config/settings.js';
import { importOnnx } from '../importers/onnx/import.js';
import type { EstimateOptions } from '../lowering/estimate/estimate-kernel.js';
import type { LoadedFile } from '../importers/onnx/load.js';
import { defaultSolveOptions } from '../passes/dataflow/distributed-arithmetic/options.js';

/** Name of a model: its file's, without folder and ending. */
export function modelName(path: string): string {
  return basename(path, extname(path));
}

/** Formulas have files of their own; the parser of formulas takes longer to load than most models to compile. */
export async function importerOf(path: string): Promise<NonNullable<CompileRequest['importer']>> {
  if (extname(path) !== '.expr') return importOnnx;
  const { importExpressions } = await import('../importers/expression/import.js');
  return importExpressions;
}

/** How the resources of a design for these settings are estimated. */
export function estimateOptions({ part, dsp, threeOperandAdders }: Settings): EstimateOptions {
  return { family: part.family, dsp, threeOperandAdders, mergedSums: true };
}

/** What to compile, from a file, a configuration and the settings made of it. */
export function compileRequest(path: string, loaded: LoadedFile, config: Config, settings: Settings): CompileRequest {
  return {
    bytes: loaded.bytes,
    importing: {
      modelName: modelName(path),
      modelPath: path,
      batch: new Map(
        [...config.inputs].flatMap(([name, input]) => (input.batch === undefined ? [] : [[name, input.batch]])),
      ),
      readExternal: loaded.readExternal,
    },
    typing: {
      inputs: (name, count, bag) => inputElements(config, name, count, bag),
      checkNames: (inputs, outputs, bag) => {
        checkPortNames(config, inputs, outputs, bag);
      },
      outputs: new Map([...config.outputs].flatMap(([name, { type }]) => (type === undefined ? [] : [[name, type]]))),
      dropActivations: new Set(
        [...config.outputs].flatMap(([name, { dropActivation }]) => (dropActivation ? [name] : [])),
      ),
      default: config.default,
      ...(config.weights === undefined ? {} : { weights: config.weights }),
      layers: config.layers,
    },
    unpacking: unpackingOf(config),
    decisions: config.decisions,
    solving: {
      ...defaultSolveOptions,
      effort: settings.effort,
      seed: settings.seed,
      depthSlack: settings.depthSlack,
      mostDepthSlack: settings.mostDepthSlack,
      threeOperand: settings.threeOperandAdders,
    },
    schedule: { ...settings, model: settings.part.delays },
    ...(settings.initiationInterval === 1
      ? {}
      : {
          reuse: {
            interval: settings.initiationInterval,
            declared: config.reuse,
            ...((settings.blocks ?? 0) > 0 ? { blocks: settings.blocks } : {}),
            estimate: estimateOptions(settings),
          },
        }),
    inputClocks: new Map(
      [...config.inputs].flatMap(([name, { clocks }]) => (clocks === undefined ? [] : [[name, clocks]])),
    ),
    interface: { ports: settings.ports, registers: settings.registers, valid: settings.valid },
    top: settings.topName,
  };
}

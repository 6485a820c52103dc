import { hlsFolder } from '../backends/vitis-hls/emit.js';
import { emitFlat } from '../backends/vitis-hls/flat/emit.js';
import { emitLooped } from '../backends/vitis-hls/looped/emit.js';
import type { Distribute } from '../backends/vitis-hls/looped/distributed.js';
import type { LoopedModel } from '../backends/vitis-hls/looped/source.js';
import type { NetlistProvenance } from '../lowering/rtl/netlist.js';
import type { Compilation } from '../compiler.js';
import type { Config } from '../config/config.js';
import type { Settings } from '../config/settings.js';
import { hlsCodes } from '../diagnostics/codes/hls.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { lowerModel } from '../lowering/model/lower-model.js';
import { verifyProgram } from '../dataflow/verify.js';
import { dataflowPipeline } from '../passes/dataflow/pipelines.js';
import { sumsSomething } from '../passes/model/layers/expand-accumulators.js';
import { layerMembers } from '../passes/model/layers/members.js';
import { at } from '../support/invariant.js';
import { commentText } from '../support/legal-names.js';
import type { MeasuredFigures } from '../report/figure-file.js';
import { hlsEstimate } from './hls-figures.js';
import { loadHeader, loadTemplate } from './template-loader.js';

/** Files of the C++, and what it is estimated to come to where it is not the Verilog over again. */
export interface HlsOutput {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly estimate?: MeasuredFigures;
}

/** The C++ of a compilation, in the form that the settings ask for. */
export function hlsFiles(
  compilation: Compilation,
  settings: Settings,
  config: Config,
  provenance: NetlistProvenance,
  vectors: readonly { readonly inputs: readonly bigint[]; readonly outputs: readonly bigint[] }[],
): HlsOutput {
  if (settings.hlsForm === 'none') return { files: [] };
  const top = settings.topName;
  const header = [
    `Made by Trigc ${provenance.version} from ${commentText(provenance.model)}: do not edit.`,
    `Model SHA-256: ${provenance.modelHash}`,
    `Configuration SHA-256: ${provenance.configHash}`,
  ];
  const stream = settings.hlsForm === 'looped' && settings.hlsInterface === 'stream';
  const text = header.map((line) => `// ${line}`).join('\n');
  const looped =
    settings.hlsForm === 'looped'
      ? unwrap(
          emitLooped(loopedModel(compilation, config), {
            top,
            header: text,
            transport: settings.hlsInterface,
            ...(settings.hlsControl === undefined ? {} : { control: settings.hlsControl }),
            build: { strategy: settings.strategy, reuse: settings.reuseFactor },
            layers: config.builds,
            distribute: shiftedAdditions(settings),
          }),
        )
      : undefined;
  const flat = { top, header: text, control: settings.hlsControl ?? 'ap_ctrl_none' } as const;
  const form = looped ?? unwrap(emitFlat(compilation.design.program, flat));
  const part = settings.part.capacity === undefined ? {} : { part: settings.part.name };
  const options = { top, header, stream, clockPeriod: settings.clockPeriod, vectors, ...part };
  const files = hlsFolder(form, options, { template: loadTemplate, header: loadHeader });
  if (looped === undefined) return { files };
  const { family, delays } = settings.part;
  return { files, estimate: hlsEstimate(looped, { family, delays, clockPeriod: settings.clockPeriod }) };
}

/** Products as the Verilog has them, found with the same effort. */
export function shiftedAdditions({
  effort,
  seed,
  depthSlack,
  mostDepthSlack,
  threeOperandAdders: threeOperand,
}: Pick<Settings, 'effort' | 'seed' | 'depthSlack' | 'mostDepthSlack' | 'threeOperandAdders'>): Distribute {
  const solving = { effort, seed, depthSlack, mostDepthSlack, threeOperand };
  return (graph) => unwrap(dataflowPipeline(lowerModel(graph), {}, { verify: verifyProgram }, solving));
}

/** What the loops are printed from. Throws DiagnosticError where there is no such graph. */
export function loopedModel({ layered }: Pick<Compilation, 'layered'>, { layers }: Config): LoopedModel {
  if (layered === undefined) {
    return fail(
      hlsCodes.prunedAccumulator,
      'pruned weights and declared accumulators are not printed as loops together',
    );
  }
  const members = layerMembers(layered, layers);
  return {
    graph: layered,
    layerOf: members.layerOf,
    accumulatorOf: (id) => {
      const layer = members.layerOf(id);
      return layer === undefined || !sumsSomething(at(layered.nodes, id)) ? undefined : layers.get(layer)?.accumulator;
    },
  };
}

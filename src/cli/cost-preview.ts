import type { CompileRequest } from '../compiler.js';
import { compile } from '../compiler.js';
import { emptyConfig } from '../config/config.js';
import { resolveSettings } from '../config/settings.js';
import { unwrap } from '../diagnostics/result.js';
import type { LoadedFile } from '../importers/onnx/load.js';
import { calibration, printError } from '../lowering/estimate/calibration.js';
import { estimateDesign } from '../lowering/estimate/estimate-design.js';
import { compileRequest, estimateOptions, modelName } from './compile-request.js';

/** What a model would cost: estimates of a compilation with little effort, without a configuration. */
export interface CostPreview {
  readonly lut: number;
  readonly flipFlops: number;
  readonly dsp: number;
  /** Register ranks. */
  readonly latency: number;
  readonly layers: readonly { readonly name: string; readonly operator: string; readonly lut: number }[];
  /** Effort, target and measured error of the estimate. */
  readonly basis: string;
}

/** Undefined where the model does not compile without a configuration. */
export function previewCost(
  path: string,
  loaded: LoadedFile,
  importer: NonNullable<CompileRequest['importer']>,
): CostPreview | undefined {
  const settings = unwrap(resolveSettings(emptyConfig, { effort: 'fast' }, modelName(path)));
  const compiled = compile({ ...compileRequest(path, loaded, emptyConfig, settings), importer });
  if (!compiled.ok) return undefined;
  const { design } = compiled.value;
  const { total, layers } = estimateDesign(design, estimateOptions(settings));
  const error = printError(calibration.lut, calibration);
  return {
    lut: total.lut,
    flipFlops: total.flipFlops,
    dsp: total.dsp,
    latency: design.schedule.latency,
    layers: layers.map(({ name, operator, lut }) => ({ name, operator, lut })),
    basis: `target ${settings.target.name}, effort fast, default types where none are declared; LUT ${error}`,
  };
}

import type { CompileRequest } from '../compiler.js';
import { readRealEvents } from '../data/read-events.js';
import type { RealMatrix } from '../data/real-sink.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError, fail, success, unwrap } from '../diagnostics/result.js';
import type { ModelGraph } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import { quantizeNumber } from '../numeric/quantize-number.js';
import type { PortScale } from '../passes/model/scaled-inputs.js';
import { floatModel } from '../precision/float-model.js';
import type { PrunedConstants } from '../passes/model/precision/pruned-constants.js';
import { changedConstants } from '../passes/model/precision/pruned-constants.js';
import type { PrunedLayer } from '../precision/pruning/prune-graph.js';
import { pruneGraph } from '../precision/pruning/prune-graph.js';
import { inputColumns } from '../report/manifest.js';
import { at } from '../support/invariant.js';
import type { AdjustedWeights } from './adjust-weights.js';
import { progress } from './progress.js';

/** `compile --prune SHARE --data EVENTS`, as typed. */
export interface PruningArguments {
  /** `30%` or `0.3`: part of the LUTs of constant products that is to be saved. */
  readonly share: string;
  readonly data: string | undefined;
}

/** Reads the events. Throws DiagnosticError where they or the share are not right. */
export async function preparePruning(
  { share, data }: PruningArguments,
  seed: number,
  request: CompileRequest,
): Promise<AdjustedWeights> {
  const part = parseShare(share);
  if (data === undefined) return fail(precisionCodes.badPruning, 'no --data', { configPath: '--prune' });
  const { graph } = unwrap(floatModel(request));
  const elements = graph.nodes.flatMap((node) =>
    node.kind === 'input'
      ? Array.from({ length: elementCount(node.shape) }, (_, element) => ({ name: node.name, element }))
      : [],
  );
  const read = await readRealEvents(data, elements);
  if (!read.ok) throw new DiagnosticError(read.diagnostics);
  const events = read.value;
  let layers: readonly PrunedLayer[] = [];
  let constants: PrunedConstants = new Map();
  return {
    adjust: (typed, scales) => {
      const shown = progress('pruning', 1);
      let reached = 0;
      const advance = (done: number): void => {
        shown.advance(done - reached);
        reached = done;
      };
      const pruned = pruneGraph(typed, portValues(typed, events, scales), { share: part, seed, progress: advance });
      shown.done();
      if (!pruned.ok) return pruned;
      ({ layers } = pruned.value);
      constants = changedConstants(typed, pruned.value.graph);
      return success(pruned.value.graph, pruned.diagnostics);
    },
    layers: () => layers,
    constants: () => constants,
  };
}

function parseShare(text: string): number {
  const [, digits = '', percent] = /^(\d{1,3}(?:\.\d{1,9})?|\.\d{1,9})(%?)$/u.exec(text.trim()) ?? [];
  const share = digits === '' ? NaN : Number(digits) / (percent === '%' ? 100 : 1);
  if (share > 0 && share < 1) return share;
  return fail(precisionCodes.badPruning, `'${printable(text)}' is no share between 0 and 1`, { configPath: '--prune' });
}

/** The values that the ports take for real events: rounded to their types, as the ports say. */
function portValues(
  typed: ModelGraph,
  { rows, columns, data }: RealMatrix,
  scales: ReadonlyMap<string, PortScale>,
): Float64Array {
  const ports = inputColumns(typed).map(({ name, type, rounding, overflow }) => {
    const scale = scales.get(name);
    const [numerator = 0, denominator = 1] = (scale?.zeroPoint ?? '0').split('/').map(Number);
    const [step, zeroPoint] = [scale?.step ?? 1, numerator / denominator];
    return (value: number): number => quantizeNumber(value / step + zeroPoint, type, rounding, overflow);
  });
  return Float64Array.from({ length: rows * columns }, (_, index) => at(ports, index % columns)(at(data, index)));
}

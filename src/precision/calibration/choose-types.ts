import { precisionCodes } from '../../diagnostics/codes/precision.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag, failure } from '../../diagnostics/result.js';
import type { RealIntervals } from '../../evaluation/calibration/float-intervals.js';
import { floatIntervals } from '../../evaluation/calibration/float-intervals.js';
import type { RealInterval, TensorSummary } from '../../evaluation/calibration/tensor-statistics.js';
import { commonLsb, joinRanges } from '../../evaluation/calibration/tensor-statistics.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import { elementCount, perElement } from '../../model/kinds.js';
import type { FixedPointType, Quantizer } from '../../numeric/fixed-point.js';
import { codeRange, lsbExponent, printType } from '../../numeric/fixed-point.js';
import type { PrecisionPlan, TensorPrecision } from '../../passes/model/precision/plan.js';
import type { PrecisionSite, TensorSite } from '../../passes/model/precision/sites.js';
import { typingPipeline } from '../../passes/model/pipelines.js';
import { emptyPlan } from '../../passes/model/precision/plan.js';
import { runPipeline } from '../../passes/pass.js';
import type { IntegerBitsPolicy } from '../../report/calibration-details.js';
import { at } from '../../support/invariant.js';
import type { FloatModel } from '../float-model.js';
import { fittingType } from './fitting-type.js';

export interface CalibrationOptions {
  readonly integerBits: IntegerBitsPolicy;
  /** Integer bits beyond what the data need. */
  readonly margin: number;
  /** Fraction bits of every chosen type; its width is that of the default type where not given. */
  readonly fractionBits?: number;
}

/** What a plan was chosen from, and the plan. */
export interface CalibratedPlan {
  readonly plan: PrecisionPlan;
  /** By node of the float graph. */
  readonly intervals: readonly RealIntervals[];
}

/**
 * A grid that needs more bits than this is none of hardware integers: floats of 24 bits that happen to share their last
 * place.
 */
export const WIDEST_GRID = 20;

/**
 * Types for the tensors that would take the default type. Their integer bits hold the data, `margin` bits more; or what
 * the operands allow, by intervals. Inputs on a grid of few bits take a type that holds the grid exactly. A tensor is
 * unsigned where no value can be negative, whatever the data; an input, where the data have no negative value.
 */
export function chooseTypes(
  model: FloatModel,
  summaries: ReadonlyMap<ModelNodeId, TensorSummary>,
  options: CalibrationOptions,
): Result<CalibratedPlan> {
  const bag = new DiagnosticBag();
  const defaulted = new Set<ModelNodeId>();
  const typing = { ...model.typing, precision: emptyPlan, defaultTaken: (node: ModelNodeId) => defaulted.add(node) };
  const typed = runPipeline(model.imported.graph, typingPipeline(typing), {});
  if (!typed.ok) return failure(typed.diagnostics);
  const given = model.typing.precision ?? emptyPlan;
  const open = model.sites.filter(
    (site): site is TensorSite =>
      site.kind === 'tensor' && defaulted.has(site.node) && !given.tensors.has(site.name) && !isDeclared(model, site),
  );
  const tensors = new Map<string, TensorPrecision>(given.tensors);
  const choose = (site: TensorSite, interval: RealInterval | undefined): void => {
    const summary = summaries.get(site.node);
    const type = summary && typeFor(site, summary, interval, model.typing.default, options, bag);
    if (type === undefined) return;
    const { rounding, overflow } = model.typing.default;
    tensors.set(site.name, { types: [type], rounding, overflow });
  };
  for (const site of open) if (site.isInput) choose(site, undefined);
  const intervals = floatIntervals(model.graph, (input) =>
    inputIntervals(input, model.sites, tensors, typed.value, summaries.get(input.id)),
  );
  for (const site of open) if (!site.isInput) choose(site, joinRanges(at(intervals, site.node)));
  return bag.finish({ plan: { tensors, constants: given.constants }, intervals });
}

/** Does the configuration give the type of an element of the input, or of every output that the tensor is? */
function isDeclared({ typing, graph }: FloatModel, site: TensorSite): boolean {
  const node = at(graph.nodes, site.node);
  if (node.kind === 'input') {
    const declared = typing.inputs(node.name, elementCount(node.shape), new DiagnosticBag());
    return declared.some(({ type }) => type !== undefined);
  }
  const isPort = site.outputs.length > 0 && !site.entersProduct && node.kind !== 'function';
  return isPort && site.outputs.every((name) => typing.outputs.has(name));
}

function typeFor(
  site: TensorSite,
  { range, lsbs }: TensorSummary,
  interval: RealInterval | undefined,
  fallback: Quantizer,
  options: CalibrationOptions,
  bag: DiagnosticBag,
): FixedPointType | undefined {
  const name = printable(site.name);
  const location = { node: name };
  const signed = range.low < 0 || (interval !== undefined && interval.low < 0);
  const growth = 2 ** options.margin;
  // The margin is for values that the sample does not show: it need not reach beyond those that are possible.
  let wanted = {
    low: Math.max(range.low * growth, Math.min(interval?.low ?? -Infinity, range.low)),
    high: Math.min(range.high * growth, Math.max(interval?.high ?? Infinity, range.high)),
  };
  if (options.integerBits === 'interval' && interval !== undefined) {
    if (Number.isFinite(interval.low) && Number.isFinite(interval.high)) wanted = interval;
    else bag.add(precisionCodes.unboundedTensor, `'${name}' takes its integer bits from the data`, location);
  }
  const { width } = fallback.type;
  const { fractionBits } = options;
  const bits = fractionBits === undefined ? { width } : { lsb: -fractionBits };
  const grid = site.isInput ? commonLsb(lsbs) : undefined;
  const exact = grid === undefined ? undefined : fittingType({ range: wanted, signed, bits: { lsb: grid } });
  const type =
    exact !== undefined && exact.width <= WIDEST_GRID
      ? exact
      : wanted.low === 0 && wanted.high === 0
        ? undefined
        : fittingType({ range: wanted, signed, bits });
  if (type === undefined) {
    const ends = `${shown(wanted.low)} to ${shown(wanted.high)}`;
    bag.add(
      precisionCodes.noFittingType,
      `'${name}' keeps ${printType(fallback.type)}: its values are ${ends}`,
      location,
    );
  }
  return type;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** What a port can hold: the values of its type, where it has one that means real values; else what was seen. */
function inputIntervals(
  input: ModelNodeOf<'input'>,
  sites: readonly PrecisionSite[],
  tensors: ReadonlyMap<string, TensorPrecision>,
  typed: ModelGraph,
  summary: TensorSummary | undefined,
): RealIntervals {
  const site = sites.find(({ node }) => node === input.id);
  const chosen = site === undefined ? undefined : tensors.get(site.name)?.types;
  const port = typed.nodes.find(
    (node): node is ModelNodeOf<'input'> => node.kind === 'input' && node.name === input.name,
  );
  const types = chosen ?? port?.types ?? [];
  return Array.from({ length: elementCount(input.shape) }, (_, element) => {
    if (types.length === 0) return summary?.ranges[element] ?? { low: -Infinity, high: Infinity };
    const type = perElement(types, element);
    const { low, high } = codeRange(type);
    const unit = 2 ** lsbExponent(type);
    return { low: Number(low) * unit, high: Number(high) * unit };
  });
}

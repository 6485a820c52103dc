import { compileFloatEvaluator } from '../../backends/emulator/float/compile.js';
import { precisionCodes } from '../../diagnostics/codes/precision.js';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { diagnose, printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { failure, success } from '../../diagnostics/result.js';
import { inferFormats } from '../../model/formats.js';
import type { ModelGraph, ModelNodeId } from '../../model/kinds.js';
import { findPortProblem } from '../../model/verify.js';
import { intervalWidth } from '../../numeric/interval.js';
import { adderStatistics } from '../../passes/dataflow/distributed-arithmetic/cost.js';
import { denseProblem } from '../../passes/dataflow/distributed-arithmetic/problem.js';
import { defaultSolveOptions, solve } from '../../passes/dataflow/distributed-arithmetic/solve.js';
import { at } from '../../support/invariant.js';
import { covariance } from '../moments.js';
import { everyNth, measureSensitivity } from '../sensitivity.js';
import { correctBias } from '../weights/correct-bias.js';
import { makeCurvature } from '../weights/curvature.js';
import type { PrunedMatrix, PruningProblem } from '../weights/prune-matrices.js';
import { pruneMatrices } from '../weights/prune-matrices.js';
import { countSignedDigits } from '../weights/signed-digits.js';
import type { PrunableLayer } from './prunable-layers.js';
import { prunableLayers } from './prunable-layers.js';

/** How much is to go, and what is told meanwhile. */
export interface PruningOptions {
  /** Part of the LUTs of all constant products that is to be saved, 0 to 1, as the solver realises them. */
  readonly share: number;
  readonly seed: number;
  /** Called with what has been done of the work, 0 to 1. */
  readonly progress?: (done: number) => void;
}

/** What pruning did to one layer. LUTs are those of its adders, solved at effort fast, for all its positions. */
export interface PrunedLayer {
  /** ONNX node. */
  readonly name: string;
  readonly lutsBefore: number;
  readonly lutsAfter: number;
  /** Weights that are not zero. */
  readonly weightsBefore: number;
  readonly weightsAfter: number;
  /** Signed digits of the weights. */
  readonly digitsBefore: number;
  readonly digitsAfter: number;
}

export interface PrunedGraph {
  readonly graph: ModelGraph;
  readonly layers: readonly PrunedLayer[];
}

/** Events that moments are taken of at most. */
const MOST_EVENTS = 4096;
/** Attempts at the cost of digits whose solved LUTs are the wanted ones. */
const ROUNDS = 5;
/** Part of all LUTs by which more may be removed than was asked for. */
const TOLERANCE = 0.02;
/** A column counts at least so much of the one that counts most: the few events of the sensitivity may miss it. */
const LEAST_IMPORTANCE = 1e-3;

/**
 * Removes weights and signed digits of weights from the constant products of a typed graph until the wanted share of
 * their LUTs is saved, where it does least damage to the scores (`measureSensitivity`), the rest of each column and its
 * bias making up for it. LUTs are counted in solved adder graphs, not in zeros. Types stay what they are; a layer whose
 * new sums would leave the type of an output port is left alone, with a note.
 *
 * `values`: events × elements of all inputs, as the ports hold them. Errors: TRG1741 where nothing can be pruned.
 */
export function pruneGraph(graph: ModelGraph, values: Float64Array, options: PruningOptions): Result<PrunedGraph> {
  const formats = inferFormats(graph);
  const layers = prunableLayers(graph, formats);
  if (layers.length === 0)
    return failure([diagnose(precisionCodes.nothingToPrune, `model '${printable(graph.name)}'`)]);
  const problems = pruningProblems(graph, layers, values, options.seed);
  const done = (step: number): void => options.progress?.(step / (ROUNDS + 2));
  done(1);
  const original = layers.map((layer, index) => lutsOf(layer, at(problems, index).problem.codes));
  done(2);
  const total = sum(original);
  const wanted = (1 - options.share) * total;
  const matrices = problems.map(({ problem }) => problem);
  const digitCost = sum(matrices.map(digitCostOf));

  let best: { readonly pruned: readonly PrunedMatrix[]; readonly luts: readonly number[] } | undefined;
  let part = 1 - options.share;
  for (let round = 0; round < ROUNDS; round++) {
    const pruned = pruneMatrices(matrices, { cost: part * digitCost });
    const luts = layers.map((layer, index) => lutsOf(layer, at(pruned, index).codes));
    done(3 + round);
    const found = sum(luts);
    const known = best === undefined ? Infinity : sum(best.luts);
    // The most that is few enough; until there is one, the fewest.
    if (best === undefined || (found <= wanted ? known > wanted || found > known : found < known))
      best = { pruned, luts };
    if (found <= wanted && found >= wanted - TOLERANCE * total) break;
    // What sharing leaves of a digit changes with their number: the next attempt follows the ratio, a little lower.
    part *= found <= wanted ? Math.min(1.2, wanted / Math.max(found, 1)) : (wanted / found) * (1 - TOLERANCE / 2);
  }
  if (best === undefined) return success({ graph, layers: [] });

  const diagnostics: Diagnostic[] = [];
  const rows: PrunedLayer[] = [];
  let current = graph;
  layers.forEach((layer, index) => {
    const { problem, means } = at(problems, index);
    const pruned = at(best.pruned, index);
    const changed = withCodes(current, layer, pruned, means);
    const name = layer.product.provenance.name;
    const portProblem = findPortProblem(changed);
    if (portProblem === undefined) current = changed;
    else diagnostics.push(diagnose(precisionCodes.layerNotPruned, portProblem, { node: name }));
    const after = portProblem === undefined ? pruned.codes : problem.codes;
    rows.push({
      name,
      lutsBefore: at(original, index),
      lutsAfter: portProblem === undefined ? at(best.luts, index) : at(original, index),
      weightsBefore: problem.codes.filter((code) => code !== 0).length,
      weightsAfter: after.filter((code) => code !== 0).length,
      digitsBefore: digitsOf(problem.codes),
      digitsAfter: digitsOf(after),
    });
  });
  const after = sum(rows.map(({ lutsAfter }) => lutsAfter));
  const text = `LUTs of constant products ${total} before, ${after} after (solver at effort fast)`;
  diagnostics.push(diagnose(after <= wanted ? precisionCodes.pruned : precisionCodes.prunedLess, text));
  return success({ graph: current, layers: rows }, diagnostics);
}

interface Prepared {
  readonly problem: PruningProblem;
  /** Of the inputs, where the bias takes up what the weights do to the mean. */
  readonly means: Float64Array | undefined;
}

function pruningProblems(
  graph: ModelGraph,
  layers: readonly PrunableLayer[],
  values: Float64Array,
  seed: number,
): readonly Prepared[] {
  const evaluator = compileFloatEvaluator(graph);
  const events = values.length / evaluator.inputWidth;
  const sample = everyNth(values, evaluator.inputWidth, events, Math.min(events, MOST_EVENTS));
  const observed = evaluator.observe(
    sample,
    layers.map(({ product }) => product.left),
  );
  const points = layers.map(({ product, columns, positions }) => ({
    node: product.id,
    groups: Int32Array.from({ length: positions * columns }, (_, element) => element % columns),
    groupCount: columns,
  }));
  const sensitivities = measureSensitivity(graph, points, values, seed);
  return layers.map(({ rows, columns, positions, weights, bias, inputs }, index) => {
    const entering = at(observed, index);
    const { fixed, fixedMean } = covariance(entering, entering, rows, bias !== undefined);
    const { damage } = at(sensitivities, index);
    const least = LEAST_IMPORTANCE * damage.reduce((most, value) => Math.max(most, value), 0);
    const codes = Int32Array.from(weights.codes, Number);
    const largest = codes.reduce((most, code) => Math.max(most, Math.abs(code)), 1);
    const bound = 2 ** Math.ceil(Math.log2(largest));
    const problem = {
      rows,
      columns,
      weights: Float64Array.from(codes, (code) => code * 2 ** weights.lsb),
      codes,
      curvature: makeCurvature(fixed, rows),
      lsb: Int32Array.of(weights.lsb),
      range: { low: -bound, high: bound },
      digitCosts: Float64Array.from(inputs, (range) => positions * (intervalWidth(range) + 1)),
      importance: damage.map((value) => Math.max(value, least) || 1),
    };
    return { problem, means: bias === undefined ? undefined : fixedMean };
  });
}

/** The graph with the pruned weights of one layer, and with the bias that keeps the means of its sums. */
function withCodes(
  graph: ModelGraph,
  { weights, bias, rows, columns }: PrunableLayer,
  pruned: PrunedMatrix,
  means: Float64Array | undefined,
): ModelGraph {
  const codes = new Map<ModelNodeId, readonly bigint[]>([[weights.id, Array.from(pruned.codes, BigInt)]]);
  if (bias !== undefined && means !== undefined) {
    const unit = 2 ** bias.lsb;
    const corrected = correctBias({
      rows,
      columns,
      bias: Float64Array.from(bias.codes, (code) => Number(code) * unit),
      before: Float64Array.from(weights.codes, (code) => Number(code) * 2 ** weights.lsb),
      after: pruned.weights,
      meanBefore: means,
      meanAfter: means,
    });
    // Only the difference is rounded: codes may be longer than a double.
    const shifted = bias.codes.map((code, column) => {
      return code + BigInt(Math.round(at(corrected, column) / unit - Number(code)));
    });
    codes.set(bias.id, shifted);
  }
  const nodes = graph.nodes.map((node) => {
    const own = codes.get(node.id);
    return node.kind === 'constant' && own !== undefined ? { ...node, codes: own } : node;
  });
  return { ...graph, nodes };
}

/** LUTs of the adders of a layer, at all its positions. */
function lutsOf({ inputs, columns, positions }: PrunableLayer, codes: Int32Array): number {
  const matrix = inputs.map((_, row) => Array.from(codes.subarray(row * columns, (row + 1) * columns), BigInt));
  const problem = denseProblem(
    matrix,
    inputs.map((range) => ({ range, depth: 0 })),
  );
  const solution = solve(problem, { ...defaultSolveOptions, effort: 'fast' });
  return positions * adderStatistics(problem, solution).cost;
}

function digitCostOf({ codes, columns, digitCosts }: PruningProblem): number {
  return codes.reduce((cost, code, index) => {
    return cost + countSignedDigits(code) * (digitCosts?.[Math.floor(index / columns)] ?? 1);
  }, 0);
}

function digitsOf(codes: Int32Array): number {
  return codes.reduce((digits, code) => digits + countSignedDigits(code), 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

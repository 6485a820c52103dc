import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import { nodeFloatEvaluator } from '../model/evaluate-float.js';
import type { ModelGraph, ModelNodeId } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import { at } from '../support/invariant.js';
import type { Damage, LossByLayer, QuantiserLoss } from './quantiser-loss.js';
import type { Switch, SwitchableGraph } from './switchable-graph.js';
import { switchableGraph } from './switchable-graph.js';

/** Outputs of one model on the events under study, and what they are worth against the float model's. */
export interface LayerStudy {
  readonly float: ModelGraph;
  readonly typed: ModelGraph;
  /** Real inputs in the units of the ports (value / step + zero point), events × elements. */
  readonly inputs: Float64Array;
  readonly events: number;
  /** Ports that hold the integers of a quantiser of the model. */
  readonly ownInputs: ReadonlySet<string>;
  readonly point?: string;
  /** Outputs of the float model and of the emulator on the same events, to hold the study against. */
  readonly floatOutputs: Float64Array;
  readonly fixedOutputs: Float64Array;
  /** The damage of outputs, against those of the float model. */
  readonly damage: (outputs: Float64Array) => Damage;
  readonly progress?: (share: number) => void;
}

/** Rounding of double precision, as a part of the largest output. */
const TOLERANCE = 1e-9;

/**
 * Which quantiser costs how much. Undefined with a reason where the two graphs do not correspond: the typed graph with
 * all its roundings off has to give what the float model gives, with all of them on what the emulator gives.
 */
export function attributeLoss(study: LayerStudy): LossByLayer | { readonly reason: string } {
  const { inputs, damage } = study;
  const switchable = switchableGraph(study.float, study.typed, study.ownInputs);
  const { switches } = switchable;
  const run = (enabled: ReadonlySet<Switch>): Float64Array =>
    compileFloatEvaluator(switchable.variant(enabled).graph).run(inputs);
  const far = (left: Float64Array, right: Float64Array): boolean => {
    const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return left.some((value, index) => Math.abs(value - (right[index] ?? 0)) > TOLERANCE * largest);
  };
  if (far(run(new Set()), study.floatOutputs)) {
    return { reason: 'with all roundings off, the typed model does not give what the float model gives' };
  }
  const all = new Set(switches);
  const fixed = run(all);
  if (far(fixed, study.fixedOutputs)) {
    return { reason: 'in double precision, the typed model does not give what the emulator gives' };
  }
  const divergence = firstDivergence(switchable, inputs);
  const quantisers = switches.map((one, index): QuantiserLoss => {
    const others = new Set(all);
    others.delete(one);
    const [alone, without] = [damage(run(new Set([one]))), damage(run(others))];
    study.progress?.((index + 1) / switches.length);
    const { name, node, operator, role, types } = one;
    return { name, node, operator, role, types, alone, without, firstDivergence: at(divergence, index) };
  });
  const point = study.point === undefined ? {} : { point: study.point };
  return { events: study.events, ...point, total: damage(fixed), quantisers };
}

/**
 * By switch: events for which it is the first in the graph whose result is not the one that its own rounding makes of
 * the float model's operand. Constants are no results.
 */
function firstDivergence({ switches, variant }: SwitchableGraph, inputs: Float64Array): Int32Array {
  const [off, on] = [variant(new Set()), variant(new Set(switches))];
  const found = new Int32Array(switches.length);
  const shapeOf = (id: ModelNodeId): readonly number[] => at(on.graph.nodes, id).shape;
  const traced = switches.flatMap((one, index) => {
    const last = one.nodes.at(-1);
    if (last === undefined || (one.role !== 'result' && one.role !== 'table')) return [];
    const rounding = at(on.graph.nodes, at(on.mapped, last));
    if (rounding.kind !== 'quantize' && rounding.kind !== 'table') return [];
    return [{ index, rounding, typed: last, width: elementCount(rounding.shape) }];
  });
  if (traced.length === 0) return found;
  const fixed = compileFloatEvaluator(on.graph).observe(
    inputs,
    traced.map(({ rounding }) => rounding.id),
  );
  const offNodes = traced.map(({ typed }) => operandIn(off, typed));
  const float = compileFloatEvaluator(off.graph).observe(inputs, offNodes);
  const events = at(fixed, 0).length / at(traced, 0).width;
  const decided = new Uint8Array(events);
  traced.forEach(({ index, rounding, width }, place) => {
    const round = nodeFloatEvaluator(rounding, shapeOf);
    const [wanted, given] = [at(fixed, place), at(float, place)];
    for (let event = 0; event < events; event++) {
      if (decided[event] === 1) continue;
      const operand = given.subarray(event * width, (event + 1) * width);
      const rounded = round(() => operand);
      if (rounded.every((value, element) => value === wanted[event * width + element])) continue;
      decided[event] = 1;
      found[index] = (found[index] ?? 0) + 1;
    }
  });
  return found;
}

/** What a rounding of the typed graph reads, in a variant where it is off: a cast has gone, a function takes an operand. */
function operandIn({ graph, mapped }: ReturnType<SwitchableGraph['variant']>, id: ModelNodeId): ModelNodeId {
  const node = at(graph.nodes, at(mapped, id));
  return node.kind === 'function' ? node.operand : node.id;
}

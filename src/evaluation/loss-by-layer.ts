import { compileFloatEvaluator } from '../backends/emulator/float/compile.js';
import type { ModelGraph } from '../model/kinds.js';
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
  const found = new Int32Array(switches.length);
  const traced = switches.flatMap((one, index) => {
    const last = one.nodes.at(-1);
    return last === undefined || (one.role !== 'result' && one.role !== 'table') ? [] : [{ one, index, last }];
  });
  const all = variant(new Set(switches));
  const wanted = compileFloatEvaluator(all.graph).observe(
    inputs,
    traced.map(({ last }) => at(all.mapped, last)),
  );
  let decided: Uint8Array | undefined;
  traced.forEach(({ one, index, last }, place) => {
    const own = variant(new Set([one]));
    const node = at(own.mapped, last);
    const width = elementCount(at(own.graph.nodes, node).shape);
    const [fixed, given] = [at(wanted, place), at(compileFloatEvaluator(own.graph).observe(inputs, [node]), 0)];
    decided ??= new Uint8Array(given.length / width);
    for (let event = 0; event < decided.length; event++) {
      if (decided[event] === 1) continue;
      const end = (event + 1) * width;
      let element = event * width;
      while (element < end && given[element] === fixed[element]) element++;
      if (element === end) continue;
      decided[event] = 1;
      found[index] = (found[index] ?? 0) + 1;
    }
  });
  return found;
}

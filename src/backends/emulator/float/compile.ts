import { at, invariant } from '../../../support/invariant.js';
import type { ModelGraph, ModelNodeId } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';
import type { FloatProgram } from './program.js';
import { compileProgram } from './program.js';

/** A graph compiled for many events: bit for bit what `floatEvaluator` gives for each of them alone. */
export interface CompiledFloatEvaluator {
  /** Elements of all input ports of one event, and of all output ports. */
  readonly inputWidth: number;
  readonly outputWidth: number;
  /**
   * All outputs of all events. `inputs` is events × inputWidth, one event a row, ports concatenated in graph order;
   * the result is events × outputWidth in the same way. Not re-entrant.
   */
  readonly run: (inputs: Float64Array) => Float64Array;
  /**
   * Chosen tensors of all events: for each node asked for, events × its elements. What the outputs need beyond that is
   * not computed. Asking for the same nodes again is cheap: the program of the last call is kept.
   */
  readonly observe: (inputs: Float64Array, nodes: readonly ModelNodeId[]) => readonly Float64Array[];
}

/**
 * Compile the float reference of a graph (see `floatEvaluator`) for many events. Events are evaluated in blocks, an
 * element of a tensor being a row of one value for each event of the block, so that every operation is a loop over
 * events with the constants of the graph in registers. Sums keep their order within an event; nothing is rearranged.
 */
export function compileFloatEvaluator(graph: ModelGraph): CompiledFloatEvaluator {
  const widthOf = (id: ModelNodeId): number => elementCount(at(graph.nodes, id).shape);
  const inputs = graph.nodes.filter((node) => node.kind === 'input').map((node) => node.id);
  const outputs = graph.outputs.map((output) => output.node);
  const total = (ids: readonly ModelNodeId[]): number => ids.reduce((sum, id) => sum + widthOf(id), 0);
  const [inputWidth, outputWidth] = [total(inputs), total(outputs)];
  const eventsIn = (data: Float64Array): number => {
    const events = inputWidth === 0 ? 0 : data.length / inputWidth;
    invariant(Number.isInteger(events), `${data.length} input values for events of ${inputWidth}`);
    return events;
  };

  let outputProgram: FloatProgram | undefined;
  let observed: { readonly nodes: readonly ModelNodeId[]; readonly program: FloatProgram } | undefined;
  return {
    inputWidth,
    outputWidth,
    run: (data) => {
      outputProgram ??= compileProgram(graph, outputs);
      const result = new Float64Array(eventsIn(data) * outputWidth);
      let column = 0;
      const sinks = outputs.map((id) => {
        const sink = { data: result, offset: column, stride: outputWidth };
        column += widthOf(id);
        return sink;
      });
      outputProgram(data, eventsIn(data), sinks);
      return result;
    },
    observe: (data, nodes) => {
      const known =
        observed?.nodes.length === nodes.length && nodes.every((id, index) => id === observed?.nodes[index]);
      if (observed === undefined || !known) observed = { nodes: [...nodes], program: compileProgram(graph, nodes) };
      const events = eventsIn(data);
      const sinks = nodes.map((id) => ({
        data: new Float64Array(events * widthOf(id)),
        offset: 0,
        stride: widthOf(id),
      }));
      observed.program(data, events, sinks);
      return sinks.map((sink) => sink.data);
    },
  };
}

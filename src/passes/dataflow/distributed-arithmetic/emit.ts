import { at } from '../../../support/invariant.js';
import type { KernelBuilder } from '../../../dataflow/builder.js';
import type { NodeId } from '../../../dataflow/kinds.js';
import type { AdderGraph } from './problem.js';

export interface EmittedGraph {
  /** Nodes of all values of the graph, its inputs included. */
  readonly values: readonly NodeId[];
  readonly outputs: readonly NodeId[];
}

/** Builds the graph on nodes for its inputs. */
export function emitAdderGraph(builder: KernelBuilder, graph: AdderGraph, inputs: readonly NodeId[]): EmittedGraph {
  const values = [...inputs];
  for (const operation of graph.operations) {
    if (operation.kind === 'constant') {
      values.push(builder.constant(operation.value));
      continue;
    }
    const left = builder.shiftLeft(at(values, operation.left), operation.leftShift);
    const right = builder.shiftLeft(at(values, operation.right), operation.rightShift);
    values.push(builder[operation.kind](left, right));
  }
  const outputs = graph.outputs.map(({ value, shift, negated }) => {
    const shifted = builder.shiftLeft(at(values, value), shift);
    return negated ? builder.negate(shifted) : shifted;
  });
  return { values, outputs };
}

import { at, invariant } from '../../../support/invariant.js';
import type { KernelBuilder } from '../../../dataflow/builder.js';
import type { NodeId } from '../../../dataflow/kinds.js';
import type { AdderGraph, AdderSummand, ThreeOperandSum } from './problem.js';

export interface EmittedGraph {
  /** Nodes of all values of the graph, its inputs included. */
  readonly values: readonly NodeId[];
  readonly outputs: readonly NodeId[];
}

function emitSum(builder: KernelBuilder, { summands }: ThreeOperandSum, values: readonly NodeId[]): NodeId {
  const operand = ({ value, shift }: AdderSummand): NodeId => builder.shiftLeft(at(values, value), shift);
  // The negative one, if there is one, goes last.
  const [first, second, third] = [...summands].sort((a, b) => Number(a.negative) - Number(b.negative));
  invariant(first !== undefined && second !== undefined && third !== undefined, 'a sum of three has three operands');
  invariant(!second.negative, 'a sum of three has one negative summand at most');
  return builder.addThree(operand(first), operand(second), operand(third), third.negative);
}

/** Builds the graph on nodes for its inputs. */
export function emitAdderGraph(builder: KernelBuilder, graph: AdderGraph, inputs: readonly NodeId[]): EmittedGraph {
  const values = [...inputs];
  for (const operation of graph.operations) {
    if (operation.kind === 'constant') {
      values.push(builder.constant(operation.value));
      continue;
    }
    if (operation.kind === 'sum') {
      values.push(emitSum(builder, operation, values));
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

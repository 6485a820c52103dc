import { KernelBuilder } from '../../dataflow/builder.js';
import type { Kernel, NodeId } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';
import { success } from '../../diagnostics/result.js';
import type { Interval } from '../../numeric/interval.js';
import { intersect } from '../../numeric/interval.js';
import { at, invariant } from '../../support/invariant.js';
import type { Pass } from '../pass.js';
import { mapKernels } from './map-kernels.js';
import { expandProduct } from './products/product.js';
import { expandSquare } from './products/square.js';
import { refineRanges } from './refine-ranges.js';

/**
 * Squares and products of two variables as rows of additions, which the schedule can cut and synthesis maps to one
 * look-up table for each bit of a row. After distribute-arithmetic, which would take the rows for a matrix.
 */
export const expandProducts: Pass<Program> = {
  name: 'expand-products',
  summary: 'squares and products of variables as tables and rows of additions',
  preserves: 'values',
  run: (program) => success(mapKernels(program, expand)),
};

function expand(kernel: Kernel): Kernel {
  if (!kernel.nodes.some(({ kind }) => kind === 'square' || kind === 'multiply')) return kernel;
  const builder = new KernelBuilder(kernel.name);
  const moved: NodeId[] = [];
  const proven: Interval[] = [];
  const prove = (id: NodeId, range: Interval): void => {
    const known = proven[id];
    const met = known === undefined ? range : intersect(known, range);
    invariant(met !== undefined, `${kernel.name}: node ${id} has contradictory ranges`);
    proven[id] = met;
  };
  const map = (id: NodeId): NodeId => at(moved, id);
  for (const node of kernel.nodes) {
    builder.from(at(kernel.origins, node.origin));
    const id =
      node.kind === 'square'
        ? expandSquare(builder, map(node.operand), prove)
        : node.kind === 'multiply'
          ? expandProduct(builder, map(node.left), map(node.right), prove)
          : builder.copy(node, map);
    moved[node.id] = id;
    prove(id, node.range);
  }
  for (const id of kernel.outputs) builder.output(map(id));
  return refineRanges(builder.finish(), proven);
}

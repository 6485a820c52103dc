import type { CoverageBranch, CoveredNode } from '../../src/model/coverage.js';
import { quantizerRatio } from '../../src/model/coverage.js';
import type { Tensor } from '../../src/model/evaluate.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { perElement } from '../../src/model/kinds.js';
import { broadcastIndices } from '../../src/model/shapes.js';
import { floorDivide, roundDivide } from '../../src/numeric/ratio.js';
import { quantizedRange } from '../../src/numeric/rounding.js';
import { shiftBy } from '../../src/support/bits.js';
import { at } from '../../src/support/invariant.js';

/** The branches that each element of a node takes in an event, from the definitions; `tensors` are the oracle's. */
export function branchesTaken(
  graph: ModelGraph,
  node: CoveredNode,
  tensors: readonly Tensor[],
): readonly (readonly CoverageBranch[])[] {
  if (node.kind === 'maximum') {
    const [left, right] = [at(tensors, node.left), at(tensors, node.right)];
    const lsb = Math.min(left.lsb, right.lsb);
    const indices = (id: number): Int32Array => broadcastIndices(at(graph.nodes, id).shape, node.shape);
    const rights = indices(node.right);
    return Array.from(indices(node.left), (index, element) => {
      const one = shiftBy(at(left.codes, index), left.lsb - lsb);
      const other = shiftBy(at(right.codes, at(rights, element)), right.lsb - lsb);
      return one > other ? ['left is larger'] : one < other ? ['right is larger'] : [];
    });
  }
  const { codes, lsb } = at(tensors, node.operand);
  return codes.map((code, element) => {
    if (node.kind === 'relu') return code > 0n ? ['passed'] : code < 0n ? ['cut to zero'] : [];
    if (node.kind === 'table') {
      const entry = shiftBy(code, lsb - node.lsb) - node.first;
      if (node.codes.length === 1) return [];
      return entry <= 0n ? ['first entry'] : entry >= BigInt(node.codes.length - 1) ? ['last entry'] : ['entry inside'];
    }
    const { numerator, offset, denominator } = quantizerRatio(node, element, lsb);
    const dividend = numerator * code + offset;
    const rounded = roundDivide(dividend, denominator, node.rounding);
    const range = quantizedRange(perElement(node.types, element), node.overflow);
    const taken: CoverageBranch[] = [];
    if (node.overflow !== 'MODULO' && rounded > range.high) taken.push('above the type');
    if (node.overflow !== 'MODULO' && rounded < range.low) taken.push('below the type');
    const error = rounded * denominator - dividend;
    if (error > 0n) taken.push('rounded up');
    if (error < 0n) taken.push('rounded down');
    const twice = 2n * (dividend - floorDivide(dividend, denominator) * denominator);
    if (twice === denominator && node.rounding.startsWith('RND'))
      taken.push(error > 0n ? 'tie rounded up' : 'tie rounded down');
    return taken;
  });
}

import type { ModelGraph, ModelNode, ModelNodeOf } from '../../model/kinds.js';
import { elementCount, operandsOf } from '../../model/kinds.js';
import type { TensorFormat } from '../../model/formats.js';
import type { Interval } from '../../numeric/interval.js';
import { union } from '../../numeric/interval.js';
import { usersOf } from '../../passes/model/structure.js';
import { at } from '../../support/invariant.js';

/** A product of a computed tensor and constant weights in a typed graph. */
export interface PrunableLayer {
  readonly product: ModelNodeOf<'matmul'>;
  readonly weights: ModelNodeOf<'constant'>;
  /** Constant that is added to each column, where nothing else reads either. */
  readonly bias?: ModelNodeOf<'constant'>;
  readonly rows: number;
  readonly columns: number;
  /** How often the circuit of the matrix stands there: rows of the left operand. */
  readonly positions: number;
  /** Codes that each row of the matrix is multiplied by: over all positions. */
  readonly inputs: readonly Interval[];
}

/** Codes beyond this have more digits than any network that fits. */
const LARGEST_CODE = 2n ** 24n;
/** The cubes of more rows take minutes. */
const MOST_ROWS = 2048;

/** Matrices of constants, each read by one product alone, in the order of the graph. */
export function prunableLayers(graph: ModelGraph, formats: readonly TensorFormat[]): readonly PrunableLayer[] {
  const users = usersOf(graph, operandsOf);
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  const onlyUser = (node: ModelNode): ModelNode | undefined => {
    const [user, ...others] = users[node.id] ?? [];
    return others.length === 0 && !outputs.has(node.id) ? user : undefined;
  };
  return graph.nodes.flatMap((product): readonly PrunableLayer[] => {
    if (product.kind !== 'matmul') return [];
    const weights = at(graph.nodes, product.right);
    const [rows, columns, ...more] = weights.shape;
    if (weights.kind !== 'constant' || rows === undefined || columns === undefined || more.length > 0) return [];
    if (at(graph.nodes, product.left).kind === 'constant' || onlyUser(weights) !== product || rows > MOST_ROWS)
      return [];
    if (weights.codes.some((code) => code > LARGEST_CODE || code < -LARGEST_CODE)) return [];
    const sum = onlyUser(product);
    const other = sum?.kind === 'add' ? at(graph.nodes, sum.left === product.id ? sum.right : sum.left) : undefined;
    const isBias =
      other?.kind === 'constant' &&
      onlyUser(other) === sum &&
      elementCount(other.shape) === columns &&
      other.shape.at(-1) === columns;
    const { ranges } = at(formats, product.left);
    const inputs = Array.from({ length: rows }, (_, row) => {
      let range = at(ranges, row);
      for (let element = row; element < ranges.length; element += rows) range = union(range, at(ranges, element));
      return range;
    });
    const positions = ranges.length / rows;
    return [{ product, weights, ...(isBias ? { bias: other } : {}), rows, columns, positions, inputs }];
  });
}

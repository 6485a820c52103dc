import type { ModelGraph, ModelNodeOf } from '../model/kinds.js';
import type { ConstantSite, PrecisionSite, TensorSite } from '../passes/model/precision/sites.js';
import { elementOrigins } from '../passes/model/structure.js';
import { at } from '../support/invariant.js';

/** A product of a computed matrix and constant weights, and the constant that is added to it. */
export interface Layer {
  readonly weight: ConstantSite;
  readonly bias?: ConstantSite;
  readonly product: ModelNodeOf<'matmul'>;
  readonly rows: number;
  readonly columns: number;
  /** How many times the circuit is there: rows of the left operand. */
  readonly positions: number;
  /** By column: damage per unit of variance of the error of the product, at all positions together. */
  readonly importance: Float64Array;
  /** By row of the weights: the tensor site and the group that feed it, where there is one. */
  readonly feeds: readonly ({ readonly site: TensorSite; readonly group: number } | undefined)[];
}

/** Damage by column of a tensor from that by group; a group's is shared out among its elements. */
export function columnImportance(groups: Int32Array, damage: Float64Array, columns: number): Float64Array {
  const sizes = new Int32Array(damage.length);
  for (const group of groups) sizes[group] = at(sizes, group) + 1;
  const importance = new Float64Array(columns);
  groups.forEach((group, element) => {
    const column = element % columns;
    importance[column] = at(importance, column) + at(damage, group) / at(sizes, group);
  });
  return importance;
}

/** The layers of a graph, in the order of its nodes. */
export function findLayers(graph: ModelGraph, sites: readonly PrecisionSite[]): readonly Omit<Layer, 'importance'>[] {
  const tensorOf = new Map(sites.flatMap((site) => (site.kind === 'tensor' ? [[site.node, site] as const] : [])));
  const biases = sites.filter((site) => site.kind === 'constant' && site.role === 'bias');
  return sites.flatMap((site): readonly Omit<Layer, 'importance'>[] => {
    if (site.kind !== 'constant' || site.product === undefined) return [];
    const { product } = site;
    const [rows = 1, columns = 1] = at(graph.nodes, site.node).shape;
    const bias = biases.find(
      (other) =>
        other.kind === 'constant' &&
        other.size === columns &&
        (other.sum?.left === product.id || other.sum?.right === product.id) &&
        other.sum.shape.join() === product.shape.join(),
    );
    const origin = elementOrigins(graph, product.left);
    const positions = origin.element.length / rows;
    const feeds = Array.from({ length: rows }, (_, row) => {
      for (let position = 0; position < positions; position++) {
        const index = position * rows + row;
        const tensor = tensorOf.get(at(origin.node, index));
        if (tensor !== undefined) return { site: tensor, group: at(tensor.groups, at(origin.element, index)) };
      }
      return undefined;
    });
    const own = bias?.kind === 'constant' ? { bias } : {};
    return [{ weight: site, ...own, product, rows, columns, positions, feeds }];
  });
}

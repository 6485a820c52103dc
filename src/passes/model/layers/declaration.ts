import type { Quantizer } from '../../../numeric/fixed-point.js';
import type { TableDeclaration } from '../functions/hls4ml-table.js';

/**
 * What the user declares of one layer, in the terms of hls4ml's configuration: the types of what it computes. A layer
 * is an ONNX node, or a matrix product together with the addition of a constant that is its only reader.
 */
export interface LayerDeclaration {
  /** Every summand is cast to this type, and every partial sum stays in it. Sums are exact where it is not given. */
  readonly accumulator?: Quantizer;
  /** What the layer hands on; the accumulator where only that is given. */
  readonly result?: Quantizer;
  /** Constant factors. */
  readonly weight?: Quantizer;
  /** Constant summands. */
  readonly bias?: Quantizer;
  /** The look-up table of a function, addressed as in hls4ml. */
  readonly table?: TableDeclaration;
}

/** By ONNX node name, or `#index` where the exporter left the name empty. */
export type LayerDeclarations = ReadonlyMap<string, LayerDeclaration>;

/** The keys of a declaration, as `trigc.yaml` spells them. */
export const layerKeyNames = ['accumulator', 'result', 'weight', 'bias', 'table'] as const;
export type LayerKey = (typeof layerKeyNames)[number];

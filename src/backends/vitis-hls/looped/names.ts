import { NameTable } from '../../../support/legal-names.js';
import type { ModelGraph, ModelNodeId } from '../../../model/kinds.js';
import { at } from '../../../support/invariant.js';

/** Parts of node names that say how an exporter works, not what the node is. */
const exporterParts: ReadonlySet<string> = new Set([
  'act_quant',
  'activation_impl',
  'weight_quant',
  'bias_quant',
  'export_handler',
  'network',
]);

/** Names that the generated C++ uses itself. */
const reserved = [
  'trigc',
  'weights',
  'hls',
  'ap_fixed',
  'ap_ufixed',
  'ap_int',
  'ap_uint',
  'gathered',
  'row',
  'i',
  'j',
  'k',
  'l',
  'm',
  'n',
];

/** C++ names of tensors after the nodes that made them, short enough to read. */
export class TensorNames {
  private readonly table: NameTable;
  private readonly names = new Map<ModelNodeId, string>();

  public constructor(
    private readonly graph: ModelGraph,
    top: string,
  ) {
    this.table = new NameTable([...reserved, top]);
  }

  /** The name of an input or of an output: after the port. */
  public port(name: string): string {
    return this.table.fresh(readable(name, ''));
  }

  /** The name of a tensor; `kept` is one that it already has. */
  public tensor(id: ModelNodeId, kept?: string): string {
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const { provenance, kind } = at(this.graph.nodes, id);
    const made = kept ?? this.table.fresh(readable(provenance.name, provenance.operator || kind));
    this.names.set(id, made);
    return made;
  }

  /** A name of its own for something that belongs to a tensor. */
  public fresh(suggestion: string): string {
    return this.table.fresh(suggestion);
  }
}

/** `/encoder/encoder.0/Gemm` to `encoder_0_gemm`; `#12` of a Gemm to `gemm_12`. */
function readable(name: string, operator: string): string {
  const unnamed = /^#(\d+)$/u.exec(name);
  if (unnamed !== null) return `${operator.toLowerCase()}_${unnamed[1] ?? ''}`;
  const parts = name.split('/').filter((part) => part !== '' && !exporterParts.has(part));
  const words = parts
    .join('_')
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== '');
  const told = words.filter((word, index) => word !== words[index - 1]);
  const short = told.length > 4 ? told.slice(-4) : told;
  return short.length === 0 ? operator.toLowerCase() : short.join('_');
}

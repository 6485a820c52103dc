import { at } from '../../../support/invariant.js';
import type { Alignment } from '../../../model/alignment.js';
import { alignmentOf } from '../../../model/alignment.js';
import { ModelBuilder } from '../../../model/builder.js';
import type { TensorFormat } from '../../../model/formats.js';
import { formatOf } from '../../../model/formats.js';
import type { ModelGraph, ModelNodeId, Shape } from '../../../model/kinds.js';

/** A typed graph while it is built, with what is known of the values of its nodes so far. */
export class GrowingGraph {
  public readonly builder: ModelBuilder;
  private readonly graph: ModelGraph;
  private readonly formats: TensorFormat[] = [];
  private readonly alignments: Alignment[] = [];

  public constructor(name: string) {
    this.builder = new ModelBuilder(name);
    this.graph = this.builder.finish();
  }

  public shape(id: ModelNodeId): Shape {
    return this.builder.shapeOf(id);
  }

  public format(id: ModelNodeId): TensorFormat {
    while (this.formats.length <= id) {
      this.formats.push(formatOf(at(this.graph.nodes, this.formats.length), this.graph, this.formats));
    }
    return at(this.formats, id);
  }

  public alignment(id: ModelNodeId): Alignment {
    while (this.alignments.length <= id) {
      const node = at(this.graph.nodes, this.alignments.length);
      const alignment = alignmentOf(
        node,
        (operand) => this.shape(operand),
        (operand) => at(this.alignments, operand),
      );
      this.alignments.push(alignment);
    }
    return at(this.alignments, id);
  }
}

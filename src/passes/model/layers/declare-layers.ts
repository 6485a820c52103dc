import { typingCodes } from '../../../diagnostics/codes/typing.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import type { Quantizer } from '../../../numeric/fixed-point.js';
import { lsbExponent, printQuantizer } from '../../../numeric/fixed-point.js';
import { quantizeCode } from '../../../numeric/rounding.js';
import { shiftBy } from '../../../support/bits.js';
import { at } from '../../../support/invariant.js';
import { closestWord } from '../../../support/suggest.js';
import { ModelBuilder } from '../../../model/builder.js';
import type { ModelGraph, ModelNode, ModelNodeId } from '../../../model/kinds.js';
import { copyNode } from '../copy-node.js';
import type { LayerDeclarations, LayerKey } from './declaration.js';
import { layerKeyNames } from './declaration.js';
import { sumsSomething } from './expand-accumulators.js';
import type { LayerMembers } from './members.js';
import { constantElements, layerMembers } from './members.js';

/**
 * Bring the declared types of weights, biases and results into an imported graph. Every value that leaves a layer is
 * cast to its result type, or to its accumulator where no result is declared. What an accumulator means inside its layer
 * depends on the types of the summands, and is worked out when these are known (`expandAccumulators`).
 */
export function declareLayers(graph: ModelGraph, declared: LayerDeclarations): Result<ModelGraph> {
  const bag = new DiagnosticBag();
  if (declared.size === 0) return bag.finish(graph);
  return new Declaring(graph, declared, bag).run();
}

class Declaring {
  private readonly builder: ModelBuilder;
  private readonly members: LayerMembers;
  private readonly mapped: ModelNodeId[] = [];
  /** `layer key` of every declaration that found something to apply to. */
  private readonly used = new Set<string>();

  public constructor(
    private readonly graph: ModelGraph,
    private readonly declared: LayerDeclarations,
    private readonly bag: DiagnosticBag,
  ) {
    this.builder = new ModelBuilder(graph.name);
    this.members = layerMembers(graph, declared);
  }

  public run(): Result<ModelGraph> {
    for (const node of this.graph.nodes) {
      const layer = this.members.layerOf(node.id);
      this.mapped.push(layer === undefined ? this.copy(node) : this.declare(node, layer));
    }
    for (const output of this.graph.outputs) {
      this.builder.output(output.name, at(this.mapped, output.node), output.types);
    }
    this.checkNames();
    return this.bag.finish(this.builder.finish());
  }

  private copy(node: ModelNode): ModelNodeId {
    return copyNode(this.builder, node, (id) => at(this.mapped, id));
  }

  private declare(node: ModelNode, layer: string): ModelNodeId {
    const { accumulator, result, weight, bias } = this.declared.get(layer) ?? {};
    const factor = node.kind === 'matmul' || node.kind === 'multiply';
    const summand = node.kind === 'add' || node.kind === 'subtract';
    const made = copyNode(this.builder, node, (id) => {
      const typed =
        (factor ? this.cast(id, weight, layer, 'weight') : undefined) ??
        (summand ? this.cast(id, bias, layer, 'bias') : undefined);
      return typed ?? at(this.mapped, id);
    });
    if (accumulator !== undefined && sumsSomething(node)) this.use(layer, 'accumulator');
    if (node.kind === 'function') this.use(layer, 'table');
    const type = result ?? accumulator;
    if (type === undefined || !this.members.leaves(node.id)) return made;
    this.use(layer, 'result');
    const { rounding, overflow } = type;
    const fields = { operand: made, types: [type.type], rounding, overflow };
    return this.builder.add('quantize', fields, { ...node.provenance, name: layer });
  }

  private use(layer: string, key: LayerKey): void {
    this.used.add(`${key} ${layer}`);
  }

  /** The constant operand cast to its declared type; undefined where it is none, or nothing is declared. */
  private cast(
    id: ModelNodeId,
    quantizer: Quantizer | undefined,
    layer: string,
    key: 'weight' | 'bias',
  ): ModelNodeId | undefined {
    if (quantizer === undefined) return undefined;
    const found = constantElements(this.graph, id);
    if (found === undefined) return undefined;
    this.use(layer, key);
    const { source } = found;
    const { type, rounding, overflow } = quantizer;
    const lsb = lsbExponent(type);
    const codes = found.codes.map((code) => quantizeCode(code, source.lsb, type, rounding, overflow));
    if (!source.float) {
      // The model has quantised these: another type that changes them is worth a look.
      const finest = Math.min(lsb, source.lsb);
      const changed = codes.filter(
        (code, index) => shiftBy(code, lsb - finest) !== shiftBy(at(found.codes, index), source.lsb - finest),
      ).length;
      if (changed > 0) {
        const message = `${printQuantizer(quantizer)} changes ${changed} of ${codes.length} ${key} values that the model has quantised already`;
        this.bag.add(typingCodes.quantisedConstantChanged, message, { node: printable(layer) });
      }
    }
    return this.builder.constant({ lsb, codes, float: false }, at(this.graph.nodes, id).shape, source.provenance);
  }

  private checkNames(): void {
    const names = new Set<string>();
    for (const node of this.graph.nodes) {
      if (node.kind !== 'constant' && node.kind !== 'input' && node.provenance.name !== '') {
        names.add(node.provenance.name);
      }
    }
    for (const [layer, declaration] of this.declared) {
      const shown = printable(layer);
      if (!names.has(layer)) {
        const closest = closestWord(layer, names);
        const some = [...names].slice(0, 20).map(printable).join(', ');
        const hint = `${closest === undefined ? '' : `did you mean '${printable(closest)}'? `}nodes that compute: ${some}${names.size > 20 ? ', …' : ''}`;
        this.bag.add(
          typingCodes.unknownLayer,
          `no node '${shown}' computes anything`,
          { configPath: `layers.${shown}` },
          hint,
        );
        continue;
      }
      for (const key of layerKeyNames) {
        if (declaration[key] === undefined || this.used.has(`${key} ${layer}`)) continue;
        const message = `'${shown}' has no ${needs[key]} that 'layers.${shown}.${key}' could apply to`;
        this.bag.add(typingCodes.layerKeyUnused, message, { configPath: `layers.${shown}.${key}` });
      }
    }
  }
}

const needs: Readonly<Record<LayerKey, string>> = {
  accumulator: 'sum',
  result: 'result',
  weight: 'constant factor',
  bias: 'constant summand',
  table: 'function',
};

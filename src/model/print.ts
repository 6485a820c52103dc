import type { Codec } from '../support/codec.js';
import { printTree } from '../support/text-tree.js';
import { typesCodec } from '../numeric/codecs.js';
import type { ModelGraph, ModelNode, ModelOutput } from './kinds.js';
import { operandsOf } from './kinds.js';
import { fieldsOf, operandCodec, operandsCodec, shapeCodec } from './schema.js';

/** Version of the text form; a change that old text does not survive raises it. */
export const MODEL_TEXT_VERSION = 1;

/** Is this field one of those that the parentheses hold? */
export function isOperandField(codec: Codec<unknown>): boolean {
  return codec === (operandCodec as Codec<unknown>) || codec === (operandsCodec as Codec<unknown>);
}

/**
 * The text form of a graph, which `parseModel` reads back exactly: a header, one node per line, the outputs.
 *
 * ```
 * model 1 "network"
 * %0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: WRAP} : [57] @ "" ""
 * %2 = matmul(%0, %1) : [32] @ "Gemm_3" "Gemm"
 * output "y" = %2 : [ap_fixed<21,11>]
 * ```
 */
export function printModel(graph: ModelGraph): string {
  const lines = [`model ${MODEL_TEXT_VERSION} ${quoted(graph.name)}`];
  for (const node of graph.nodes) lines.push(printNode(node));
  for (const output of graph.outputs) lines.push(printOutput(output));
  return `${lines.join('\n')}\n`;
}

/** One line of the text form, without its line break. */
export function printNode(node: ModelNode): string {
  const operands = operandsOf(node).map((id) => `%${id}`);
  const values = node as unknown as Readonly<Record<string, unknown>>;
  const fields = fieldsOf(node.kind)
    .filter(([, codec]) => !isOperandField(codec))
    .map(([name, codec]) => `${name}: ${printTree(codec.encode(values[name]))}`);
  const call = `${node.kind}${operands.length > 0 ? `(${operands.join(', ')})` : ''}`;
  const body = fields.length > 0 ? ` {${fields.join(', ')}}` : '';
  const { name, operator } = node.provenance;
  return `%${node.id} = ${call}${body} : ${printTree(shapeCodec.encode(node.shape))} @ ${quoted(name)} ${quoted(operator)}`;
}

function printOutput(output: ModelOutput): string {
  return `output ${quoted(output.name)} = %${output.node} : ${printTree(typesCodec.encode(output.types))}`;
}

function quoted(text: string): string {
  return printTree({ text });
}

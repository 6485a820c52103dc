import { printTree } from '../support/text-tree.js';
import { typesCodec } from '../numeric/codecs.js';
import { sameInterval } from '../numeric/interval.js';
import type { DataflowNode, Kernel, Origin } from './kinds.js';
import type { Instance, Program } from './program.js';
import { layoutOf, referencesCodec } from './schema.js';
import { operands } from './semantics.js';
import { inferRange } from './verify.js';

/** Version of the text form; a change that old text does not survive raises it. */
export const DATAFLOW_TEXT_VERSION = 1;

/**
 * The text form of a kernel, which `parseKernel` reads back exactly: its origins, one node per line with its range and
 * the number of its origin, and what it returns. `refined` stands before a range that is narrower than the semantics
 * table alone would give.
 *
 * ```
 * kernel "Gemm_3"
 * origin "" ""
 * origin "Gemm_3" "Gemm"
 * %0 = input {index: 0, bounds: [-128, 127]} : [-128, 127] @1
 * %1 = shiftLeft(%0) {amount: 2} : [-512, 508] @1
 * return (%1)
 * ```
 */
export function printKernel(kernel: Kernel): string {
  const lines: string[] = [];
  kernelLines(kernel, '', lines);
  return finished(lines);
}

/**
 * The text form of a program, which `parseProgram` reads back exactly. `k0` names a kernel; an instance lists the
 * operands of each of its positions: `in.3` is element 3 of the input ports, `i2.0` result 0 of instance 2.
 *
 * ```
 * dataflow 1 "network"
 * input "x" : [ap_fixed<8,4> * 2]
 * k0 = kernel "Gemm_3"
 * …
 * i0 = instance k0 "Gemm_3" @ "Gemm_3" "Gemm"
 *   [in.0]
 *   [in.1]
 * output "y" = [i0.0, i0.1] : [ap_fixed<10,6> * 2]
 * ```
 */
export function printProgram(program: Program): string {
  const lines = [`dataflow ${DATAFLOW_TEXT_VERSION} ${quoted(program.name)}`];
  for (const { name, types } of program.inputs) {
    lines.push(`input ${quoted(name)} : ${printTree(typesCodec.encode(types))}`);
  }
  program.kernels.forEach((kernel, index) => {
    kernelLines(kernel, `k${index} = `, lines);
  });
  program.instances.forEach((instance, index) => {
    instanceLines(instance, index, lines);
  });
  for (const { name, types, elements } of program.outputs) {
    const references = printTree(referencesCodec.encode(elements));
    lines.push(`output ${quoted(name)} = ${references} : ${printTree(typesCodec.encode(types))}`);
  }
  return finished(lines);
}

function kernelLines(kernel: Kernel, prefix: string, lines: string[]): void {
  lines.push(`${prefix}kernel ${quoted(kernel.name)}`);
  for (const origin of kernel.origins) lines.push(`origin ${printOrigin(origin)}`);
  for (const node of kernel.nodes) lines.push(printNode(node, kernel.nodes));
  lines.push(`return (${kernel.outputs.map((id) => `%${id}`).join(', ')})`);
}

function instanceLines(instance: Instance, index: number, lines: string[]): void {
  lines.push(`i${index} = instance k${instance.kernel} ${quoted(instance.name)} @ ${printOrigin(instance.origin)}`);
  for (const position of instance.positions) lines.push(`  ${printTree(referencesCodec.encode(position))}`);
}

/** One line of the text form, without its line break; `nodes` holds at least the operands. */
export function printNode(node: DataflowNode, nodes: readonly DataflowNode[]): string {
  const ids = operands(node);
  const values = node as unknown as Readonly<Record<string, unknown>>;
  const call = ids.length === 0 ? node.kind : `${node.kind}(${ids.map((id) => `%${id}`).join(', ')})`;
  const fields = (layoutOf(node.kind)?.attributes ?? [])
    .map(([name, codec]) => `${name}: ${printTree(codec.encode(values[name]))}`)
    .join(', ');
  const refined = sameInterval(node.range, inferRange(node, nodes)) ? '' : 'refined ';
  const range = `${refined}[${node.range.low}, ${node.range.high}]`;
  return `%${node.id} = ${call}${fields === '' ? '' : ` {${fields}}`} : ${range} @${node.origin}`;
}

function printOrigin({ name, operator }: Origin): string {
  return `${quoted(name)} ${quoted(operator)}`;
}

function quoted(text: string): string {
  return printTree({ text });
}

function finished(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

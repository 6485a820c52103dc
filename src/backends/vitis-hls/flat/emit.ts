import { at, invariant } from '../../../support/invariant.js';
import { commentText, NameTable } from '../../../support/legal-names.js';
import type { Kernel, NodeId } from '../../../dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../../dataflow/program.js';
import { layoutOf } from '../../../dataflow/schema.js';
import { hlsCodes } from '../../../diagnostics/codes/hls.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { codeRange, lsbExponent } from '../../../numeric/fixed-point.js';
import { cppType } from '../cpp-types.js';
import type { HlsForm, HlsPort } from '../emit.js';
import { ConstantArrays, WideConstantError } from '../looped/constants.js';
import type { BlockControl } from '../looped/print-files.js';
import { signature, topHeaderFile, typesFile, weightsFile } from '../looped/print-files.js';
import { widestType } from '../looped/tensor-types.js';
import type { TensorArray } from '../looped/tensors.js';
import { fitsCode } from '../testbench.js';
import { nodeText, signedWidth, wordType } from './node-text.js';

export interface FlatOptions {
  /** Name of the top function: a legal name. */
  readonly top: string;
  /** Lines of `//` comments that begin every file. */
  readonly header: string;
  readonly control: BlockControl;
}

/**
 * Print the optimised program itself on `ap_int`: the operations that the Verilog is made of, one function per kernel.
 * Errors: a port or a constant beyond 64 bits.
 */
export function emitFlat(program: Program, options: FlatOptions): Result<HlsForm> {
  const bag = new DiagnosticBag();
  const names = new NameTable([options.top, 'trigc', 'weights', 'value']);
  const port = (name: string, types: readonly FixedPointType[], size: number): HlsPort => {
    const made = names.fresh(name.toLowerCase());
    const type = widestType(types);
    if (!fitsCode(type)) {
      bag.add(hlsCodes.constantTooWide, `port '${made}' needs ${type.width} bits in one array of C++`);
    }
    const array: TensorArray = {
      name: made,
      typeName: `${made}_t`,
      definition: cppType(type),
      type,
      size,
      row: size,
      comment: name,
    };
    return { name, array, types };
  };
  const inputs = program.inputs.map(({ name, types }) => port(name, types, types.length));
  const outputs = program.outputs.map(({ name, types, elements }) => port(name, types, elements.length));
  const constants = new ConstantArrays((suggestion) => names.fresh(suggestion));
  try {
    const kernels = program.kernels.map((kernel) =>
      printKernel(kernel, names.fresh(kernel.name.toLowerCase()), constants),
    );
    const arrays = [...inputs, ...outputs].map(({ array }) => array);
    const text = {
      ...options,
      transport: 'parallel' as const,
      arrays,
      inputs,
      outputs,
      functions: [],
      weights: constants.text(),
    };
    const { top } = options;
    const source = [
      options.header,
      '',
      `#include "${top}.h"`,
      '',
      `#include "${top}_weights.h"`,
      '#include "trigc/arithmetic.h"',
      '',
      `namespace ${top}_layers {`,
      '',
      `namespace weights = ${top}_weights;`,
      '',
      ...kernels.map(({ lines }) => `${lines.join('\n')}\n`),
      `} // namespace ${top}_layers`,
      '',
      topText(
        program,
        options,
        inputs,
        outputs,
        kernels.map(({ name }) => name),
      ).join('\n'),
      '',
    ].join('\n');
    const files = new Map([
      [`${top}.h`, topHeaderFile(text)],
      [`${top}_types.h`, typesFile(text)],
      [`${top}_weights.h`, weightsFile(text)],
      [`${top}.cpp`, source],
    ]);
    return bag.finish({ files, inputs, outputs });
  } catch (error) {
    if (!(error instanceof WideConstantError)) throw error;
    bag.add(hlsCodes.constantTooWide, error.message, {}, 'give the weights and constants a narrower type');
    return bag.finish({ files: new Map(), inputs: [], outputs: [] });
  }
}

/** A kernel as a function of words: operands by value, results by reference. */
export function printKernel(
  kernel: Kernel,
  name: string,
  constants: ConstantArrays,
): { readonly name: string; readonly lines: readonly string[] } {
  const parameters = [
    ...kernel.inputs.map((id, index) => `${wordType(at(kernel.nodes, id).range)} x${index}`),
    ...kernel.outputs.map((id, index) => `${wordType(at(kernel.nodes, id).range)} &y${index}`),
  ];
  const places = new Map<NodeId, number>(kernel.inputs.map((id, index) => [id, index]));
  const variable = (id: NodeId): string => {
    const place = places.get(id);
    return place === undefined ? `v${id}` : `x${place}`;
  };
  const read = new Set(kernel.outputs);
  for (const node of kernel.nodes) for (const operand of operandIds(node)) read.add(operand);
  const lines = [`${signature(name, parameters)} {`, '#pragma HLS INLINE'];
  let origin = -1;
  for (const [index, id] of kernel.inputs.entries()) if (!read.has(id)) lines.push(`    (void)x${index};`);
  for (const node of kernel.nodes) {
    if (places.has(node.id) || !read.has(node.id)) continue;
    if (node.origin !== origin) {
      origin = node.origin;
      const { operator, name: made } = at(kernel.origins, origin);
      lines.push(`    // ${commentText(`${operator} ${made}`)}`);
    }
    lines.push(`    const ${wordType(node.range)} v${node.id} = ${nodeText(node, kernel, variable, constants)};`);
  }
  for (const [index, id] of kernel.outputs.entries()) lines.push(`    y${index} = ${variable(id)};`);
  return { name, lines: [...lines, '}'] };
}

/** Operands of a node, whatever they are called. */
function operandIds(node: Kernel['nodes'][number]): readonly NodeId[] {
  return (
    layoutOf(node.kind)?.operands.map(
      (field) => (node as unknown as Readonly<Record<string, NodeId>>)[field] ?? node.id,
    ) ?? []
  );
}

/** A function that computes a program, and how it names what stands around it. */
export interface ProgramFunction {
  readonly name: string;
  readonly inputs: readonly HlsPort[];
  readonly outputs: readonly HlsPort[];
  /** Names of the functions of the kernels. */
  readonly kernels: readonly string[];
  /** Namespaces of kernels and of types, with `::`, or nothing. */
  readonly layers: string;
  readonly types: string;
  readonly pragmas: readonly string[];
}

/** The top function: codes out of the ports, the instances in order, codes into the ports. */
function topText(
  program: Program,
  { top, control }: FlatOptions,
  inputs: readonly HlsPort[],
  outputs: readonly HlsPort[],
  kernels: readonly string[],
): readonly string[] {
  const ports = [...inputs, ...outputs].map(({ array }) => array.name);
  const pragmas = [
    ...ports.map((name) => `#pragma HLS ARRAY_RESHAPE variable=${name} complete`),
    `#pragma HLS INTERFACE mode=ap_none port=${ports.join(',')}`,
    `#pragma HLS INTERFACE mode=${control} port=return`,
    '#pragma HLS PIPELINE II=1',
  ];
  const [layers, types] = [`${top}_layers::`, `${top}_types::`];
  return programText(program, { name: top, inputs, outputs, kernels, layers, types, pragmas });
}

/** A program as one function of arrays. */
export function programText(program: Program, of: ProgramFunction): readonly string[] {
  const { inputs, outputs, kernels } = of;
  const parameter = ({ array }: HlsPort, constant: string): string =>
    `${constant}${of.types}${array.typeName} ${array.name}[${array.size}]`;
  const lines = [
    `${signature(of.name, [...inputs.map((port) => parameter(port, 'const ')), ...outputs.map((port) => parameter(port, ''))])} {`,
    ...of.pragmas,
  ];
  const shift = ({ array, types }: HlsPort, element: number): number =>
    lsbExponent(types.length === 1 ? at(types, 0) : at(types, element)) - lsbExponent(array.type);
  const used = new Set(
    [
      ...program.instances.flatMap(({ positions }) => positions.flat()),
      ...program.outputs.flatMap(({ elements }) => elements),
    ].map(valueName),
  );
  let flat = 0;
  for (const [which, { array, types }] of inputs.entries()) {
    const read: boolean[] = [];
    for (let element = 0; element < array.size; element++, flat++) {
      const name = valueName({ instance: PROGRAM_INPUT, index: flat });
      read.push(used.has(name));
      if (!used.has(name)) continue;
      const width = signedWidth(codeRange(types.length === 1 ? at(types, 0) : at(types, element)));
      lines.push(
        `    const ap_int<${width}> ${name} = trigc::word(${array.name}[${element}]) >> ${shift(at(inputs, which), element)};`,
      );
    }
    if (!read.includes(true)) lines.push(`    (void)${array.name}; // not read by the network`);
  }
  for (const [index, instance] of program.instances.entries()) {
    lines.push('', `    // ${commentText(`${instance.origin.operator} ${instance.origin.name}`)}`);
    lines.push(...instanceLines(program, instance, index, `${of.layers}${at(kernels, instance.kernel)}`));
  }
  lines.push('');
  for (const [which, { elements }] of program.outputs.entries()) {
    const port = at(outputs, which);
    for (const [element, reference] of elements.entries()) {
      const target = `${of.types}${port.array.typeName}`;
      lines.push(
        `    ${port.array.name}[${element}] = trigc::from_word<${target}, ${shift(port, element)}>(${valueName(reference)});`,
      );
    }
  }
  return [...lines, '}'];
}

function instanceLines(program: Program, instance: Instance, index: number, name: string): readonly string[] {
  const kernel = kernelOf(program, instance);
  return instance.positions.flatMap((operands, position) => {
    const results = kernel.outputs.map((id, output) => {
      const word = valueName({ instance: index, index: position * kernel.outputs.length + output });
      return { word, text: `    ${wordType(at(kernel.nodes, id).range)} ${word};` };
    });
    invariant(operands.length === kernel.inputs.length, 'an instance has the operands of its kernel');
    const words = [...operands.map(valueName), ...results.map(({ word }) => word)];
    return [...results.map(({ text }) => text), `    ${name}(${words.join(', ')});`];
  });
}

/** `in_3`, or `r2_0`: result 0 of instance 2. */
function valueName({ instance, index }: ValueReference): string {
  return instance === PROGRAM_INPUT ? `in_${index}` : `r${instance}_${index}`;
}

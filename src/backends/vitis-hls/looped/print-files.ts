import { at } from '../../../support/invariant.js';
import { commentText } from '../../../support/legal-names.js';
import type { DenseConfig } from './dense.js';
import { hasSharedArrays } from './estimate.js';
import type { StageFunction } from './print-stage.js';
import type { PortArray, TensorArray } from './tensors.js';

/** How tensors travel: all elements at once, or row after row. */
export const transportNames = ['parallel', 'stream'] as const;
export type Transport = (typeof transportNames)[number];

/** Handshake of the block: none, or ap_start, ap_ready, ap_done and ap_idle. */
export type BlockControl = 'ap_ctrl_none' | 'ap_ctrl_hs';

/** Everything that the files say. */
export interface LoopedText {
  readonly top: string;
  /** Lines of `//` comments that begin every file. */
  readonly header: string;
  readonly transport: Transport;
  readonly control: BlockControl;
  readonly inputs: readonly Pick<PortArray, 'array'>[];
  readonly outputs: readonly Pick<PortArray, 'array'>[];
  readonly arrays: readonly TensorArray[];
  readonly functions: readonly StageFunction[];
  readonly weights: string;
}

function guarded(name: string, header: string, body: string): string {
  const guard = `${name.toUpperCase()}_`;
  return `${header}\n#ifndef ${guard}\n#define ${guard}\n\n${body}\n\n#endif\n`;
}

/** The types of all tensors, by name. */
export function typesFile({ top, header, arrays, transport }: LoopedText): string {
  const lines = arrays.map(({ typeName, definition, comment }) => {
    const text = `typedef ${definition} ${typeName};`;
    return comment === '' ? text : `// ${commentText(comment)}\n${text}`;
  });
  const stream = transport === 'stream' ? '\n#include "trigc/stream.h"' : '';
  const body = `#include "ap_fixed.h"\n#include "ap_int.h"${stream}\n\nnamespace ${top}_types {\n\n${lines.join('\n')}\n\n} // namespace ${top}_types`;
  return guarded(`${top}_types_h`, header, body);
}

/** The integer codes of weights, biases and tables. */
export function weightsFile({ top, header, weights }: LoopedText): string {
  const body = `#include <cstdint>\n\nnamespace ${top}_weights {\n\n${weights}\n\n} // namespace ${top}_weights`;
  return guarded(`${top}_weights_h`, header, body);
}

/** The prototype of the top function. */
export function topHeaderFile(text: LoopedText): string {
  const body = `#include "${text.top}_types.h"\n\n${topPrototype(text)};`;
  return guarded(`${text.top}_h`, text.header, body);
}

function topPrototype({ top, inputs, outputs, transport }: LoopedText): string {
  const of = (array: TensorArray, constant: boolean): string => {
    const type = `${top}_types::${array.typeName}`;
    if (transport === 'stream') return `hls::stream<trigc::row<${type}, ${array.row}> > &${array.name}`;
    return `${constant ? 'const ' : ''}${type} ${array.name}[${array.size}]`;
  };
  const parameters = [...inputs.map(({ array }) => of(array, true)), ...outputs.map(({ array }) => of(array, false))];
  return signature(top, parameters);
}

/** The layers, and the top function that calls them in order. */
export function sourceFile(text: LoopedText): string {
  const { top, header, functions } = text;
  const usesDense = functions.some(({ dense, kernels }) => dense !== undefined && kernels === undefined);
  const includes = [
    `#include "${top}.h"`,
    '',
    `#include "${top}_weights.h"`,
    '#include "trigc/arithmetic.h"',
    ...(usesDense ? ['#include "trigc/dense.h"'] : []),
  ];
  const inner = functions.flatMap((stage) => [
    ...(stage.dense === undefined || stage.kernels !== undefined ? [] : [configText(stage.dense), '']),
    ...(stage.kernels ?? []).flatMap((text) => [text, '']),
    functionText(stage, !(text.transport === 'parallel' && takesTurns(text))),
    '',
  ]);
  const body = text.transport === 'stream' ? streamTop(text) : parallelTop(text);
  return [
    header,
    '',
    ...includes,
    '',
    `namespace ${top}_layers {`,
    '',
    `using namespace ${top}_types;`,
    `namespace weights = ${top}_weights;`,
    '',
    ...inner,
    ...(text.transport === 'stream' ? streamFunctions(text) : []),
    `} // namespace ${top}_layers`,
    '',
    body,
    '',
  ].join('\n');
}

function configText(config: DenseConfig): string {
  const constant = (name: string, value: number): string => `    static const unsigned ${name} = ${value};`;
  const type = (name: string, value: string): string => `    typedef ${value} ${name};`;
  return [
    `struct ${config.name} {`,
    constant('rows', config.rows),
    constant('inputs', config.inputs),
    constant('outputs', config.outputs),
    constant('reuse_factor', config.reuse),
    constant('multipliers', (config.inputs * config.outputs) / config.reuse),
    `    static const bool has_bias = ${String(config.biasType !== '')};`,
    type('strategy', `trigc::${config.strategy}`),
    type('weight_t', config.weightType),
    type('bias_t', config.biasType === '' ? 'ap_ufixed<1, 1>' : config.biasType),
    type('accumulator_t', config.accumulatorType),
    '};',
  ].join('\n');
}

/** In one line where it fits, with a line for each parameter where it does not. */
export function signature(name: string, parameters: readonly string[]): string {
  const line = `void ${name}(${parameters.join(', ')})`;
  return line.length <= 116 ? line : `void ${name}(\n${parameters.map((text) => `    ${text}`).join(',\n')})`;
}

function parameter(array: TensorArray, constant: boolean): string {
  return `${constant ? 'const ' : ''}${array.typeName} ${array.name}[${array.size}]`;
}

function functionText({ name, reads, writes, body, comment }: StageFunction, inlined: boolean): string {
  const parameters = [...reads.map((array) => parameter(array, true)), parameter(writes, false)];
  const lines = body.map((line) => (line.startsWith('#') ? line : `    ${line}`));
  return [
    ...(comment === '' ? [] : [`// ${comment}`]),
    `${signature(name, parameters)} {`,
    inlined ? '#pragma HLS INLINE' : '#pragma HLS INLINE off',
    ...lines,
    '}',
  ].join('\n');
}

function partition(array: TensorArray): string {
  return `#pragma HLS ARRAY_PARTITION variable=${array.name} complete`;
}

/** Is some product made in a loop over turns? Such a design is no pipeline, but a chain of processes. */
function takesTurns({ functions }: LoopedText): boolean {
  return functions.some(({ dense }) => dense?.strategy === 'resource');
}

/** Processes hand an array from one to one other: with more readers there is no dataflow region, and they take turns. */
function regionPragma(text: LoopedText): readonly string[] {
  const { functions } = text;
  if (!takesTurns(text))
    return [`#pragma HLS PIPELINE II=${Math.max(1, ...functions.map(({ dense }) => dense?.reuse ?? 1))}`];
  return hasSharedArrays(functions) ? [] : ['#pragma HLS DATAFLOW'];
}

/** All elements at once: a pipeline of its own where every product is in one turn, a chain of processes otherwise. */
function parallelTop(text: LoopedText): string {
  const { inputs, outputs, functions, control } = text;
  const ports = [...inputs, ...outputs].map(({ array }) => array);
  const written = new Set(ports);
  const lines = [
    `${topPrototype(text)} {`,
    ...ports.map((array) => `#pragma HLS ARRAY_RESHAPE variable=${array.name} complete`),
    `#pragma HLS INTERFACE mode=ap_none port=${ports.map(({ name }) => name).join(',')}`,
    `#pragma HLS INTERFACE mode=${control} port=return`,
    ...regionPragma(text),
  ];
  const read = new Set(functions.flatMap(({ reads }) => reads));
  for (const { array } of inputs) {
    if (!read.has(array)) lines.push(`    (void)${array.name}; // not read by the network`);
  }
  for (const { name, reads, writes } of functions) {
    if (!written.has(writes)) {
      lines.push('', `    ${writes.typeName} ${writes.name}[${writes.size}];`, partition(writes));
    }
    lines.push(`    ${text.top}_layers::${name}(${[...reads, writes].map((array) => array.name).join(', ')});`);
  }
  return [...lines.map((line) => qualify(line, text)), '}'].join('\n');
}

/** Type names are those of a namespace of their own; the top function stands outside of it. */
function qualify(line: string, { top, arrays }: LoopedText): string {
  const match = /^ {4}(\w+) \w+\[\d+\];$/u.exec(line);
  const [, type] = match ?? [];
  return type !== undefined && arrays.some(({ typeName }) => typeName === type)
    ? line.replace(type, `${top}_types::${type}`)
    : line;
}

function streamType(array: TensorArray, prefix = ''): string {
  return `hls::stream<trigc::row<${prefix}${array.typeName}, ${array.row}> >`;
}

/** For each stage, a process that reads whole tensors from streams, computes, and writes its own. */
function streamFunctions({ functions }: LoopedText): string[] {
  return functions.flatMap(({ name, reads, writes }) => {
    const parameters = [...reads, writes].map((array) => `${streamType(array)} &${array.name}_stream`);
    return [
      `${signature(`stream_${writes.name}`, parameters)} {`,
      ...[...reads, writes].flatMap((array) => [
        `    ${array.typeName} ${array.name}[${array.size}];`,
        partition(array),
      ]),
      ...reads.map((array) => `    trigc::read(${array.name}_stream, ${array.name});`),
      `    ${name}(${[...reads, writes].map((array) => array.name).join(', ')});`,
      `    trigc::write(${writes.name}, ${writes.name}_stream);`,
      '}',
      '',
    ];
  });
}

/** Processes that run at the same time, each on another event; a tensor with several readers is forked. */
function streamTop(text: LoopedText): string {
  const { inputs, outputs, functions, control, top } = text;
  const ports = [...inputs, ...outputs].map(({ array }) => array);
  const lines = [
    `${topPrototype(text)} {`,
    ...ports.map((array) => `#pragma HLS INTERFACE mode=axis port=${array.name}`),
    `#pragma HLS INTERFACE mode=${control} port=return`,
    '#pragma HLS DATAFLOW',
  ];
  const readers = new Map<TensorArray, number>();
  for (const { reads } of functions) for (const array of reads) readers.set(array, (readers.get(array) ?? 0) + 1);
  const queue = new Map<TensorArray, string[]>();
  const outputPorts = new Map(outputs.map(({ array }) => [array, array.name]));
  const declare = (name: string, array: TensorArray): void => {
    lines.push(
      `    ${streamType(array, `${top}_types::`)} ${name}("${name}");`,
      `#pragma HLS STREAM variable=${name} depth=${Math.max(2, array.size / array.row)}`,
    );
  };
  /** Make a tensor's stream readable as often as it is read, by the top's output port included. */
  const publish = (array: TensorArray, stream: string, port?: string): void => {
    let left = stream;
    const names: string[] = [];
    const count = (readers.get(array) ?? 0) + (port === undefined ? 0 : 1);
    for (let copy = 1; copy < count; copy++) {
      const last = copy + 1 === count;
      const first = port !== undefined && copy === 1 ? port : `${array.name}_copy_${copy}`;
      const second = last ? `${array.name}_copy_${copy + 1}` : `${array.name}_rest_${copy}`;
      for (const name of [first, second]) if (name !== port) declare(name, array);
      lines.push(`    trigc::fork<${array.size / array.row}>(${left}, ${first}, ${second});`);
      if (first !== port) names.push(first);
      left = second;
    }
    if (left !== port) names.push(left);
    queue.set(array, names);
  };
  for (const { array } of inputs) {
    if (readers.has(array)) publish(array, array.name);
    else lines.push(`    trigc::drain<${array.size / array.row}>(${array.name});`);
  }
  for (const { reads, writes } of functions) {
    const port = outputPorts.get(writes);
    const direct = port !== undefined && !readers.has(writes);
    const stream = direct ? writes.name : `${writes.name}_made`;
    const operands = reads.map((array) => at(queue.get(array) ?? [], 0));
    for (const array of reads) queue.get(array)?.shift();
    if (!direct) declare(stream, writes);
    lines.push(`    ${top}_layers::stream_${writes.name}(${[...operands, stream].join(', ')});`);
    if (!direct) publish(writes, stream, port);
  }
  return [...lines, '}'].join('\n');
}

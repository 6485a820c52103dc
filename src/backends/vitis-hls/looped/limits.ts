import { hlsCodes } from '../../../diagnostics/codes/hls.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../../diagnostics/result.js';
import { intervalWidth, union } from '../../../numeric/interval.js';
import { at } from '../../../support/invariant.js';
import type { DenseConfig } from './dense.js';
import type { Transport } from './print-files.js';
import type { StageFunction } from './print-stage.js';
import type { StagedModel } from './stages.js';
import type { PortArray } from './tensors.js';

/**
 * What the vendor's tools are known to give up on. No guide has these figures; they stand in the messages of the tools,
 * which users have reported to hls4ml:
 *
 * | limit | message | reported |
 * |---|---|---|
 * | 4,096 copies of a loop | XFORM 203-504, "Stop unrolling loop" | hls4ml issues 374, 904, 1013 |
 * | 4,096 elements of an array in registers | XFORM 203-103 (1,024 before it is configured) | hls4ml issues 79, 134, 1157 |
 * | 65,536 bits of a reshaped array | XFORM 203-133 | hls4ml issues 506, 623 |
 * | 4,096 bits of one element of a stream | HLS 214-256, "larger than 4096" | hls4ml issue 1245 |
 *
 * 1,024 bits is what `ap_fixed` holds unless the headers are told otherwise (`AP_INT_MAX_W`, ap_common.h).
 */
export const toolLimits = {
  unrolledProducts: 4096,
  partitionedElements: 4096,
  reshapedBits: 65_536,
  streamBits: 4096,
  typeBits: 1024,
} as const;

/** What the checks read of a printed form. */
export interface LimitedForm {
  readonly transport: Transport;
  readonly inputs: readonly Pick<PortArray, 'array'>[];
  readonly outputs: readonly Pick<PortArray, 'array'>[];
  readonly functions: readonly StageFunction[];
}

/** An error for every tensor that is computed or cast in a type that ap_fixed does not have. */
export function checkTypes({ model, formats }: Pick<StagedModel, 'model' | 'formats'>, bag: DiagnosticBag): void {
  for (const node of model.graph.nodes) {
    const declared = node.kind === 'quantize' || node.kind === 'requantize' ? node.types.map(({ width }) => width) : [];
    const bits = Math.max(intervalWidth(at(formats, node.id).ranges.reduce(union)), ...declared);
    if (bits <= toolLimits.typeBits) continue;
    const { name } = node.provenance;
    const message = `'${printable(name)}' has a type of ${bits} bits, more than the ${toolLimits.typeBits} of ap_fixed`;
    bag.add(hlsCodes.typeLimit, message, { node: name });
  }
}

/** Errors for designs that the tool is known to refuse, or never to finish, each with what to do instead. */
export function checkLimits(form: LimitedForm, bag: DiagnosticBag): void {
  const layers = form.functions.flatMap(({ dense }) => dense ?? []);
  for (const layer of layers) checkLayer(layer, bag);
  if (form.transport === 'stream') checkRows(form, bag);
  else checkPorts(form, bag);
  const arrays = new Map(
    form.functions.flatMap(({ reads, writes }) => [...reads, writes]).map((array) => [array, array]),
  );
  for (const { size, name, comment } of arrays.keys()) {
    if (size <= toolLimits.partitionedElements) continue;
    const message = `array '${name}' has ${size} elements, more than the ${toolLimits.partitionedElements} that the HLS tool keeps in registers`;
    bag.add(hlsCodes.partitionLimit, message, { node: placeOf(comment, name) });
  }
}

function checkLayer({ layer, inputs, outputs, reuse, strategy, weightWidth }: DenseConfig, bag: DiagnosticBag): void {
  const products = inputs * outputs;
  const where = { node: layer };
  if (strategy === 'distributed_arithmetic') return;
  if (strategy === 'latency') {
    if (products <= toolLimits.unrolledProducts) return;
    const message = `'${layer}' has ${products} products in one loop, more than the ${toolLimits.unrolledProducts} that the HLS tool unrolls`;
    bag.add(hlsCodes.unrollLimit, message, where, `declare 'strategy: resource' with a reuse factor for the layer`);
    return;
  }
  const block = products / reuse;
  const least = Math.ceil(products / toolLimits.unrolledProducts);
  if (block > toolLimits.unrolledProducts) {
    const message = `'${layer}' has ${block} products in one turn, more than the ${toolLimits.unrolledProducts} that the HLS tool unrolls`;
    bag.add(hlsCodes.unrollLimit, message, where, `declare a reuse factor of at least ${least} for the layer`);
  }
  const bits = block * weightWidth;
  if (bits > toolLimits.reshapedBits) {
    const message = `the weights of one turn of '${layer}' are a word of ${bits} bits, more than the ${toolLimits.reshapedBits} that the HLS tool reshapes an array to`;
    const enough = Math.ceil((products * weightWidth) / toolLimits.reshapedBits);
    bag.add(
      hlsCodes.wordLimit,
      message,
      where,
      `declare a reuse factor of at least ${enough} for the layer, or a narrower weight type`,
    );
  }
}

/** Rows travel as one word. */
function checkRows({ inputs, outputs, functions }: LimitedForm, bag: DiagnosticBag): void {
  const ports = [...inputs, ...outputs].map(({ array }) => array);
  const arrays = new Set([...ports, ...functions.flatMap(({ reads, writes }) => [...reads, writes])]);
  for (const { name, row, type, comment } of arrays) {
    const bits = row * type.width;
    if (bits <= toolLimits.streamBits) continue;
    const message = `a row of stream '${name}' is a word of ${bits} bits, more than the ${toolLimits.streamBits} that the HLS tool packs`;
    bag.add(
      hlsCodes.wordLimit,
      message,
      { node: placeOf(comment, name) },
      "use 'interface: parallel', or narrower types",
    );
  }
}

/** Parallel ports are arrays reshaped into one word. */
function checkPorts({ inputs, outputs }: LimitedForm, bag: DiagnosticBag): void {
  for (const { array } of [...inputs, ...outputs]) {
    const bits = array.size * array.type.width;
    if (bits <= toolLimits.reshapedBits) continue;
    const message = `port '${array.name}' is a word of ${bits} bits, more than the ${toolLimits.reshapedBits} that the HLS tool reshapes an array to`;
    bag.add(hlsCodes.wordLimit, message, { node: array.name }, "use 'interface: stream', or narrower types");
  }
}

/** Comments are `operator name`, or `input 'name'`. */
function placeOf(comment: string, name: string): string {
  const place = (comment.split(' ').at(-1) ?? '').replace(/'/gu, '');
  return place === '' ? name : place;
}

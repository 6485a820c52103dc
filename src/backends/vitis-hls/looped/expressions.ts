import { at, invariant, InvariantError } from '../../../support/invariant.js';
import { bitLength } from '../../../support/bits.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { fixedPointType, lsbExponent } from '../../../numeric/fixed-point.js';
import { union } from '../../../numeric/interval.js';
import type { TensorFormat } from '../../../model/formats.js';
import { ratioLine } from '../../../lowering/model/ratio-line.js';
import type { Staircase } from '../../../lowering/model/staircase.js';
import { ratioOnCodes } from '../../../numeric/ratio.js';
import type { ModelNode, ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import { elementCount, operandsOf, perElement, ratioOf } from '../../../model/kinds.js';
import { broadcastIndices } from '../../../model/shapes.js';
import { cppQuantizer, cppType, integerLiteral } from '../cpp-types.js';
import type { ConstantArrays } from './constants.js';
import { constantLiteral, constantType } from './constants.js';
import type { StagedModel } from './stages.js';
import { commonType } from './tensor-types.js';

/** An array and, for each position of a stage, which of its elements is read. */
export interface Access {
  /** Text before the index, such as `sum`, and after it. */
  readonly print: (index: string) => string;
  readonly map: Int32Array;
}

/** An expression over the elements of arrays: text once the index of each access is known. */
export interface Expression {
  readonly accesses: readonly Access[];
  readonly print: (indices: readonly string[]) => string;
}

/** What expressions need to know of the names around them. */
export interface Scope {
  readonly staged: StagedModel;
  /** C++ name of a computed tensor. */
  readonly tensor: (id: ModelNodeId) => string;
  readonly constants: ConstantArrays;
}

export function literal(text: string): Expression {
  return { accesses: [], print: () => text };
}

/** The text of several expressions put together. */
export function combine(parts: readonly Expression[], print: (...texts: string[]) => string): Expression {
  return {
    accesses: parts.flatMap(({ accesses }) => accesses),
    print: (indices) => {
      let next = 0;
      const texts = parts.map((part) => {
        const own = indices.slice(next, next + part.accesses.length);
        next += part.accesses.length;
        return part.print(own);
      });
      return print(...texts);
    },
  };
}

/** Element `map[position]` of a tensor of the graph. */
export function elementOf(scope: Scope, id: ModelNodeId, map: Int32Array): Expression {
  const { views, isInlined } = scope.staged;
  const constant = views.constantOf(id);
  if (constant !== undefined) return constantElement(scope, id, map);
  const view = views.of(id);
  const source = map.map((index) => at(view.map, index));
  if (isInlined(view.source)) return valueOf(scope, view.source, source);
  const name = scope.tensor(view.source);
  return { accesses: [{ print: (index) => `${name}[${index}]`, map: source }], print: ([index]) => index ?? '' };
}

function constantElement(scope: Scope, id: ModelNodeId, map: Int32Array): Expression {
  const constant = scope.staged.views.constantOf(id);
  invariant(constant !== undefined, 'asked for a constant');
  const used = new Set(Array.from(map, (index) => at(constant.codes, index)));
  if (used.size === 1) return literal(constantLiteral(constant, at(map, 0)));
  const { provenance } = at(scope.staged.model.graph.nodes, id);
  const name = scope.constants.codes(constant.codes, suggestionOf(provenance.name), constantType(constant));
  const print = (index: string): string => `trigc::from_code<${constantType(constant)}>(${name}[${index}])`;
  return { accesses: [{ print, map }], print: ([index]) => index ?? '' };
}

function suggestionOf(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/u)
    .slice(-3)
    .join('_')
    .toLowerCase();
}

/** The value of a node that computes element by element, at its elements map[position]: exact, not yet in its type. */
export function valueOf(scope: Scope, id: ModelNodeId, map: Int32Array): Expression {
  const { graph, accumulatorOf } = scope.staged.model;
  const node = at(graph.nodes, id);
  const operands = operandsOf(node).map((operand) => {
    const { shape } = at(graph.nodes, operand);
    if (elementCount(shape) === elementCount(node.shape)) return elementOf(scope, operand, map);
    const broadcast = broadcastIndices(shape, node.shape);
    return elementOf(
      scope,
      operand,
      map.map((index) => at(broadcast, index)),
    );
  });
  const exact = cppType(commonType(at(scope.staged.formats, id)));
  if (node.kind === 'quantize' || node.kind === 'round') {
    const element = node.kind === 'quantize' ? at(map, 0) : 0;
    const lsb = node.kind === 'quantize' ? lsbExponent(perElement(node.types, element)) : 0;
    const operand = widened(at(operands, 0), at(scope.staged.formats, node.operand), lsb);
    return combine([operand], operatorText(scope, node, exact, map));
  }
  const accumulator = accumulatorOf(id);
  if (accumulator !== undefined && (node.kind === 'add' || node.kind === 'subtract')) {
    const type = cppQuantizer(accumulator);
    const sign = node.kind === 'add' ? '+' : '-';
    return combine(operands, (left, right) => `${type}(${type}(${left}) ${sign} ${type}(${right}))`);
  }
  return combine(operands, operatorText(scope, node, exact, map));
}

/**
 * An operand of a rounding to 2^lsb. The vendor's headers read the bit below the result's last one from the operand's own
 * word, and fail where that has no such bit: a word that is rounded away as a whole is given more.
 */
export function widened(operand: Expression, format: TensorFormat, lsb: number): Expression {
  const { width } = commonType(format);
  const dropped = lsb - format.lsb;
  if (dropped < width) return operand;
  const wide = cppType(fixedPointType(true, dropped + 2, dropped + 2 + format.lsb));
  return combine([operand], (text) => `${wide}(${text})`);
}

function operatorText(scope: Scope, node: ModelNode, exact: string, map: Int32Array): (...texts: string[]) => string {
  switch (node.kind) {
    case 'add':
      return (left, right) => `(${left} + ${right})`;
    case 'subtract':
      return (left, right) => `(${left} - ${right})`;
    case 'multiply':
      return (left, right) => `(${left} * ${right})`;
    case 'minimum':
    case 'maximum':
      return (left, right) => `trigc::${node.kind}<${exact}>(${left}, ${right})`;
    case 'lessThan':
      return (left, right) => `trigc::less(${left}, ${right})`;
    case 'equal':
      return (left, right) => `trigc::equal(${left}, ${right})`;
    case 'select':
      return (condition, whenTrue, whenFalse) => `trigc::select<${exact}>(${condition}, ${whenTrue}, ${whenFalse})`;
    case 'negate':
      return (operand) => `(-${operand})`;
    case 'absolute':
    case 'relu':
      return (operand) => `trigc::${node.kind}<${exact}>(${operand})`;
    case 'bipolar':
      return (operand) => `trigc::bipolar(${operand})`;
    case 'round':
      return quantizeText(node.rounding, cppQuantizer({ type: exactType(scope, node), ...node, overflow: 'WRAP' }));
    case 'quantize': {
      const type = perElement(node.types, at(map, 0));
      return quantizeText(node.rounding, cppQuantizer({ ...node, type }));
    }
    case 'requantize':
      return requantizeText(scope, node, map);
    case 'bits':
      return fieldText(node, map);
    case 'table':
      return tableText(scope, node);
    default:
      throw new InvariantError(`'${node.kind}' is not computed element by element`);
  }
}

function exactType(scope: Scope, node: ModelNode): FixedPointType {
  return commonType(at(scope.staged.formats, node.id));
}

/** A cast; the two roundings that the vendor has no mode for are functions. */
function quantizeText(rounding: string, type: string): (operand: string) => string {
  if (rounding === 'CEIL') return (operand) => `trigc::round_up<${type} >(${operand})`;
  if (rounding === 'AWAY') return (operand) => `trigc::round_away<${type} >(${operand})`;
  return (operand) => `${type}(${operand})`;
}

/** A ratio without a division: along a line that gives its floor, or the rounded ratio itself. */
function requantizeText(scope: Scope, node: ModelNodeOf<'requantize'>, map: Int32Array): (operand: string) => string {
  const element = at(map, 0);
  const operand = at(scope.staged.formats, node.operand);
  const type = perElement(node.types, element);
  const ratio = ratioOnCodes(ratioOf(node, element), operand.lsb, lsbExponent(type));
  const domain = operand.ranges.reduce((all, range) => union(all, range), at(operand.ranges, 0));
  const target = cppQuantizer({ ...node, type });
  const from = cppType(commonType(operand));
  const found = ratioLine(ratio, domain, node.rounding);
  const reach = Math.max(size(domain.low), size(domain.high), 1);
  const widthFor = ({ multiplier, addend }: Pick<Staircase, 'multiplier' | 'addend'>): number =>
    Math.max(reach + size(multiplier), size(addend)) + 2;
  if (found.kind === 'constant') {
    const width = Math.max(2, size(found.value) + 1);
    return (text) => `trigc::constant<${target}, ${width}>(${text}, ${integerLiteral(found.value)})`;
  }
  const { multiplier, addend, shift } = found.line;
  const line = [multiplier, addend, BigInt(shift)].map(integerLiteral).join(', ');
  const fits = size(multiplier) < 64 && size(addend) < 64;
  if (found.kind === 'line' && fits) {
    return (text) => `trigc::along_line<${target}, ${widthFor(found.line)}>(${from}(${text}), ${line})`;
  }
  const { numerator, offset, denominator } = ratio;
  const width = Math.max(
    widthFor({ multiplier: numerator, addend: offset }) + size(denominator) + 1,
    fits ? widthFor(found.line) + size(denominator) : 0,
  );
  const numbers = [numerator, offset, denominator].map(integerLiteral).join(', ');
  const call = `trigc::requantize<${target}, ${width}, trigc::${node.rounding}>`;
  return (text) => `${call}(${from}(${text}), ${fits ? `${numbers}, ${line}` : numbers})`;
}

function size(value: bigint): number {
  return bitLength(value < 0n ? -value : value);
}

function fieldText(node: ModelNodeOf<'bits'>, map: Int32Array): (operand: string) => string {
  const element = at(map, 0);
  const type = cppType(perElement(node.types, element));
  return (operand) => `trigc::field<${type} >(${operand}, ${perElement(node.lows, element)})`;
}

function tableText(scope: Scope, node: ModelNodeOf<'table'>): (operand: string) => string {
  const name = scope.constants.codes(node.codes, `${suggestionOf(node.provenance.name)}_table`, cppType(node.type));
  const { lsb, first } = node;
  return (operand) =>
    `trigc::lookup<${cppType(node.type)}, ${lsb}>(${name}, ${integerLiteral(first)}, ${node.codes.length}, ${operand})`;
}

/** Runs of positions whose element needs the same text: where types, fields or factors differ between elements. */
export function uniformRuns(node: ModelNode): readonly { readonly start: number; readonly end: number }[] {
  const size = elementCount(node.shape);
  const key = (element: number): string => {
    switch (node.kind) {
      case 'quantize':
        return cppType(perElement(node.types, element));
      case 'bits':
        return `${cppType(perElement(node.types, element))} ${perElement(node.lows, element)}`;
      case 'requantize': {
        const { numerator, offset, denominator } = ratioOf(node, element);
        return `${cppType(perElement(node.types, element))} ${numerator} ${offset} ${denominator}`;
      }
      default:
        return '';
    }
  };
  const runs: { start: number; end: number }[] = [];
  for (let element = 0; element < size; element++) {
    const last = runs.at(-1);
    if (last !== undefined && key(last.start) === key(element)) last.end = element + 1;
    else runs.push({ start: element, end: element + 1 });
  }
  return runs;
}

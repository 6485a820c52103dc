import { typingCodes } from '../../../diagnostics/codes/typing.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../../diagnostics/result.js';
import { dyadicFromNumber, dyadicToNumber } from '../../../numeric/dyadic.js';
import type { FixedPointType, Quantizer } from '../../../numeric/fixed-point.js';
import { codeRange, fixedPointType, lsbExponent } from '../../../numeric/fixed-point.js';
import { intervalWidth, max, union } from '../../../numeric/interval.js';
import { roundShift } from '../../../numeric/rounding.js';
import { at } from '../../../support/invariant.js';
import type { ModelBuilder } from '../../../model/builder.js';
import type { TensorFormat } from '../../../model/formats.js';
import { formatOf } from '../../../model/formats.js';
import type { ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import type { OperandRange } from './function-curve.js';
import { functionRange } from './function-curve.js';
import type { FunctionForm } from './function-form.js';
import { chooseForm, describeForm, emitForm, shortNumber } from './function-form.js';
import type { TableLimits } from './function-table.js';
import { defaultLimits } from './function-table.js';
import type { TableDeclaration } from './hls4ml-table.js';
import { addressType, checkTableDeclaration, hls4mlTable } from './hls4ml-table.js';

export interface TableOptions {
  readonly limits?: TableLimits;
  /** Tables that are declared for single nodes, by ONNX name. */
  readonly declared?: (node: string) => TableDeclaration | undefined;
}

/** Narrower inner values are not worth their name. */
const FEWEST_BITS = 4;

/** Replaces `function` nodes by tables while a graph is typed: what goes before them has its types already. */
export class Tabulator {
  private readonly formats: TensorFormat[] = [];
  private readonly known = new Map<string, FunctionForm>();

  public constructor(
    private readonly builder: ModelBuilder,
    private readonly options: TableOptions,
    private readonly bag: DiagnosticBag,
  ) {}

  public declaration(node: ModelNodeOf<'function'>): TableDeclaration | undefined {
    return this.options.declared?.(node.provenance.name);
  }

  /** All values of all elements of a typed node. */
  private rangeOf(id: ModelNodeId): OperandRange {
    const graph = this.builder.finish();
    for (let next = this.formats.length; next <= id; next++) {
      this.formats.push(formatOf(at(graph.nodes, next), graph, this.formats));
    }
    const { lsb, ranges } = at(this.formats, id);
    return { lsb, codes: ranges.reduce(union) };
  }

  /** The function in the given type: one table for all elements, or straight pieces where a table is too coarse. */
  public add(node: ModelNodeOf<'function'>, operand: ModelNodeId, result: Quantizer, share = 0): ModelNodeId {
    const range = this.rangeOf(operand);
    const key = JSON.stringify([
      node.function,
      node.parameters,
      node.scale,
      node.offset,
      range.lsb,
      `${range.codes.low},${range.codes.high}`,
      result,
      share,
    ]);
    const limits = this.options.limits ?? defaultLimits;
    const form =
      this.known.get(key) ??
      chooseForm(node, range, result, { limits, share, lines: this.fits(node, operand, result) });
    this.known.set(key, form);
    this.bag.add(typingCodes.functionTable, describeForm(node, result.type, range, form), {
      node: printable(node.provenance.name),
    });
    this.warnDomain(node, range, form.undefinedReached);
    return emitForm(this.builder, operand, range, form, result, node.provenance);
  }

  /** A table that hls4ml's configuration declares, with hls4ml's address; undefined, and reported, if it cannot be. */
  public addDeclared(
    node: ModelNodeOf<'function'>,
    operand: ModelNodeId,
    declaration: TableDeclaration,
  ): ModelNodeId | undefined {
    if (!checkTableDeclaration(node.function, declaration, node.provenance.name, this.bag)) return undefined;
    const { lsb, first, type, codes } = hls4mlTable(node.function, declaration);
    const { lsb: from, codes: range } = this.rangeOf(operand);
    let address = operand;
    if (from < lsb) {
      const types = [addressType(lsb, intervalWidth(range) + from)];
      const fields = { operand, types, rounding: 'TRN_ZERO', overflow: 'SAT' } as const;
      address = this.builder.add('quantize', fields, node.provenance);
    }
    return this.builder.add('table', { operand: address, lsb, first, type, codes }, node.provenance);
  }

  /**
   * A type that holds the values which the function takes on this operand, with the given LSB; a coarser one where that
   * takes more than `mostBits`.
   */
  public fittedType(
    node: ModelNodeOf<'function'>,
    operand: ModelNodeId,
    lsb: number,
    mostBits: number,
  ): FixedPointType {
    const { low, high } = functionRange(node, this.rangeOf(operand));
    const signed = low < 0;
    for (let integer = Math.ceil(Math.log2(Math.max(-low, high, 2 ** -1000))) + (signed ? 1 : 0); ; integer++) {
      const width = Math.min(Math.max(integer - lsb, FEWEST_BITS), mostBits);
      const type = fixedPointType(signed, width, integer);
      if (holds(type, low) && holds(type, high)) return type;
    }
  }

  /** Largest magnitude of the values of a typed node. */
  public largest(id: ModelNodeId): number {
    const { lsb, codes } = this.rangeOf(id);
    return dyadicToNumber({ code: max(codes.high, -codes.low), lsb });
  }

  /** Can the entries go directly into a type that the graph asks for after the function? Wrapping is no function. */
  public fits(node: ModelNodeOf<'function'>, operand: ModelNodeId, { type, overflow }: Quantizer): boolean {
    if (overflow === 'SAT' || overflow === 'SAT_SYM') return true;
    const { low, high } = functionRange(node, this.rangeOf(operand));
    return holds(type, low) && holds(type, high);
  }

  private warnDomain(node: ModelNodeOf<'function'>, { lsb, codes }: OperandRange, reached: boolean): void {
    if (!reached) return;
    const reach = `${shortNumber(Number(codes.low) * 2 ** lsb)} to ${shortNumber(Number(codes.high) * 2 ** lsb)}`;
    const message = `${node.function}: its operand can be from ${reach}`;
    this.bag.add(typingCodes.functionDomain, message, { node: printable(node.provenance.name) });
  }
}

function holds(type: FixedPointType, value: number): boolean {
  const { low, high } = codeRange(type);
  const { code, lsb } = dyadicFromNumber(value);
  const rounded = roundShift(code, lsbExponent(type) - lsb, 'RND_CONV');
  return rounded >= low && rounded <= high;
}

import { typingCodes } from '../../diagnostics/codes/typing.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../diagnostics/result.js';
import { dyadicFromNumber } from '../../numeric/dyadic.js';
import type { FixedPointType, Quantizer } from '../../numeric/fixed-point.js';
import { codeRange, fixedPointType, lsbExponent, printType } from '../../numeric/fixed-point.js';
import { intervalWidth, union } from '../../numeric/interval.js';
import { roundShift } from '../../numeric/rounding.js';
import { at } from '../../support/invariant.js';
import type { ModelBuilder } from '../../model/builder.js';
import type { TensorFormat } from '../../model/formats.js';
import { formatOf } from '../../model/formats.js';
import type { ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import type { FunctionTable, OperandRange, TableLimits } from './function-table.js';
import { defaultLimits, functionRange, tabulateFunction } from './function-table.js';
import type { TableDeclaration } from './hls4ml-table.js';
import { addressType, checkTableDeclaration, hls4mlTable } from './hls4ml-table.js';

export interface TableOptions {
  readonly limits?: TableLimits;
  /** Tables that are declared for single nodes, by ONNX name. */
  readonly declared?: (node: string) => TableDeclaration | undefined;
}

/** Replaces `function` nodes by tables while a graph is typed: what goes before them has its types already. */
export class Tabulator {
  private readonly formats: TensorFormat[] = [];
  private readonly known = new Map<string, FunctionTable>();

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

  /** A table with the given type of entries: one entry is right for every element. */
  public add(node: ModelNodeOf<'function'>, operand: ModelNodeId, result: Quantizer): ModelNodeId {
    const range = this.rangeOf(operand);
    const key = JSON.stringify([
      node.function,
      node.parameters,
      node.scale,
      node.offset,
      range.lsb,
      `${range.codes.low},${range.codes.high}`,
      result,
    ]);
    const table = this.known.get(key) ?? tabulateFunction(node, range, result, this.options.limits ?? defaultLimits);
    this.known.set(key, table);
    const { lsb, first, codes } = table;
    this.report(node, range, result.type, table);
    return this.builder.add('table', { operand, lsb, first, type: result.type, codes }, node.provenance);
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

  /** A type of the given width whose binary point suits the values that the function takes on this operand. */
  public fittedType(node: ModelNodeOf<'function'>, operand: ModelNodeId, width: number): FixedPointType {
    const { low, high } = functionRange(node, this.rangeOf(operand));
    const signed = low < 0;
    for (let integer = Math.ceil(Math.log2(Math.max(-low, high, 2 ** -1000))) + (signed ? 1 : 0); ; integer++) {
      const type = fixedPointType(signed, width, integer);
      if (holds(type, low) && holds(type, high)) return type;
    }
  }

  /** Can the entries go directly into a type that the graph asks for after the function? Wrapping is no function. */
  public fits(node: ModelNodeOf<'function'>, operand: ModelNodeId, { type, overflow }: Quantizer): boolean {
    if (overflow === 'SAT' || overflow === 'SAT_SYM') return true;
    const { low, high } = functionRange(node, this.rangeOf(operand));
    return holds(type, low) && holds(type, high);
  }

  private report(node: ModelNodeOf<'function'>, range: OperandRange, type: FixedPointType, table: FunctionTable): void {
    const where = { node: printable(node.provenance.name) };
    const unit = 2 ** lsbExponent(type);
    const from = Number(table.first) * 2 ** table.lsb;
    const to = (Number(table.first) + table.codes.length - 1) * 2 ** table.lsb;
    const shared = table.lsb > range.lsb ? `, one for ${2 ** (table.lsb - range.lsb)} values` : '';
    const count = table.codes.length;
    this.bag.add(
      typingCodes.functionTable,
      `${node.function}: ${count} ${count === 1 ? 'entry' : 'entries'} of ${printType(type)} from ${short(from)} to ${short(to)}${shared}; at most ${short(table.error)} (${short(table.error / unit)} LSB) from the function`,
      where,
    );
    if (!table.undefinedReached) return;
    const reach = `${short(Number(range.codes.low) * 2 ** range.lsb)} to ${short(Number(range.codes.high) * 2 ** range.lsb)}`;
    this.bag.add(typingCodes.functionDomain, `${node.function}: its operand can be from ${reach}`, where);
  }
}

function holds(type: FixedPointType, value: number): boolean {
  const { low, high } = codeRange(type);
  const { code, lsb } = dyadicFromNumber(value);
  const rounded = roundShift(code, lsbExponent(type) - lsb, 'RND_CONV');
  return rounded >= low && rounded <= high;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

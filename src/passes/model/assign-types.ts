import { typingCodes } from '../../diagnostics/codes/typing.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag, failure } from '../../diagnostics/result.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import type { FixedPointType, Quantizer } from '../../numeric/fixed-point.js';
import { codeRange, lsbExponent, printQuantizer, printType, sameQuantizer } from '../../numeric/fixed-point.js';
import type { Interval } from '../../numeric/interval.js';
import { intersect } from '../../numeric/interval.js';
import { quantizeCode, roundShift } from '../../numeric/rounding.js';
import { invariant } from '../../support/invariant.js';
import { ModelBuilder } from '../../model/builder.js';
import type { ModelGraph, ModelNode, ModelNodeId, ModelNodeOf } from '../../model/kinds.js';
import { elementCount, operandsOf, perElement, uniformQuantizer } from '../../model/kinds.js';
import { copyNode } from './copy-node.js';
import { firstQuantizers } from './input-types.js';
import type { LayerDeclarations } from './layers/declaration.js';
import type { PrecisionPlan } from './precision/plan.js';
import { compact, portTypes } from './port-types.js';
import type { PortScale, ScaledPort } from './scaled-inputs.js';
import { scaledPort } from './scaled-inputs.js';
import { usersOf } from './structure.js';
import type { TableOptions } from './functions/tabulate.js';
import { Tabulator } from './functions/tabulate.js';
import { wantedPrecision } from './functions/wanted-precision.js';

/** What the user declares of one element of an input port. */
export interface ElementDeclaration {
  /** Rounding and overflow serve `--input-policy quantise`. */
  readonly type?: Quantizer;
  /** Promised real values; a constant is a range of one value. */
  readonly promise?: { readonly low: Dyadic; readonly high: Dyadic };
}

export interface TypingOptions {
  /** The declarations of an input, one per element; problems with them go into the bag. */
  readonly inputs: (name: string, count: number, bag: DiagnosticBag) => readonly ElementDeclaration[];
  /** Called once with the names of the ports, to report declarations of ports that do not exist. */
  readonly checkNames: (inputs: readonly string[], outputs: readonly string[], bag: DiagnosticBag) => void;
  readonly outputs: ReadonlyMap<string, Quantizer>;
  readonly default: Quantizer;
  /** For float weights; `default` where absent. */
  readonly weights?: Quantizer;
  /** Outputs whose final activation is left out. */
  readonly dropActivations?: ReadonlySet<string>;
  /** Types found from data, by site of the folded graph. */
  readonly precision?: PrecisionPlan;
  /** Types of single layers. */
  readonly layers?: LayerDeclarations;
  /** How functions become tables. */
  readonly tables?: TableOptions;
  /** Told of every node that takes the default type: an input, a function, or a tensor that is brought to it. */
  readonly defaultTaken?: (node: ModelNodeId) => void;
  /** Told of every input whose port holds the integers of its quantiser. */
  readonly scaledPort?: (name: string, scale: PortScale) => void;
}

/** Typing without any declaration. */
export function undeclared(fallback: Quantizer): TypingOptions {
  return {
    inputs: (_, count) => Array.from({ length: count }, () => ({})),
    checkNames: () => undefined,
    outputs: new Map(),
    default: fallback,
  };
}

/**
 * Give every input, constant and output of an imported graph its fixed-point type; the ports are fixed from here on.
 *
 * - An input takes its declared types, else those of its first quantiser, else the default.
 * - Float operands of matrix products take the weight type. Other float constants stay exact where a quantiser of the
 *   graph or a comparison follows on every path (it absorbs them), and take the default where none does.
 * - A tensor that descends from default-typed data is brought to the default type where it enters a product or leaves
 *   through a port. All other tensors stay exact accumulators.
 */
export function assignTypes(graph: ModelGraph, options: TypingOptions): Result<ModelGraph> {
  const bag = new DiagnosticBag();
  options.checkNames(
    graph.nodes.filter((node) => node.kind === 'input').map((node) => node.name),
    graph.outputs.map((output) => output.name),
    bag,
  );
  const typing = new Typing(graph, options, bag);
  const typed = typing.run();
  return typed === undefined ? failure(bag.diagnostics) : bag.finish(typed);
}

/** Inner values of a larger operator have at most so many times the bits of the default type. */
const MOST_INNER_WIDTHS = 2;

class Typing {
  private readonly builder: ModelBuilder;
  private readonly mapped: ModelNodeId[] = [];
  /** By old node: does the tensor descend from default-typed data? */
  private readonly isFloat: boolean[] = [];
  private readonly quantized = new Map<ModelNodeId, ModelNodeId>();
  /** By old node: a constant, or elements of a constant that were only moved. They have their type already. */
  private readonly isConstant: boolean[] = [];
  /** By old node: an input whose port holds the integers of its quantiser, or elements of one that were only moved. */
  private readonly quantizedPorts: boolean[] = [];
  private readonly users: readonly (readonly ModelNode[])[];
  private readonly absorbed: readonly boolean[];
  private readonly defaulted: string[] = [];
  private readonly tabulator: Tabulator;
  /** Old nodes whose result has few enough bits for products. */
  private readonly compact = new Set<ModelNodeId>();
  private readonly outputs: ReadonlySet<ModelNodeId>;
  private readonly portQuantizers: ReadonlyMap<ModelNodeId, Quantizer>;

  public constructor(
    private readonly graph: ModelGraph,
    private readonly options: TypingOptions,
    private readonly bag: DiagnosticBag,
  ) {
    this.builder = new ModelBuilder(graph.name);
    this.outputs = new Set(graph.outputs.map((output) => output.node));
    this.portQuantizers = new Map(
      graph.outputs.map(({ name, node }) => [node, options.outputs.get(name) ?? options.default]),
    );
    this.users = usersOf(graph, operandsOf);
    this.absorbed = quantiserFollows(graph);
    this.tabulator = new Tabulator(this.builder, options.tables ?? {}, bag);
  }

  public run(): ModelGraph | undefined {
    for (const node of this.graph.nodes) {
      this.isFloat.push(operandsOf(node).some((id) => this.isFloat[id]));
      this.isConstant.push(node.kind === 'constant' || (isMove(node) && this.isConstant[node.operand] === true));
      this.quantizedPorts[node.id] = isMove(node) && this.quantizedPorts[node.operand] === true;
      this.mapped.push(this.typeNode(node));
    }
    if (this.bag.hasErrors) return undefined;
    for (const output of this.graph.outputs) {
      let id = this.map(output.node);
      const declared = this.options.outputs.get(output.name);
      if (declared !== undefined) id = this.quantize(id, declared);
      else if (this.isFloat[output.node] === true) id = this.toDefault(output.node);
      this.builder.output(output.name, id);
    }
    this.noteDefaults();
    const untypedPorts = this.builder.finish();
    const types = portTypes(untypedPorts, this.bag);
    if (types === undefined) return undefined;
    return {
      ...untypedPorts,
      outputs: untypedPorts.outputs.map((output, index) => ({ ...output, types: types[index] ?? [] })),
    };
  }

  private map(id: ModelNodeId): ModelNodeId {
    const mapped = this.mapped[id];
    invariant(mapped !== undefined, `node ${id} is used before it is typed`);
    return mapped;
  }

  private typeNode(node: ModelNode): ModelNodeId {
    switch (node.kind) {
      case 'input':
        return this.typeInput(node);
      case 'constant':
        return this.typeConstant(node);
      case 'requantize':
        this.isFloat[node.id] = false;
        // The port holds what this quantiser would give.
        if (this.quantizedPorts[node.operand] === true) return this.map(node.operand);
        return this.copy(node, (id) => this.map(id));
      case 'quantize':
        this.isFloat[node.id] = false;
        return this.copy(node, (id) => this.map(id));
      case 'lessThan':
      case 'equal':
        // 0 or 1, whatever was compared.
        this.isFloat[node.id] = false;
        return this.copy(node, (id) => this.map(id));
      case 'matmul':
        return this.copy(node, (id) => this.productOperand(id));
      case 'multiply': {
        const computed = [node.left, node.right].every((id) => this.graph.nodes[id]?.kind !== 'constant');
        return this.copy(node, (id) => (computed ? this.productOperand(id) : this.map(id)));
      }
      case 'function':
        return this.typeFunction(node);
      case 'quantizeDefault':
        return this.typeEntering(node);
      default:
        return this.copy(node, (id) => this.map(id));
    }
  }

  /**
   * A table: with the declared entries, else in the type of the quantiser that alone reads it, else in the default; an
   * inner value of a larger operator in a type of the default's width that fits its values.
   */
  private typeFunction(node: ModelNodeOf<'function'>): ModelNodeId {
    const operand = this.map(node.operand);
    const { default: fallback } = this.options;
    const declared = this.tabulator.declaration(node);
    if (declared !== undefined) {
      this.isFloat[node.id] = false;
      return this.tabulator.addDeclared(node, operand, declared) ?? operand;
    }
    if (node.fitted) {
      return this.typeInnerFunction(node, operand);
    }
    const next = this.quantizerAfter(node);
    if (next !== undefined && this.tabulator.fits(node, operand, next)) {
      this.isFloat[node.id] = false;
      return this.tabulator.add(node, operand, next);
    }
    this.isFloat[node.id] = true;
    this.compact.add(node.id);
    this.takeDefault(node.id, `the result of '${nameOf(node)}'`);
    return this.tabulator.add(node, operand, fallback);
  }

  /** As fine as what reads it needs; an operator that computes with rounded functions gives a float tensor. */
  private typeInnerFunction(node: ModelNodeOf<'function'>, operand: ModelNodeId): ModelNodeId {
    const { width } = this.options.default.type;
    this.isFloat[node.id] = true;
    this.compact.add(node.id);
    const { lsb, factor } = wantedPrecision(
      {
        graph: this.graph,
        users: this.users,
        portTypes: this.portQuantizers,
        default: this.options.default,
        largest: (id) => this.largest(id),
      },
      node.id,
    );
    const type = this.tabulator.fittedType(node, operand, lsb, MOST_INNER_WIDTHS * width);
    // What saturates in the default type is known to its last place.
    const share = factor ? 2 ** -width : 0;
    return this.tabulator.add(node, operand, { type, rounding: 'RND_CONV', overflow: 'SAT' }, share);
  }

  /** Largest magnitude of the values of an old node that has its types already. */
  private largest(id: ModelNodeId): number | undefined {
    const typed = this.mapped[id];
    return typed === undefined ? undefined : this.tabulator.largest(typed);
  }

  /** A float tensor takes the default type here, and what is computed from it is exact. */
  private typeEntering(node: ModelNodeOf<'quantizeDefault'>): ModelNodeId {
    const entered = this.productOperand(node.operand);
    this.isFloat[node.id] = false;
    return entered;
  }

  /** The quantiser of every reader, where they agree and no port reads the tensor. */
  private quantizerAfter(node: ModelNode): Quantizer | undefined {
    const readers = this.users[node.id] ?? [];
    const quantizers = readers.map((reader) => (reader.kind === 'quantize' ? uniformQuantizer(reader) : undefined));
    const [first] = quantizers;
    if (first === undefined || this.outputs.has(node.id)) return undefined;
    return quantizers.every((other) => other !== undefined && sameQuantizer(first, other)) ? first : undefined;
  }

  /** A float tensor enters a product in the default type, so that widths do not grow from layer to layer. */
  private productOperand(id: ModelNodeId): ModelNodeId {
    if (this.isFloat[id] !== true || this.isConstant[id] === true || this.compact.has(id)) return this.map(id);
    return this.graph.nodes[id]?.kind === 'input' ? this.map(id) : this.toDefault(id);
  }

  /**
   * The node in the default type. What only moves elements, as the windows of a convolution do, moves the typed ones: an
   * element that stands in several windows is rounded once. Iterative: such nodes may form long chains.
   */
  private toDefault(id: ModelNodeId): ModelNodeId {
    const open = [id];
    for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
      const missing = this.floatSources(current).filter((source) => !this.quantized.has(source));
      if (missing.length > 0 && !this.quantized.has(current)) {
        for (const source of missing) open.push(source);
        continue;
      }
      open.pop();
      if (!this.quantized.has(current)) this.quantized.set(current, this.makeDefault(current));
    }
    const made = this.quantized.get(id);
    invariant(made !== undefined, `node ${id} has not been brought to the default type`);
    return made;
  }

  private makeDefault(id: ModelNodeId): ModelNodeId {
    const node = this.graph.nodes[id];
    invariant(node !== undefined, `no node ${id}`);
    if (node.kind === 'input') return this.map(id);
    if (this.floatSources(id).length > 0) {
      return this.copy(node, (operand) => this.quantized.get(operand) ?? this.map(operand));
    }
    this.takeDefault(id, `the result of '${nameOf(node)}'`);
    return this.quantize(this.map(id), this.options.default);
  }

  private takeDefault(id: ModelNodeId, name: string): void {
    this.defaulted.push(name);
    this.options.defaultTaken?.(id);
  }

  /** For a node that only moves elements, its operands that are float; a concatenation may hold zeros besides. */
  private floatSources(id: ModelNodeId): readonly ModelNodeId[] {
    const node = this.graph.nodes[id];
    if (node === undefined || (!isMove(node) && node.kind !== 'concat')) return [];
    const sources = operandsOf(node).filter((operand) => this.isFloat[operand] === true);
    const others = operandsOf(node).filter((operand) => this.isFloat[operand] !== true);
    const zeros = (operand: ModelNodeId): boolean => {
      const other = this.graph.nodes[operand];
      return other?.kind === 'constant' && other.codes.every((code) => code === 0n);
    };
    return others.every(zeros) && sources.every((operand) => this.isConstant[operand] !== true) ? sources : [];
  }

  private quantize(operand: ModelNodeId, quantizer: Quantizer): ModelNodeId {
    const { type, rounding, overflow } = quantizer;
    return this.builder.add(
      'quantize',
      { operand, types: [type], rounding, overflow },
      this.builder.node(operand).provenance,
    );
  }

  private copy(node: ModelNode, map: (id: ModelNodeId) => ModelNodeId): ModelNodeId {
    return copyNode(this.builder, node, map);
  }

  private typeInput(node: ModelNodeOf<'input'>): ModelNodeId {
    const declared = this.options.inputs(node.name, elementCount(node.shape), this.bag);
    const port = declared.every(({ type, promise }) => type === undefined && promise === undefined)
      ? scaledPort(this.graph, this.users, node)
      : undefined;
    if (port !== undefined) return this.scaledInput(node, port);
    const quantizers = this.inputQuantizers(node, declared);
    const [first] = quantizers;
    if (first === undefined) return this.builder.input(node, node.shape, node.provenance);
    const types = compact(quantizers.map((quantizer) => quantizer.type));
    const fields = { name: node.name, types, rounding: first.rounding, overflow: first.overflow };
    const id = this.builder.input(fields, node.shape, node.provenance);
    const promises = this.promises(node, declared, types);
    return promises === undefined ? id : this.builder.add('assume', { operand: id, ...promises }, node.provenance);
  }

  /** The integers of the input's quantiser, in the unit in which the graph goes on with them. */
  private scaledInput(node: ModelNodeOf<'input'>, { type, lsb, scale, quantizer }: ScaledPort): ModelNodeId {
    const { rounding, overflow } = quantizer;
    const id = this.builder.input({ name: node.name, types: [type], rounding, overflow }, node.shape, node.provenance);
    this.quantizedPorts[node.id] = true;
    const message = `input '${printable(node.name)}' takes the integers of '${nameOf(quantizer)}' as ${printType(type)}, in steps of ${scale.step}${scale.zeroPoint === undefined ? '' : ` from zero point ${scale.zeroPoint}`}`;
    this.options.scaledPort?.(node.name, scale);
    this.bag.add(typingCodes.scaledPort, message, {
      node: node.provenance.name === '' ? node.name : node.provenance.name,
    });
    if (lsb === 0) return id;
    const unit = this.builder.constant({ lsb, codes: [1n], float: false }, [], node.provenance);
    return this.builder.add('multiply', { left: id, right: unit }, node.provenance);
  }

  /** Declared, else the first quantiser, else what ONNX declares (integer inputs), else the default. */
  private inputQuantizers(node: ModelNodeOf<'input'>, declared: readonly ElementDeclaration[]): readonly Quantizer[] {
    if (declared.length > 0 && declared.every(({ type }) => type !== undefined)) {
      return declared.map(({ type }) => type ?? this.options.default);
    }
    const found = firstQuantizers(this.graph, this.users, node, this.bag);
    const given = found.map((quantizer, element) => declared[element]?.type ?? quantizer);
    if (node.types.length === 0 && given.includes(undefined)) {
      this.isFloat[node.id] = true;
      this.takeDefault(node.id, `input '${printable(node.name)}'`);
    }
    return given.map((quantizer, element) => {
      if (quantizer !== undefined) return quantizer;
      if (node.types.length === 0) return this.options.default;
      return { type: perElement(node.types, element), rounding: node.rounding, overflow: node.overflow };
    });
  }

  /** The declared promises as intervals of codes on the finest LSB of the port. */
  private promises(
    node: ModelNodeOf<'input'>,
    declared: readonly ElementDeclaration[],
    types: readonly FixedPointType[],
  ): { readonly lsb: number; readonly ranges: readonly Interval[] } | undefined {
    if (declared.every(({ promise }) => promise === undefined)) return undefined;
    const lsb = Math.min(...types.map(lsbExponent));
    const ranges = declared.map(({ promise }, element) => {
      const type = perElement(types, element);
      const shift = lsbExponent(type) - lsb;
      const all = codeRange(type);
      const full = { low: all.low << BigInt(shift), high: all.high << BigInt(shift) };
      if (promise === undefined) return full;
      // Only values on the element's own grid count, so the promise is drawn inwards to that grid.
      const low = roundShift(promise.low.code, lsbExponent(type) - promise.low.lsb, 'CEIL') << BigInt(shift);
      const high = roundShift(promise.high.code, lsbExponent(type) - promise.high.lsb, 'TRN') << BigInt(shift);
      const met = low <= high ? intersect(full, { low, high }) : undefined;
      if (met !== undefined) return met;
      const message = `no value of element ${element}'s type ${printType(type)} lies in the promised range`;
      this.bag.add(typingCodes.promiseOutsideType, message, { configPath: `inputs.${printable(node.name)}` });
      return full;
    });
    return { lsb, ranges };
  }

  private typeConstant(node: ModelNodeOf<'constant'>): ModelNodeId {
    const keep = (): ModelNodeId => this.builder.constant({ ...node, float: false }, node.shape, node.provenance);
    if (!node.float) return keep();
    const users = this.usersOfConstant(node);
    const isWeight = users.some((user) => user.kind === 'matmul');
    if (!isWeight && this.absorbed[node.id] === true) return keep();
    // A power of two, a zero or a small integer needs no type: multiplying by it or adding it is exact and cheap.
    if (!isWeight && node.codes.every((code) => code >= -1n && code <= 1n)) return keep();
    const { type, rounding, overflow } = isWeight
      ? (this.options.weights ?? this.options.default)
      : this.options.default;
    const lsb = lsbExponent(type);
    const codes = node.codes.map((code) => quantizeCode(code, node.lsb, type, rounding, overflow));
    this.isFloat[node.id] = true;
    this.defaulted.push(`constant '${nameOf(node)}'`);
    return this.builder.constant({ lsb, codes, float: false }, node.shape, node.provenance);
  }

  /** Users of a constant, looking through nodes that only move its elements. */
  private usersOfConstant(node: ModelNode): readonly ModelNode[] {
    const direct = this.users[node.id] ?? [];
    return direct.flatMap((user) => (isMove(user) ? this.usersOfConstant(user) : [user]));
  }

  private noteDefaults(): void {
    const names = [...new Set(this.defaulted)];
    if (names.length === 0) return;
    const listed = names.slice(0, 8).join(', ');
    const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
    const type = printQuantizer(this.options.default);
    const weights = this.options.weights === undefined ? '' : ` (weights ${printQuantizer(this.options.weights)})`;
    this.bag.add(typingCodes.defaultType, `no quantiser: ${listed}${more} take ${type}${weights}`);
  }
}

function nameOf(node: ModelNode): string {
  return printable(node.provenance.name === '' ? `%${node.id}` : node.provenance.name);
}

function isMove(node: ModelNode): node is ModelNodeOf<'transpose'> | ModelNodeOf<'reshape'> | ModelNodeOf<'gather'> {
  return node.kind === 'transpose' || node.kind === 'reshape' || node.kind === 'gather';
}

/** By node: does every path from it reach a quantiser or a comparison before a matrix product or an output? */
function quantiserFollows(graph: ModelGraph): readonly boolean[] {
  const follows = new Array<boolean>(graph.nodes.length).fill(true);
  const used = new Array<boolean>(graph.nodes.length).fill(false);
  for (const output of graph.outputs) follows[output.node] = false;
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index];
    if (node === undefined) continue;
    const ends = ['quantize', 'requantize', 'lessThan', 'equal'].includes(node.kind);
    const stops = node.kind === 'matmul' || node.kind === 'function' || node.kind === 'quantizeDefault';
    const passes = ends || (!stops && follows[index] === true);
    for (const id of operandsOf(node)) {
      used[id] = true;
      if (!passes) follows[id] = false;
    }
  }
  return follows.map((value, index) => value && used[index] === true);
}

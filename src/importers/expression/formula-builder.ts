import type { ConstantNode, FunctionNode, MathNode, OperatorNode, ParenthesisNode, SymbolNode } from 'mathjs';
import { expressionCodes } from '../../diagnostics/codes/expression.js';
import type { DiagnosticKind } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { dyadicFromNumber } from '../../numeric/dyadic.js';
import type { ModelBuilder } from '../../model/builder.js';
import type { ModelNodeId } from '../../model/kinds.js';
import type { RealFunctionName } from '../../model/real-functions.js';
import { realFunction } from '../../model/real-functions.js';

/** Thrown with a sentence for the user. */
export class FormulaError extends Error {
  public override readonly name = 'FormulaError';
  public constructor(
    public readonly kind: DiagnosticKind,
    message: string,
  ) {
    super(message);
  }
}

/** scale × node + offset. Constants stay here until something other than a table needs the value. */
interface Affine {
  readonly node: ModelNodeId;
  readonly scale: number;
  readonly offset: number;
}
type Value = number | Affine;

/** Functions of one number by the names that formulas use. */
const functions: Readonly<Record<string, RealFunctionName>> = {
  sin: 'sin',
  cos: 'cos',
  tan: 'tan',
  asin: 'asin',
  acos: 'acos',
  atan: 'atan',
  sinh: 'sinh',
  cosh: 'cosh',
  tanh: 'tanh',
  asinh: 'asinh',
  acosh: 'acosh',
  atanh: 'atanh',
  exp: 'exp',
  log: 'log',
  sqrt: 'sqrt',
  erf: 'erf',
  sigmoid: 'sigmoid',
  softplus: 'softplus',
  inv: 'reciprocal',
};
const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
/** Whole powers up to this are products. */
const MOST_FACTORS = 8;

/**
 * Formulas to nodes. Equal subexpressions are one. A constant factor or summand in front of a function goes into its
 * table; elsewhere a factor is a float constant between 1 and 2 and an exact power of two, so that the type it gets
 * keeps its leading digits.
 */
export class FormulaBuilder {
  private readonly inputs = new Map<string, Value>();
  private readonly defined = new Map<string, Value>();
  private readonly known = new Map<string, Value>();
  private readonly nodes = new Map<string, ModelNodeId>();
  private readonly outputs: { readonly name: string; readonly node: ModelNodeId }[] = [];
  private line = '';

  public constructor(private readonly builder: ModelBuilder) {}

  public define(name: string, tree: MathNode): void {
    this.line = name;
    if (this.inputs.has(name)) {
      throw new FormulaError(expressionCodes.syntax, `'${printable(name)}' is used before it is defined`);
    }
    const value = this.value(tree);
    this.defined.set(name, value);
    this.outputs.push({ name, node: this.materialise(value) });
  }

  public finish(): void {
    for (const { name, node } of this.outputs) this.builder.output(name, node);
  }

  private value(tree: MathNode): Value {
    const key = tree.toString({ parenthesis: 'all' });
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const value = this.compute(tree);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new FormulaError(expressionCodes.notFinite, `${printable(key)} is ${value}`);
    }
    this.known.set(key, value);
    return value;
  }

  private compute(tree: MathNode): Value {
    switch (tree.type) {
      case 'ParenthesisNode':
        return this.value((tree as ParenthesisNode).content);
      case 'ConstantNode': {
        const { value } = tree as ConstantNode;
        if (typeof value !== 'number') break;
        return value;
      }
      case 'SymbolNode':
        return this.symbol((tree as SymbolNode).name);
      case 'OperatorNode':
        return this.operator(tree as OperatorNode);
      case 'FunctionNode': {
        const { fn, args } = tree as FunctionNode;
        return this.call(fn.name, args);
      }
    }
    throw new FormulaError(expressionCodes.unsupported, `'${printable(tree.toString())}' is not arithmetic on numbers`);
  }

  private symbol(name: string): Value {
    const found = this.defined.get(name) ?? this.inputs.get(name) ?? constants[name];
    if (found !== undefined) return found;
    const fields = { name, types: [], rounding: 'RND_CONV', overflow: 'SAT' } as const;
    const node = this.builder.input(fields, [], { name, operator: 'Input' });
    const value = { node, scale: 1, offset: 0 };
    this.inputs.set(name, value);
    return value;
  }

  private operator({ fn, args }: OperatorNode): Value {
    const [left, right] = args.map((argument) => this.value(argument));
    if (left !== undefined && right === undefined && fn === 'unaryMinus') return this.scaled(left, -1);
    if (left !== undefined && right === undefined && fn === 'unaryPlus') return left;
    if (left !== undefined && right !== undefined) {
      if (fn === 'add') return this.sum(left, right);
      if (fn === 'subtract') return this.sum(left, this.scaled(right, -1));
      if (fn === 'multiply') return this.product(left, right);
      if (fn === 'divide') {
        return typeof right === 'number'
          ? this.scaled(left, 1 / right)
          : this.product(left, this.real('reciprocal', right));
      }
      if (fn === 'pow') return this.power(left, right);
    }
    throw new FormulaError(expressionCodes.unsupported, `the operator '${String(fn)}'`);
  }

  private call(name: string, trees: readonly MathNode[]): Value {
    const [first, ...rest] = trees.map((argument) => this.value(argument));
    if (first !== undefined) {
      if (name === 'min' || name === 'max')
        return rest.reduce<Value>((best, next) => this.extremum(name, best, next), first);
      const [second] = rest;
      if (name === 'pow' && second !== undefined) return this.power(first, second);
      if (second === undefined) {
        const own = Object.hasOwn(functions, name) ? functions[name] : undefined;
        if (own !== undefined) return this.real(own, first);
        if (name === 'abs') return this.unary('absolute', first, Math.abs);
        if (name === 'relu') return this.unary('relu', first, (x) => Math.max(x, 0));
        if (name === 'neg') return this.scaled(first, -1);
        if (name === 'square') return this.power(first, 2);
        if (name === 'cube') return this.power(first, 3);
        if (name === 'log2') return this.scaled(this.real('log', first), Math.LOG2E);
        if (name === 'log10') return this.scaled(this.real('log', first), Math.LOG10E);
        if (name === 'log1p') return this.real('log', this.sum(first, 1));
      }
    }
    const count = trees.length;
    throw new FormulaError(expressionCodes.unsupported, `the function ${printable(name)} of ${count} arguments`);
  }

  private real(name: RealFunctionName, operand: Value, parameters: readonly number[] = []): Value {
    if (typeof operand === 'number') return realFunction(name).evaluate(operand, parameters);
    const { node, scale, offset } = operand;
    const key = `${name}(${parameters.join()},${node},${scale},${offset})`;
    return this.shared(key, () =>
      this.builder.add(
        'function',
        { operand: node, function: name, parameters, scale, offset, fitted: false },
        this.provenance(name),
      ),
    );
  }

  private scaled(value: Value, factor: number): Value {
    if (typeof value === 'number') return value * factor;
    if (factor === 0) return 0;
    return { node: value.node, scale: value.scale * factor, offset: value.offset * factor };
  }

  private sum(left: Value, right: Value): Value {
    if (typeof left === 'number') {
      return typeof right === 'number' ? left + right : { ...right, offset: right.offset + left };
    }
    if (typeof right === 'number') return this.sum(right, left);
    if (left.node === right.node) {
      const scale = left.scale + right.scale;
      return scale === 0 ? left.offset + right.offset : { node: left.node, scale, offset: left.offset + right.offset };
    }
    const offset = left.offset + right.offset;
    const a = this.materialise({ ...left, offset: 0 });
    // A factor of -1 is the subtraction of what it multiplies.
    const negated = right.scale < 0;
    const b = this.materialise({ ...right, scale: Math.abs(right.scale), offset: 0 });
    const kind = negated ? 'subtract' : 'add';
    const made = this.shared(`${kind}(${a},${b})`, () =>
      this.builder.add(kind, { left: a, right: b }, this.provenance(kind)),
    );
    return { ...made, offset };
  }

  private product(left: Value, right: Value): Value {
    if (typeof left === 'number') return this.scaled(right, left);
    if (typeof right === 'number') return this.scaled(left, right);
    const factor = (left.offset === 0 ? left.scale : 1) * (right.offset === 0 ? right.scale : 1);
    const a = this.materialise(left.offset === 0 ? { ...left, scale: 1 } : left);
    const b = this.materialise(right.offset === 0 ? { ...right, scale: 1 } : right);
    const made = this.shared(`multiply(${Math.min(a, b)},${Math.max(a, b)})`, () =>
      this.builder.add('multiply', { left: a, right: b }, this.provenance('multiply')),
    );
    return this.scaled(made, factor);
  }

  private power(base: Value, exponent: Value): Value {
    if (typeof exponent !== 'number') {
      throw new FormulaError(expressionCodes.unsupported, 'an exponent that is not a constant');
    }
    if (typeof base === 'number') return base ** exponent;
    if (exponent === 0) return 1;
    if (exponent === 1) return base;
    if (Number.isInteger(exponent) && exponent > 1 && exponent <= MOST_FACTORS) {
      const half = this.power(base, Math.floor(exponent / 2));
      const even = this.product(half, half);
      return exponent % 2 === 0 ? even : this.product(even, base);
    }
    if (exponent === 0.5) return this.real('sqrt', base);
    if (exponent === -1) return this.real('reciprocal', base);
    return this.real('power', base, [exponent]);
  }

  private extremum(name: 'min' | 'max', left: Value, right: Value): Value {
    if (typeof left === 'number' && typeof right === 'number') {
      return name === 'min' ? Math.min(left, right) : Math.max(left, right);
    }
    const [a, b] = [this.materialise(left), this.materialise(right)];
    const kind = name === 'min' ? 'minimum' : 'maximum';
    return this.shared(`${kind}(${a},${b})`, () =>
      this.builder.add(kind, { left: a, right: b }, this.provenance(name)),
    );
  }

  private unary(kind: 'absolute' | 'relu', operand: Value, apply: (x: number) => number): Value {
    if (typeof operand === 'number') return apply(operand);
    const node = this.materialise(operand);
    return this.shared(`${kind}(${node})`, () => this.builder.add(kind, { operand: node }, this.provenance(kind)));
  }

  /** The node that holds a value. */
  private materialise(value: Value): ModelNodeId {
    if (typeof value === 'number') return this.constant(value);
    let { node } = value;
    const magnitude = Math.abs(value.scale);
    if (magnitude !== 1) {
      const exponent = Math.floor(Math.log2(magnitude));
      const mantissa = magnitude / 2 ** exponent;
      if (mantissa !== 1) node = this.times(node, this.constant(mantissa));
      node = this.times(node, this.exact(exponent));
    }
    if (value.scale < 0) {
      const operand = node;
      node = this.once(`negate(${operand})`, () => this.builder.add('negate', { operand }, this.provenance('negate')));
    }
    if (value.offset === 0) return node;
    const [left, right] = [node, this.constant(value.offset)];
    return this.once(`add(${left},${right})`, () => this.builder.add('add', { left, right }, this.provenance('add')));
  }

  private times(left: ModelNodeId, right: ModelNodeId): ModelNodeId {
    return this.once(`multiply(${left},${right})`, () =>
      this.builder.add('multiply', { left, right }, this.provenance('multiply')),
    );
  }

  private constant(value: number): ModelNodeId {
    const { code, lsb } = dyadicFromNumber(Math.fround(value));
    return this.once(`constant(${value})`, () =>
      this.builder.constant({ lsb, codes: [code], float: true }, [], this.provenance('constant')),
    );
  }

  private exact(exponent: number): ModelNodeId {
    return this.once(`exact(${exponent})`, () =>
      this.builder.constant({ lsb: exponent, codes: [1n], float: false }, [], this.provenance('constant')),
    );
  }

  private shared(key: string, make: () => ModelNodeId): Affine {
    return { node: this.once(key, make), scale: 1, offset: 0 };
  }

  private once(key: string, make: () => ModelNodeId): ModelNodeId {
    const node = this.nodes.get(key) ?? make();
    this.nodes.set(key, node);
    return node;
  }

  private provenance(operator: string): { readonly name: string; readonly operator: string } {
    return { name: `${this.line}.${operator}${this.nodes.size}`, operator };
  }
}

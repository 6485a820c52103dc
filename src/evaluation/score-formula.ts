import type {
  AccessorNode,
  ConstantNode,
  FunctionNode,
  MathNode,
  OperatorNode,
  ParenthesisNode,
  SymbolNode,
} from 'mathjs';
import { parse } from 'mathjs';

/** Thrown with a sentence for the user. */
export class ScoreFormulaError extends Error {
  public override readonly name = 'ScoreFormulaError';
}

/** An output port, and its place among the elements of all. */
export interface OutputPort {
  readonly name: string;
  readonly size: number;
}

/** The score of an event from the elements of all outputs, flattened in graph order, beginning at `from`. */
export type ScoreFunction = (outputs: Float64Array, from: number) => number;

/** Longer texts are no formula that anyone typed. */
const MAXIMUM_LENGTH = 500;

const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  min: Math.min,
  max: Math.max,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
};
const operators: Readonly<Record<string, (left: number, right: number) => number>> = {
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  multiply: (left, right) => left * right,
  divide: (left, right) => left / right,
  pow: (left, right) => left ** right,
};

/**
 * A formula such as `y[1] / (y[0] + y[1])`: outputs by name, elements from 0 (`out[k]` counts through all outputs),
 * numbers, + - * / ^, min, max, abs, exp, log, sqrt. mathjs parses, and nothing is ever evaluated by it. Throws
 * ScoreFormulaError.
 */
export function parseScore(text: string, outputs: readonly OutputPort[]): ScoreFunction {
  if (text.length > MAXIMUM_LENGTH) throw new ScoreFormulaError(`${text.length} characters are too many`);
  let tree: MathNode;
  try {
    tree = parse(text);
  } catch (error) {
    if (error instanceof Error) throw new ScoreFormulaError(error.message);
    throw error;
  }
  return compiled(tree, outputs);
}

function compiled(tree: MathNode, outputs: readonly OutputPort[]): ScoreFunction {
  switch (tree.type) {
    case 'ParenthesisNode':
      return compiled((tree as ParenthesisNode).content, outputs);
    case 'ConstantNode': {
      const { value } = tree as ConstantNode;
      if (typeof value === 'number' && Number.isFinite(value)) return () => value;
      throw new ScoreFormulaError(`'${tree.toString()}' is not a number`);
    }
    case 'SymbolNode':
      return elementOf((tree as SymbolNode).name, undefined, outputs);
    case 'AccessorNode': {
      const { object, index } = tree as AccessorNode;
      const [place, ...others] = index.dimensions;
      const element: unknown = place?.type === 'ConstantNode' ? (place as ConstantNode).value : undefined;
      if (object.type !== 'SymbolNode' || others.length > 0 || typeof element !== 'number') throw refused(tree);
      return elementOf((object as SymbolNode).name, element, outputs);
    }
    case 'OperatorNode': {
      const { fn, args } = tree as OperatorNode;
      const [left, right] = args.map((operand) => compiled(operand, outputs));
      if (left === undefined) throw refused(tree);
      if (fn === 'unaryMinus') return (values, from) => -left(values, from);
      const operator = Object.hasOwn(operators, fn) ? operators[fn] : undefined;
      if (operator === undefined || right === undefined) throw refused(tree);
      return (values, from) => operator(left(values, from), right(values, from));
    }
    case 'FunctionNode': {
      const { fn, args } = tree as FunctionNode;
      // More than the declaration says: mathjs also calls what stands behind a dot.
      const called: MathNode = fn;
      const name = called.type === 'SymbolNode' ? (called as SymbolNode).name : '';
      const evaluate = Object.hasOwn(functions, name) ? functions[name] : undefined;
      const many = name === 'min' || name === 'max';
      if (evaluate === undefined || args.length === 0 || (!many && args.length > 1)) throw refused(tree);
      const operands = args.map((operand) => compiled(operand, outputs));
      return (values, from) => evaluate(...operands.map((operand) => operand(values, from)));
    }
    default:
      throw refused(tree);
  }
}

function elementOf(name: string, element: number | undefined, outputs: readonly OutputPort[]): ScoreFunction {
  const total = outputs.reduce((sum, output) => sum + output.size, 0);
  const index = outputs.findIndex((output) => output.name === name);
  const first = outputs.slice(0, Math.max(0, index)).reduce((sum, output) => sum + output.size, 0);
  const size = index < 0 ? (name === 'out' ? total : undefined) : outputs[index]?.size;
  if (size === undefined) {
    const names = outputs.map((output) => `'${output.name}'`).join(', ');
    throw new ScoreFormulaError(
      `there is no output '${name}'; the outputs are ${names}, together out[0] to out[${total - 1}]`,
    );
  }
  if (element === undefined && size !== 1) {
    throw new ScoreFormulaError(`'${name}' has ${size} elements; ${name}[0] is the first of them`);
  }
  const place = element ?? 0;
  if (!Number.isInteger(place) || place < 0 || place >= size) {
    throw new ScoreFormulaError(`'${name}' has no element ${place}, only 0 to ${size - 1}`);
  }
  return (values, from) => values[from + first + place] ?? 0;
}

function refused(tree: MathNode): ScoreFormulaError {
  return new ScoreFormulaError(`'${tree.toString()}' means nothing in the formula of a score`);
}

/** The scores of all events. */
export function scoresOf(outputs: Float64Array, width: number, score: ScoreFunction): Float64Array {
  const result = new Float64Array(outputs.length / width);
  for (let event = 0; event < result.length; event++) result[event] = score(outputs, event * width);
  return result;
}

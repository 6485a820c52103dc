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
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { printable } from '../diagnostics/diagnostic.js';
import { isGoalFigure, takesPoint } from '../evaluation/goal-figure.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import { validPoint } from '../evaluation/operating-point.js';
import type { FigureOrigin } from '../report/figure.js';
import { figureOrigins } from '../report/figure.js';
import { didYouMean } from '../support/suggest.js';
import { BudgetError } from './budget-error.js';
import { unitNames, writtenUnit } from './quantity.js';
import { figureAtPoint } from './vocabulary.js';

/** A figure as a budget names it: `baseline.layer("dense_1").lut.yosys`. */
export interface Reference {
  readonly baseline: boolean;
  readonly layer?: string;
  readonly region?: number;
  readonly name: string;
  readonly origin?: FigureOrigin;
}

export type Term =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'unit'; readonly name: string }
  | { readonly kind: 'share'; readonly value: number; readonly of: 'part' | 'slr' }
  | { readonly kind: 'figure'; readonly reference: Reference }
  | { readonly kind: 'negate' | 'absolute'; readonly operand: Term }
  | { readonly kind: 'add' | 'subtract' | 'multiply' | 'divide'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'minimum' | 'maximum'; readonly operands: readonly Term[] };

export const comparisons = {
  smaller: '<',
  smallerEq: '<=',
  larger: '>',
  largerEq: '>=',
  equal: '==',
  unequal: '!=',
} as const;
export type Comparison = (typeof comparisons)[keyof typeof comparisons];

/** One comparison of two terms. */
export interface Budget {
  readonly text: string;
  readonly comparison: Comparison;
  readonly left: Term;
  readonly right: Term;
}

/** Longer texts are no budget that anyone typed. */
const MAXIMUM_LENGTH = 500;

/**
 * Read a budget such as `lut <= 5% of part`. mathjs parses, and only the nodes listed here mean anything: nothing is
 * ever evaluated by it. Throws BudgetError.
 */
export function parseBudget(text: string): Budget {
  if (text.length > MAXIMUM_LENGTH) {
    throw new BudgetError(budgetCodes.syntax, `${text.length} characters are more than ${MAXIMUM_LENGTH}`);
  }
  let tree: MathNode;
  try {
    tree = parse(withoutPercent(text));
  } catch (error) {
    if (error instanceof BudgetError) throw error;
    // The parser throws SyntaxError, and TypeError or Error on some malformed numbers.
    if (error instanceof Error) throw new BudgetError(budgetCodes.syntax, printable(error.message));
    throw error;
  }
  const inner = unwrapped(tree);
  const comparison = inner.type === 'OperatorNode' ? comparisonOf(inner as OperatorNode) : undefined;
  const [left, right] = inner.type === 'OperatorNode' ? (inner as OperatorNode).args : [];
  if (comparison === undefined || left === undefined || right === undefined) {
    throw new BudgetError(budgetCodes.notComparison, `'${printable(text)}' ${whatElse(inner)}`);
  }
  return { text, comparison, left: term(left), right: term(right) };
}

/** Every figure that a budget names, in order. */
export function referencesOf({ left, right }: Budget): readonly Reference[] {
  return [...termReferences(left), ...termReferences(right)];
}

export function termReferences(of: Term): readonly Reference[] {
  switch (of.kind) {
    case 'figure':
      return [of.reference];
    case 'negate':
    case 'absolute':
      return termReferences(of.operand);
    case 'minimum':
    case 'maximum':
      return of.operands.flatMap(termReferences);
    case 'number':
    case 'unit':
    case 'share':
      return [];
    default:
      return [...termReferences(of.left), ...termReferences(of.right)];
  }
}

/** Whether a share of a super logic region occurs. */
export function asksForRegion(of: Term): boolean {
  switch (of.kind) {
    case 'share':
      return of.of === 'slr';
    case 'negate':
    case 'absolute':
      return asksForRegion(of.operand);
    case 'minimum':
    case 'maximum':
      return of.operands.some(asksForRegion);
    case 'number':
    case 'unit':
    case 'figure':
      return false;
    default:
      return asksForRegion(of.left) || asksForRegion(of.right);
  }
}

export function printReference({ baseline, layer, region, name, origin }: Reference): string {
  const parts = [
    ...(baseline ? ['baseline'] : []),
    ...(layer === undefined ? [] : [`layer(${JSON.stringify(layer)})`]),
    ...(region === undefined ? [] : [`slr(${region})`]),
    name,
    ...(origin === undefined ? [] : [origin]),
  ];
  return parts.join('.');
}

/** `5% of part` is no mathjs, where % is the remainder: written as a call. Quoted names stay as they are. */
function withoutPercent(text: string): string {
  return text
    .split(/("(?:[^"\\]|\\.)*")/u)
    .map((piece, index) =>
      index % 2 === 1
        ? piece
        : piece.replace(
            /(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)\s*%(?:\s*of\s+([a-z_]\w*)|(?!\s*[\w(."]))/giu,
            (_, number: string, whole?: string) => `percent(${number}${whole === undefined ? '' : `,"${whole}"`})`,
          ),
    )
    .join('');
}

function unwrapped(tree: MathNode): MathNode {
  let inner = tree;
  while (inner.type === 'ParenthesisNode') inner = (inner as ParenthesisNode).content;
  return inner;
}

function comparisonOf({ fn }: OperatorNode): Comparison | undefined {
  return Object.hasOwn(comparisons, fn) ? comparisons[fn as keyof typeof comparisons] : undefined;
}

function whatElse(tree: MathNode): string {
  if (tree.type === 'AssignmentNode' || tree.type === 'FunctionAssignmentNode') return 'assigns; equal is ==';
  if (tree.type === 'RelationalNode') return 'compares more than twice; write two budgets';
  if (tree.type === 'OperatorNode' && ['and', 'or', 'not', 'xor'].includes((tree as OperatorNode).fn)) {
    return 'joins budgets; write them one by one';
  }
  return 'compares nothing';
}

const binary: Readonly<Record<string, 'add' | 'subtract' | 'multiply' | 'divide'>> = {
  add: 'add',
  subtract: 'subtract',
  multiply: 'multiply',
  divide: 'divide',
};

function term(tree: MathNode): Term {
  switch (tree.type) {
    case 'ParenthesisNode':
      return term((tree as ParenthesisNode).content);
    case 'ConstantNode':
      return numberOf(tree as ConstantNode);
    case 'SymbolNode': {
      const { name } = tree as SymbolNode;
      return writtenUnit(name) === undefined ? figure(tree) : { kind: 'unit', name };
    }
    case 'AccessorNode':
      return figure(tree);
    case 'OperatorNode':
      return operator(tree as OperatorNode);
    case 'FunctionNode':
      return call(tree as FunctionNode);
    default:
      throw notAllowed(tree);
  }
}

function numberOf({ value }: ConstantNode): Term {
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'number', value };
  throw new BudgetError(budgetCodes.syntax, `'${printable(String(value))}' is not a number`);
}

function operator(tree: OperatorNode): Term {
  const [left, right] = tree.args;
  const kind = Object.hasOwn(binary, tree.fn) ? binary[tree.fn] : undefined;
  if (kind !== undefined && left !== undefined && right !== undefined) {
    return { kind, left: term(left), right: term(right) };
  }
  if (tree.fn === 'unaryMinus' && left !== undefined) return { kind: 'negate', operand: term(left) };
  if (tree.fn === 'unaryPlus' && left !== undefined) return term(left);
  if (comparisonOf(tree) !== undefined) {
    throw new BudgetError(budgetCodes.notComparison, 'a comparison stands inside another; write two budgets');
  }
  throw notAllowed(tree);
}

function call(tree: FunctionNode): Term {
  // More than the declaration says: mathjs also calls what stands behind a dot.
  const called: MathNode = tree.fn;
  const name = called.type === 'SymbolNode' ? (called as SymbolNode).name : '';
  const { args } = tree;
  const [first] = args;
  if ((name === 'min' || name === 'max') && first !== undefined) {
    return { kind: name === 'min' ? 'minimum' : 'maximum', operands: args.map(term) };
  }
  if (name === 'abs' && first !== undefined && args.length === 1) return { kind: 'absolute', operand: term(first) };
  if (name === 'percent') return percent(args);
  if (isGoalFigure(name) && takesPoint(name)) {
    if (first === undefined || args.length !== 1) throw notAllowed(tree);
    return { kind: 'figure', reference: { baseline: false, name: figureAtPoint(name, pointOf(first, tree)) } };
  }
  throw new BudgetError(
    budgetCodes.syntax,
    `'${printable(tree.toString())}' is no figure and no function of budgets`,
    'functions: min, max, abs; figures of a layer and of a region: layer("NODE").lut, slr(0).lut',
  );
}

/** `1 kHz`, `1e-4` or `1%`. */
function pointOf(place: MathNode, tree: MathNode): OperatingPoint {
  const number = (node: MathNode | undefined): number => {
    const value = node?.type === 'ConstantNode' ? (node as ConstantNode).value : undefined;
    return typeof value === 'number' ? value : NaN;
  };
  let point: OperatingPoint = { kind: 'fraction', fraction: number(place) };
  if (place.type === 'FunctionNode' && place.toString().startsWith('percent(')) {
    point = { kind: 'fraction', fraction: number((place as FunctionNode).args[0]) / 100 };
  } else if (place.type === 'OperatorNode' && (place as OperatorNode).fn === 'multiply') {
    const [count, unit] = (place as OperatorNode).args;
    const isRate = unit?.type === 'SymbolNode' && (unit as SymbolNode).name === 'kHz';
    point = { kind: 'rate', kilohertz: isRate ? number(count) : NaN };
  }
  const valid = validPoint(point);
  if (valid !== undefined) return valid;
  throw new BudgetError(
    budgetCodes.syntax,
    `'${printable(tree.toString())}' is taken neither at a trigger rate nor at a share of the background`,
    'efficiency_loss(1 kHz), efficiency_loss(1e-4), exchange(1%)',
  );
}

function percent(args: readonly MathNode[]): Term {
  const [count, whole] = args;
  const value = count?.type === 'ConstantNode' ? (count as ConstantNode).value : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new BudgetError(budgetCodes.syntax, 'a percentage is a number before %');
  }
  if (whole === undefined) return { kind: 'number', value: value / 100 };
  const of: unknown = whole.type === 'ConstantNode' ? (whole as ConstantNode).value : undefined;
  if (of === 'part' || of === 'slr') return { kind: 'share', value: value / 100, of };
  const message = `a percentage is of part, or of slr, not of '${printable(String(of))}'`;
  throw new BudgetError(budgetCodes.syntax, message);
}

/** The steps of `baseline.layer("x").lut.yosys`, outermost first. */
type Step = { readonly name: string } | { readonly call: string; readonly argument: unknown };

function steps(tree: MathNode): readonly Step[] {
  if (tree.type === 'SymbolNode') return [{ name: (tree as SymbolNode).name }];
  if (tree.type === 'AccessorNode') {
    const { object, index, optionalChaining } = tree as AccessorNode;
    const [key] = index.dimensions;
    const name = key?.type === 'ConstantNode' ? (key as ConstantNode).value : undefined;
    const dotted = (index as unknown as { readonly dotNotation: boolean }).dotNotation;
    if (!dotted || optionalChaining || typeof name !== 'string') throw notAllowed(tree);
    return [...steps(object), { name }];
  }
  if (tree.type === 'FunctionNode') {
    const { fn, args } = tree as FunctionNode;
    const path = steps(fn);
    const last = path.at(-1);
    const [argument] = args;
    if (last === undefined || !('name' in last) || args.length !== 1 || argument?.type !== 'ConstantNode') {
      throw notAllowed(tree);
    }
    return [...path.slice(0, -1), { call: last.name, argument: (argument as ConstantNode).value }];
  }
  throw notAllowed(tree);
}

function figure(tree: MathNode): Term {
  const path = [...steps(tree)];
  const isStep = (name: string): boolean => {
    const first = path[0];
    return first !== undefined && path.length > 1 && 'name' in first && first.name === name;
  };
  const baseline = isStep('baseline');
  if (baseline) path.shift();
  let layer: string | undefined;
  let region: number | undefined;
  const scope = path[0];
  if (scope !== undefined && 'call' in scope) {
    if (scope.call === 'layer' && typeof scope.argument === 'string') layer = scope.argument;
    else if (scope.call === 'slr' && Number.isInteger(scope.argument)) region = Number(scope.argument);
    else throw notAllowed(tree);
    path.shift();
  }
  const [name, origin, ...rest] = path;
  if (name === undefined || !('name' in name) || rest.length > 0) throw notAllowed(tree);
  return {
    kind: 'figure',
    reference: {
      baseline,
      ...(layer === undefined ? {} : { layer }),
      ...(region === undefined ? {} : { region }),
      name: name.name,
      ...(origin === undefined ? {} : { origin: originOf(origin, tree) }),
    },
  };
}

function originOf(step: Step, tree: MathNode): FigureOrigin {
  if (!('name' in step)) throw notAllowed(tree);
  const found = figureOrigins.find((origin) => origin === step.name);
  if (found !== undefined) return found;
  throw new BudgetError(
    budgetCodes.unknownFigure,
    `'${printable(step.name)}' in '${printable(tree.toString())}' is no origin of figures`,
    didYouMean(step.name, figureOrigins),
  );
}

function notAllowed(tree: MathNode): BudgetError {
  return new BudgetError(
    budgetCodes.syntax,
    `'${printable(tree.toString())}' means nothing in a budget`,
    `a budget compares figures, numbers and units (${unitNames.join(', ')}) with + - * / min max abs`,
  );
}

import type { Interval } from '../../../numeric/interval.js';
import { at, invariant } from '../../../support/invariant.js';
import type { AdderGraph, AdderSummand, Column, Problem, Term } from './problem.js';
import { summandsOf } from './problem.js';

/** Every value of the graph as a linear form of the inputs with integer coefficients. */
export function valueForms(problem: Problem, graph: AdderGraph): readonly Column[] {
  const forms: Column[] = problem.inputs.map((_, input) => ({ terms: [{ input, coefficient: 1n }], constant: 0n }));
  for (const operation of graph.operations) {
    if (operation.kind === 'constant') {
      forms.push({ terms: [], constant: operation.value });
      continue;
    }
    const [first, second, third] = summandsOf(operation);
    invariant(first !== undefined && second !== undefined, 'an adder has operands');
    let form = combine(at(forms, first.value), scaleOf(first), at(forms, second.value), scaleOf(second));
    if (third !== undefined) form = combine(form, 1n, at(forms, third.value), scaleOf(third));
    if (operation.kind === 'sum') {
      const negatives = operation.summands.filter(({ negative }) => negative).length;
      invariant(negatives <= 1, 'a sum of three has one negative summand at most');
    }
    forms.push(form);
  }
  return forms;
}

/** Throws unless the graph computes exactly the columns of the problem. Returns the form of every value. */
export function checkSolution(problem: Problem, graph: AdderGraph): readonly Column[] {
  invariant(graph.inputs === problem.inputs.length, 'the solution is of another problem');
  invariant(graph.outputs.length === problem.columns.length, 'the solution lacks results');
  const forms = valueForms(problem, graph);
  graph.outputs.forEach((output, index) => {
    invariant(output.shift >= 0, 'a result is shifted left only');
    const scale = (output.negated ? -1n : 1n) << BigInt(output.shift);
    const form = at(forms, output.value);
    const column = at(problem.columns, index);
    const same =
      form.constant * scale === column.constant &&
      form.terms.length === column.terms.length &&
      form.terms.every((term, position) => {
        const wanted = at(column.terms, position);
        return term.input === wanted.input && term.coefficient * scale === wanted.coefficient;
      });
    invariant(same, `the adder graph computes something else than column ${index}`);
  });
  return forms;
}

/** The exact interval of a form while its inputs range freely. */
export function formRange(problem: Problem, form: Column): Interval {
  let [low, high] = [form.constant, form.constant];
  for (const { input, coefficient } of form.terms) {
    const { range } = at(problem.inputs, input);
    low += coefficient * (coefficient > 0n ? range.low : range.high);
    high += coefficient * (coefficient > 0n ? range.high : range.low);
  }
  return { low, high };
}

function scaleOf({ shift, negative }: AdderSummand): bigint {
  invariant(shift >= 0, 'an adder shifts its operands left only');
  return (negative ? -1n : 1n) << BigInt(shift);
}

/** left × leftScale + right × rightScale, both ascending by input. */
function combine(left: Column, leftScale: bigint, right: Column, rightScale: bigint): Column {
  const terms: Term[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [left.terms[i], right.terms[j]];
    if (a === undefined && b === undefined) break;
    if (b === undefined || (a !== undefined && a.input < b.input)) {
      if (a !== undefined) terms.push({ input: a.input, coefficient: a.coefficient * leftScale });
      i++;
    } else if (a === undefined || b.input < a.input) {
      terms.push({ input: b.input, coefficient: b.coefficient * rightScale });
      j++;
    } else {
      const coefficient = a.coefficient * leftScale + b.coefficient * rightScale;
      if (coefficient !== 0n) terms.push({ input: a.input, coefficient });
      i++;
      j++;
    }
  }
  return { terms, constant: left.constant * leftScale + right.constant * rightScale };
}

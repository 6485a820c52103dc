import { describe, expect, it } from 'vitest';
import { importExpressions } from '../../../../src/importers/expression/import.js';
import { floatEvaluator } from '../../../../src/model/evaluate-float.js';
import { lsbExponent, parseQuantizer } from '../../../../src/numeric/fixed-point.js';
import { assignTypes, undeclared } from '../../../../src/passes/model/assign-types.js';
import { at } from '../../../../src/support/invariant.js';
import { runBatched, runOracle } from '../../../support/evaluators.js';

const read = (text: string) =>
  importExpressions(new TextEncoder().encode(text), { modelName: 'formula', modelPath: 'f.expr' });

function graphOf(text: string) {
  const result = read(text);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('; '));
  return result.value.graph;
}

/** The outputs on real numbers, inputs in order of appearance. */
function evaluate(text: string, ...x: readonly number[]): readonly number[] {
  const { outputs } = floatEvaluator(graphOf(text))(x.map((value) => Float64Array.of(value)));
  return outputs.map((output) => at(output, 0));
}

describe('formulas', () => {
  it.each([
    ['y = sin(3*a) + a*b', [0.5, 2], Math.sin(1.5) + 1],
    ['y = 2*x0**3 - x0/4 + 1', [1.5], 6.75 - 0.375 + 1],
    ['y = exp(-(x^2))', [0.7], Math.exp(-0.49)],
    ['y = sqrt(a*a + b*b)', [3, 4], 5],
    ['y = (a - 1)/(b + 2)', [3, 2], 0.5],
    ['y = max(a, b, 0.25) * min(a, 2)', [1, -3], 1],
    ['y = abs(-a) + relu(a) + neg(a)', [-2], 4],
    ['y = log(a)/log10(a) + log2(a) + log1p(a)', [8], Math.log(10) + 3 + Math.log(9)],
    ['y = square(a) * cube(a) + pow(a, 1.5)', [2], 32 + 2 ** 1.5],
    ['y = tanh(a)^0.5 + inv(a) + cos(pi)', [1], Math.sqrt(Math.tanh(1))],
    ['y = -3*a*(-2)*b', [2, 5], 60],
    ['y = a + a - 2*a + 7', [4], 7],
    ['sin(a)', [1], Math.sin(1)],
  ] as const)('%s', (text, x, expected) => {
    const [found] = evaluate(text, ...x);
    expect(found).toBeCloseTo(expected, 6);
  });

  it('have one output a line, share what is equal, and see earlier lines', () => {
    const text = '# two scores\nfirst = sin(a)*b\nsecond = 2*first + sin(a)  # again\n';
    expect(evaluate(text, 1, 3)).toEqual([3 * Math.sin(1), 7 * Math.sin(1)]);
    const graph = graphOf(text);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(graph.nodes.filter(({ kind }) => kind === 'function')).toHaveLength(1);
    expect(graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : []))).toEqual(['a', 'b']);
  });

  it('put constants in front of a function into its table', () => {
    const graph = graphOf('y = tanh(0.37*a - 1.1)');
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(['input', 'function']);
    expect(graph.nodes[1]).toMatchObject({ scale: 0.37, offset: -1.1 });
  });

  it('once typed are the same in all evaluators, and near to the real formula', () => {
    const graph = graphOf('y = 0.37*sin(2*a) + b*cos(b) - 0.021*a*b*c\nz = max(a - b, 0)*tanh(c)');
    const typed = assignTypes(graph, undeclared(parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>')));
    if (!typed.ok) throw new Error('typed');
    const float = floatEvaluator(graph);
    const events = Array.from({ length: 50 }, (_, k) => [
      [BigInt(61 * k - 1500)],
      [BigInt(997 - 37 * k)],
      [BigInt(53 * k)],
    ]);
    const oracle = runOracle(typed.value, events);
    expect(runBatched(typed.value, events).rows).toEqual(oracle.map(({ outputs }) => outputs.flat()));
    const unit = 2 ** lsbExponent(at(at(typed.value.outputs, 0).types, 0));
    events.forEach((event, index) => {
      const { outputs } = float(event.map((codes) => Float64Array.from(codes, (code) => Number(code) / 1024)));
      at(oracle, index).outputs.forEach(([code = 0n], output) => {
        expect(Math.abs(Number(code) * unit - at(at(outputs, output), 0))).toBeLessThan(0.02);
      });
    });
  });

  it.each([
    ['y = sin(', 'TRG1601'],
    ['', 'TRG1601'],
    ['y = a\ny = b', 'TRG1601'],
    ['y = x\nx = 2', 'TRG1601'],
    ['y = gamma(a)', 'TRG1602'],
    ['y = a^b', 'TRG1602'],
    ['y = a > b', 'TRG1602'],
    ['y = [a, b]', 'TRG1602'],
    ['y = constructor(a)', 'TRG1602'],
    ['y = "text"', 'TRG1602'],
    ['y = a + 1/0', 'TRG1603'],
    ['y = log(0)*a', 'TRG1603'],
  ])('%j is refused with its line: %s', (text, code) => {
    const result = read(text);
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(result.diagnostics[0]?.location?.model).toBe('f.expr');
  });
});

import { describe, expect, it } from 'vitest';
import { typingCodes } from '../../../src/diagnostics/codes/typing.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import type { FunctionFields, RealFunctionName } from '../../../src/model/real-functions.js';
import { evaluateReal } from '../../../src/model/real-functions.js';
import { parseQuantizer } from '../../../src/numeric/fixed-point.js';
import { dropActivations } from '../../../src/passes/model/drop-activations.js';

const provenance = { name: 'last', operator: 'Activation' };

function ending(fields: FunctionFields | undefined, quantized = false): ModelGraph {
  const builder = new ModelBuilder('test');
  const input = builder.input({ name: 'x', types: [], rounding: 'TRN', overflow: 'WRAP' }, [2]);
  let node =
    fields === undefined ? input : builder.add('function', { operand: input, fitted: false, ...fields }, provenance);
  if (quantized) {
    const { type, rounding, overflow } = parseQuantizer('ap_ufixed<8,0,AP_RND,AP_SAT>');
    node = builder.add('quantize', { operand: node, types: [type], rounding, overflow });
  }
  builder.output('y', node);
  builder.output('z', node);
  return builder.finish();
}
const drop = (graph: ModelGraph) => dropActivations(new Set(['y'])).run(graph, {});
const fields = (name: RealFunctionName, scale = 1, offset = 0): FunctionFields => ({
  function: name,
  parameters: [],
  scale,
  offset,
});

const inverses: readonly (readonly [RealFunctionName, string, (t: number) => number])[] = [
  ['sigmoid', 'ln(t / (1 - t))', (t) => Math.log(t / (1 - t))],
  ['tanh', 'artanh(t)', Math.atanh],
  ['softplus', 'ln(e^t - 1)', (t) => Math.log(Math.exp(t) - 1)],
  ['softsign', 't / (1 - |t|)', (t) => t / (1 - Math.abs(t))],
  ['exp', 'ln(t)', Math.log],
  ['log', 'e^t', Math.exp],
  ['sqrt', 't^2', (t) => t * t],
  ['atan', 'tan(t)', Math.tan],
  ['asinh', 'sinh(t)', Math.sinh],
  ['sinh', 'arsinh(t)', Math.asinh],
];

describe('dropActivations', () => {
  it.each(inverses)('leaves out %s and says where thresholds go', (name, text, inverse) => {
    for (const quantized of [false, true]) {
      const result = drop(ending(fields(name), quantized));
      const [note] = result.diagnostics;
      expect(note).toMatchObject({ code: typingCodes.activationDropped.code, location: { node: 'last' } });
      expect(note?.message.endsWith(`a threshold t becomes ${text}`)).toBe(true);
      const graph = result.ok ? result.value : undefined;
      expect(graph?.outputs.map(({ node }) => graph.nodes[node]?.kind)).toEqual([
        'input',
        quantized ? 'quantize' : 'function',
      ]);
    }
    // The place that the note names is the one where the function crosses the threshold.
    for (const t of [0.2, 0.5, 0.9]) expect(evaluateReal(fields(name), inverse(t))).toBeCloseTo(t, 12);
  });

  it('maps thresholds through scale and offset of the function', () => {
    const [note] = drop(ending(fields('sigmoid', 2, 3))).diagnostics;
    expect(note?.message).toContain('a threshold t becomes (ln(t / (1 - t)) - 3) / 2');
    expect(evaluateReal(fields('sigmoid', 2, 3), (Math.log(0.7 / 0.3) - 3) / 2)).toBeCloseTo(0.7, 12);
  });

  it.each([
    ['nothing but an input', undefined],
    ['a function that turns', fields('gelu')],
    ['a function of the negated operand', fields('sigmoid', -1)],
  ])('refuses %s', (_, last) => {
    const result = drop(ending(last));
    expect(result.ok).toBe(false);
    expect(result.diagnostics).toMatchObject([
      { code: typingCodes.noActivation.code, location: { configPath: 'outputs.y.drop_activation' } },
    ]);
  });
});

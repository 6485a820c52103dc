import { describe, expect, it } from 'vitest';
import { typingCodes } from '../../../src/diagnostics/codes/typing.js';
import type { DiagnosticKind } from '../../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { evaluateModel } from '../../../src/model/evaluate.js';
import { verifyModel } from '../../../src/model/verify.js';
import type { Dyadic } from '../../../src/numeric/dyadic.js';
import { parseDecimal } from '../../../src/numeric/dyadic.js';
import type { DecisionDeclaration } from '../../../src/passes/model/add-decisions.js';
import { addDecisions } from '../../../src/passes/model/add-decisions.js';
import { invariant } from '../../../src/support/invariant.js';
import { graphOf } from './support.js';

const location = { model: 'trigc.yaml', line: 3, column: 5, configPath: 'decisions.0' };

function real(text: string): { readonly value: Dyadic } {
  const value = parseDecimal(text);
  invariant(value !== undefined, 'the threshold has an exact value');
  return { value };
}

function decision(
  threshold: string | bigint,
  comparison: DecisionDeclaration['comparison'] = 'at_least',
  more: Partial<DecisionDeclaration> = {},
): DecisionDeclaration {
  return {
    name: 'd',
    comparison,
    threshold: typeof threshold === 'bigint' ? { code: threshold } : real(threshold),
    location,
    ...more,
  };
}

/** Two scores, of LSB 1/4 (-2 to 1.75) and 1 (0 to 3), at the output `y`. */
const pair = graphOf(
  '%0 = input {name: "x", types: [ap_fixed<4,2>, ap_ufixed<2,2>], rounding: TRN, overflow: WRAP} : [2]',
  'output "y" = %0 : [ap_fixed<4,2>, ap_ufixed<2,2>]',
);

function decide(codes: readonly bigint[], ...declared: readonly DecisionDeclaration[]): readonly bigint[] {
  const graph = unwrap(addDecisions(declared).run(pair, {}));
  verifyModel(graph, { typed: true });
  const { outputs } = evaluateModel(graph, [codes]);
  expect(outputs[0]).toEqual(codes);
  return outputs.slice(1).flat();
}

describe('decisions', () => {
  it('compare every code of a score on either side of and at the threshold', () => {
    for (let code = -8n; code < 8n; code++) {
      const element = { element: 0 };
      expect(
        decide(
          [code, 0n],
          decision('0.75', 'at_least', { name: 'a', ...element }),
          decision('0.75', 'above', { name: 'b', ...element }),
          decision(3n, 'at_least', { name: 'c', ...element }),
          decision(-8n, 'above', { name: 'd', ...element }),
          decision('-0.5', 'at_least', { name: 'e', ...element }),
        ),
        `code ${code}`,
      ).toEqual([code >= 3n, code > 3n, code >= 3n, code > -8n, code >= -2n].map((fires) => (fires ? 1n : 0n)));
    }
  });

  it('use the grid of the element', () => {
    expect([0n, 1n, 2n, 3n].map((code) => decide([0n, code], decision('2', 'at_least', { element: 1 })))).toEqual([
      [0n],
      [0n],
      [1n],
      [1n],
    ]);
  });

  it('are ports of one bit after those of the network', () => {
    const { outputs } = unwrap(
      addDecisions([decision('1', 'above', { element: 1, output: 'y', name: 'fires' })]).run(pair, {}),
    );
    expect(outputs.map(({ name, types }) => [name, types.map(({ width, signed }) => ({ width, signed }))])).toEqual([
      [
        'y',
        [
          { width: 4, signed: true },
          { width: 2, signed: false },
        ],
      ],
      ['fires', [{ width: 1, signed: false }]],
    ]);
  });

  it('change nothing where there are none', () => {
    expect(unwrap(addDecisions([]).run(pair, {}))).toBe(pair);
  });

  const refused: readonly (readonly [string, DiagnosticKind, DecisionDeclaration, string])[] = [
    [
      'no such output',
      typingCodes.decisionOutput,
      decision('1', 'above', { output: 'z' }),
      "the model has no output 'z'",
    ],
    ['no element named', typingCodes.decisionOutput, decision('1'), "output 'y' has 2 elements, 0 to 1; none is named"],
    ['no such element', typingCodes.decisionOutput, decision('1', 'above', { element: 2 }), 'there is no element 2'],
    [
      'a threshold between codes',
      typingCodes.decisionThreshold,
      decision('-0.3125', 'above', { element: 0 }),
      '-0.3125 is not a value of ap_fixed<4,2>; its neighbours are -0.5 and -0.25',
    ],
    [
      'a code beyond the type',
      typingCodes.decisionThreshold,
      decision(4n, 'above', { element: 1 }),
      'code 4 is outside 0 to 3, the codes of ap_ufixed<2,2>',
    ],
    [
      'the name of an output',
      typingCodes.decisionName,
      decision('1', 'above', { element: 1, name: 'y' }),
      "'y' is the name of another port",
    ],
    [
      'the name of an input',
      typingCodes.decisionName,
      decision('1', 'above', { element: 1, name: 'x' }),
      "'x' is the name of another port",
    ],
  ];
  it.each(refused)('refuse %s', (_, kind, declared, message) => {
    const { ok, diagnostics } = addDecisions([declared]).run(pair, {});
    expect(ok).toBe(false);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code: kind.code, location });
    expect(diagnostics[0]?.message).toContain(message);
  });

  it('warn where no score lies on the other side', () => {
    const { ok, diagnostics } = addDecisions([decision('0', 'at_least', { element: 1 })]).run(pair, {});
    expect(ok).toBe(true);
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
      [typingCodes.constantDecision.code, "'d' is always 1: no score lies on the other side of the threshold"],
    ]);
  });
});

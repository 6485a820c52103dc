import { describe, expect, it } from 'vitest';
import { importCodes } from '../../../../src/diagnostics/codes/import.js';
import { int, text } from '../../../support/onnx-builder.js';
import type { Case } from './support.js';
import { evaluate, imported, noBatch, refusal, single } from './support.js';

const values = (test: Case): readonly number[] =>
  evaluate(imported(single('Quant', test), noBatch).graph, [test.x])[0]?.values ?? [];

function quant(attributes: Case['attributes'], scale = 0.5, x = [-4.25, -2.25, -0.25, 0.25, 0.75, 1.75, 2.25]): Case {
  return {
    shape: [x.length],
    x,
    domain: 'qonnx.custom_op.general',
    constants: [
      ['s', [], [scale]],
      ['z', [], [0]],
      ['b', [], [3]],
    ],
    attributes: { signed: int(1), narrow: int(0), ...attributes },
  };
}

describe('extensions of Quant', () => {
  it('rounding_mode RND rounds ties up', () => {
    expect(values(quant({ rounding_mode: text('RND') }))).toEqual([-2, -2, 0, 0.5, 1, 1.5, 1.5]);
  });

  it('overflow_mode WRAP wraps after rounding', () => {
    const attributes = { rounding_mode: text('RND'), overflow_mode: text('WRAP') };
    // Codes -8, -4, 0, 1, 2, 4 and 5 in three bits.
    expect(values(quant(attributes))).toEqual([0, -2, 0, 0.5, 1, -2, -1.5]);
  });

  it('refuses other overflow modes, and wrapping into what is no fixed-point type', () => {
    const other = refusal(single('Quant', quant({ overflow_mode: text('SAT_ZERO') })), noBatch);
    expect(other).toContain(importCodes.unsupportedVariant.code);
    const scaled = refusal(single('Quant', quant({ overflow_mode: text('WRAP') }, 0.75)), noBatch);
    expect(scaled).toContain(importCodes.unsupportedVariant.code);
  });
});

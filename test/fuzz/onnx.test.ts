import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler.js';
import { emptyConfig } from '../../src/config/config.js';
import { resolveSettings } from '../../src/config/settings.js';
import type { Result } from '../../src/diagnostics/result.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import { Random } from '../../src/support/random.js';
import { budget, mutateBytes } from './support.js';
import type { OnnxBuilder } from '../support/onnx-builder.js';
import { int, ints } from '../support/onnx-builder.js';
import { smallModel } from '../support/small-model.js';

const settings = unwrap(resolveSettings(emptyConfig, {}, 'fuzz'));

function compileBytes(bytes: Uint8Array): Result<unknown> {
  return compile({
    bytes,
    importing: { modelName: 'fuzz', modelPath: 'fuzz.onnx' },
    typing: undeclared(emptyConfig.default),
    schedule: { ...settings, model: settings.part.delays },
    interface: { ports: 'packed', registers: 'none', valid: false },
    top: 'fuzz',
  });
}

/** A model of many operators, floats and quantisers, so that mutations meet many rules. */
function variedModel(): OnnxBuilder {
  return smallModel()
    .input('f', ['N', 2, 3])
    .initializer('shape', [2], [1, 6], 'int64')
    .initializer('scale', [6], [0.5, 1.5, -0.25, 2, 1, 3])
    .initializer('pads', [4], [0, 1, 0, 1], 'int64')
    .initializer('indices', [3], [4, 0, 2], 'int64')
    .node('Transpose', ['f'], ['t'], { perm: ints([0, 2, 1]) })
    .node('Reshape', ['t', 'shape'], ['r'])
    .node('Mul', ['r', 'scale'], ['s'])
    .node('Clip', ['s'], ['c'])
    .node('Pad', ['c', 'pads'], ['p'])
    .node('Gather', ['p', 'indices'], ['g'], { axis: int(1) })
    .node('Concat', ['g', 'y'], ['z'], { axis: int(1) })
    .node('ReduceSumSquare', ['z'], ['score'], { axes: ints([1]), keepdims: int(1) })
    .output('score');
}

describe('compilation of damaged models', () => {
  it('starts from a model that compiles', () => {
    expect(compileBytes(variedModel().bytes()).ok).toBe(true);
  });

  it('ends in a result with codes, never in an exception', () => {
    const random = new Random(20_260_101);
    const seeds = [smallModel().bytes(), variedModel().bytes()] as const;
    const outcomes = { compiled: 0, refused: 0 };
    const codes = new Set<string>();
    const slowest = budget(6_000, 4_000, () => {
      const bytes = mutateBytes(random, random.pick(seeds));
      const result = compileBytes(bytes);
      outcomes[result.ok ? 'compiled' : 'refused']++;
      const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors.length > 0, JSON.stringify(result.diagnostics)).toBe(!result.ok);
      for (const { code, message, hint } of result.diagnostics) {
        codes.add(code);
        expect(message).not.toBe('');
        expect(hint ?? '').not.toBe('');
      }
      return bytes;
    });
    expect(slowest).toBeLessThan(10_000);
    // Both ends are reached, and not by one rule alone.
    expect(outcomes.compiled).toBeGreaterThan(5);
    expect(outcomes.refused).toBeGreaterThan(20);
    expect(codes.size).toBeGreaterThan(5);
  });
});

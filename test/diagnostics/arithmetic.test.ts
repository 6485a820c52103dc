import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Compilation, CompileRequest } from '../../src/compiler.js';
import { compile } from '../../src/compiler.js';
import { arithmeticCodes } from '../../src/diagnostics/codes/arithmetic.js';
import type { Result } from '../../src/diagnostics/result.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { threeOperandSums } from '../../src/dataflow/three-operand-sums.js';
import { defaultQuantizer } from '../../src/config/config.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/solve.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import { delayModels } from '../../src/targets/delay-model.js';

function compileWith(threeOperand: boolean): Result<Compilation> {
  const request: CompileRequest = {
    bytes: readFileSync('models/axol1tl-like/model.onnx'),
    importing: { modelName: 'model', modelPath: 'model.onnx', batch: new Map() },
    typing: undeclared(defaultQuantizer),
    solving: { ...defaultSolveOptions, effort: 'fast', threeOperand },
    schedule: { model: delayModels['7-series'], clockPeriod: 25, registers: 'none', inputDelay: 0, outputDelay: 0 },
    interface: { ports: 'packed', registers: 'none', valid: false },
    top: 'top',
  };
  return compile(request);
}

describe('notes about adders', () => {
  it('threeOperandAssumed: says how many sums of three the figures rest on', () => {
    const result = compileWith(true);
    const sums = threeOperandSums(unwrap(result).design.program);
    const note = result.diagnostics.find(({ code }) => code === arithmeticCodes.threeOperandAssumed.code);
    expect(note?.severity).toBe('note');
    expect(note?.message).toBe(`three-operand adders assumed: ${sums} sums of three, at one LUT per bit`);
  });

  it('threeOperandAssumed: is absent, and with it every such sum, unless they are asked for', () => {
    const result = compileWith(false);
    expect(threeOperandSums(unwrap(result).design.program)).toBe(0);
    expect(result.diagnostics.map(({ code }) => code)).not.toContain(arithmeticCodes.threeOperandAssumed.code);
  });
});

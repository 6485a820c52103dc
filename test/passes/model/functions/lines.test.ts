import { describe, expect, it } from 'vitest';
import { ModelBuilder, noProvenance } from '../../../../src/model/builder.js';
import { modelEvaluator } from '../../../../src/model/evaluate.js';
import { realFunction, realFunctionNames } from '../../../../src/model/real-functions.js';
import type { FunctionFields, RealFunctionName } from '../../../../src/model/real-functions.js';
import { codeRange, fixedPointType, lsbExponent, parseQuantizer } from '../../../../src/numeric/fixed-point.js';
import type { FixedPointType, Quantizer } from '../../../../src/numeric/fixed-point.js';
import { exactType, inferFormats } from '../../../../src/model/formats.js';
import { quantizedRange } from '../../../../src/numeric/rounding.js';
import { chooseForm, describeForm, emitForm } from '../../../../src/passes/model/functions/function-form.js';
import type { FormOptions, FunctionForm } from '../../../../src/passes/model/functions/function-form.js';
import { defaultLimits } from '../../../../src/passes/model/functions/function-table.js';
import { addressOf, stepAt } from '../../../../src/passes/model/functions/steps.js';
import type { StepMap } from '../../../../src/passes/model/functions/steps.js';
import { warnWraps } from '../../../../src/passes/model/warn-wraps.js';
import { at } from '../../../../src/support/invariant.js';
import { Random } from '../../../../src/support/random.js';

const parameters: Partial<Record<RealFunctionName, readonly number[]>> = {
  elu: [0.7],
  celu: [2],
  selu: [1.67, 1.05],
  swish: [1.5],
  power: [1.5],
};
const fields = (name: RealFunctionName, scale = 1, offset = 0): FunctionFields => ({
  function: name,
  parameters: parameters[name] ?? [],
  scale,
  offset,
});
const result = parseQuantizer('ap_fixed<16,6,AP_RND_CONV,AP_SAT>');
const plain: FormOptions = { limits: defaultLimits, share: 0, lines: true };

function limited(node: FunctionFields, x: number, { type, overflow }: Quantizer): number {
  const { low, high } = realFunction(node.function).domain?.(node.parameters) ?? { low: -Infinity, high: Infinity };
  const inside = Math.min(Math.max(node.scale * x + node.offset, low), high);
  const value = realFunction(node.function).evaluate(inside, node.parameters);
  const range = quantizedRange(type, overflow);
  const unit = 2 ** lsbExponent(type);
  return Math.min(Math.max(value, Number(range.low) * unit), Number(range.high) * unit);
}

function errorOf(form: FunctionForm): number {
  if (form.kind === 'table') return form.table.error;
  return form.kind === 'lines' ? form.lines.error : Math.max(form.negative.error, form.positive.error);
}

/** Values of a form as nodes of a graph, for some codes of the operand's type. */
function evaluated(
  type: FixedPointType,
  given: Quantizer,
  form: FunctionForm,
  codes: readonly bigint[],
): readonly number[] {
  const builder = new ModelBuilder('form');
  const ports = { name: 'x', types: [type], rounding: 'TRN', overflow: 'WRAP' } as const;
  const input = builder.input(ports, [codes.length]);
  const range = { lsb: lsbExponent(type), codes: codeRange(type) };
  const output = emitForm(builder, input, range, form, given, noProvenance);
  const untyped = builder.finish();
  const port = exactType(at(inferFormats(untyped), output));
  const graph = { ...untyped, outputs: [{ name: 'y', node: output, types: [port] }] };
  expect(warnWraps(graph)).toEqual([]);
  const { outputs } = modelEvaluator(graph)([codes]);
  return at(outputs, 0).map((code) => Number(code) * 2 ** lsbExponent(port));
}

function someCodes(type: FixedPointType, count: number, random: Random): readonly bigint[] {
  const { low, high } = codeRange(type);
  const codes = [low, low + 1n, -1n, 0n, 1n, 2n, high - 1n, high].filter((code) => code >= low && code <= high);
  while (codes.length < count) {
    // All magnitudes alike, and both signs.
    const bits = random.integer(1, type.width);
    const magnitude = BigInt(Math.floor(2 ** bits * (random.integer(0, 2 ** 30) / 2 ** 30)));
    const code = random.integer(0, 1) === 0 ? magnitude : -magnitude;
    if (code >= low && code <= high) codes.push(code);
  }
  return codes;
}

describe.each(realFunctionNames)('%s', (name) => {
  it('of a wide operand stays within the error that is stated, whatever that is', () => {
    const random = new Random(11);
    for (const type of [fixedPointType(true, 16, 6), fixedPointType(true, 40, 18)]) {
      const node = fields(name);
      const operand = { lsb: lsbExponent(type), codes: codeRange(type) };
      const form = chooseForm(node, operand, result, { ...plain, limits: { ...defaultLimits, exactEntries: 64 } });
      const stated = /at most (\S+) \(/u.exec(describeForm(node, result.type, operand, form))?.[1];
      const codes = someCodes(type, 400, random);
      const values = evaluated(type, result, form, codes);
      // The message rounds to four digits.
      const bound = Number(stated) * 1.001;
      codes.forEach((code, index) => {
        const exact = limited(node, Number(code) * 2 ** operand.lsb, result);
        expect(Math.abs(at(values, index) - exact)).toBeLessThanOrEqual(bound);
      });
    }
  });
});

describe('the form of a function', () => {
  const formOf = (name: RealFunctionName, type: FixedPointType, options = plain, scale = 1, offset = 0): FunctionForm =>
    chooseForm(fields(name, scale, offset), { lsb: lsbExponent(type), codes: codeRange(type) }, result, options);

  it('is within one unit of the last place for the functions of networks, however wide the operand', () => {
    const names = [
      'sigmoid',
      'tanh',
      'softplus',
      'softsign',
      'elu',
      'selu',
      'gelu',
      'swish',
      'mish',
      'exp',
      'erf',
    ] as const;
    for (const name of names) {
      for (const type of [fixedPointType(true, 16, 6), fixedPointType(true, 48, 20)]) {
        const form = formOf(name, type);
        const error = errorOf(form);
        expect(error / 2 ** -10, name).toBeLessThanOrEqual(1.0001);
      }
    }
  });

  it('is a table where a table is near enough, and where values that leave the type wrap', () => {
    expect(formOf('tanh', fixedPointType(true, 10, 4)).kind).toBe('table');
    expect(formOf('elu', fixedPointType(true, 16, 6)).kind).toBe('lines');
    expect(formOf('elu', fixedPointType(true, 16, 6), { ...plain, lines: false }).kind).toBe('table');
  });

  it('has octaves where a function bends without end towards zero, and two halves for both signs', () => {
    const log = formOf('log', fixedPointType(true, 16, 6));
    expect(log.kind === 'lines' && [log.lines.map.kind, log.rectified]).toEqual(['octaves', true]);
    expect(formOf('reciprocal', fixedPointType(true, 16, 6)).kind).toBe('halves');
  });

  it('may be off by a share of the value, which the message then says', () => {
    const type = fixedPointType(false, 40, 12);
    const operand = { lsb: lsbExponent(type), codes: codeRange(type) };
    const fine = parseQuantizer('ap_ufixed<30,10,AP_RND_CONV,AP_SAT>');
    const node = fields('inverseSqrt', 1, 1e-5);
    const form = chooseForm(node, operand, fine, { ...plain, share: 2 ** -16 });
    const message = describeForm(node, fine.type, operand, form);
    const share = Number(/or (\S+) of the value/u.exec(message)?.[1]) * 1.001;
    expect(share).toBeLessThan(2 ** -14);
    const codes = someCodes(type, 400, new Random(5));
    const values = evaluated(type, fine, form, codes);
    codes.forEach((code, index) => {
      const exact = limited(node, Number(code) * 2 ** operand.lsb, fine);
      expect(Math.abs(at(values, index) - exact)).toBeLessThanOrEqual(Math.max(1.001 * 2 ** -20, share * exact));
    });
  });
});

describe('steps', () => {
  const maps: readonly StepMap[] = [
    { kind: 'uniform', drop: 0 },
    { kind: 'uniform', drop: 5 },
    { kind: 'octaves', linearBits: 4, mantissaBits: 2 },
    { kind: 'octaves', linearBits: 3, mantissaBits: 3 },
  ];

  it('cover every code once, in order', () => {
    for (const map of maps) {
      for (let code = map.kind === 'uniform' ? -300n : 0n; code < 1200n; code++) {
        const { from, size } = stepAt(map, addressOf(map, code));
        expect(Number(code) >= from && Number(code) < from + size).toBe(true);
        const further = addressOf(map, code + 1n) - addressOf(map, code);
        expect(further).toBe(Number(code) + 1 === from + size ? 1n : 0n);
      }
    }
  });
});

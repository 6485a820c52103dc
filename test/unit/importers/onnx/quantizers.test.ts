import { describe, expect, it } from 'vitest';
import { printQuantizer } from '../../../../src/numeric/fixed-point.js';
import { inspectOnnx } from '../../../../src/importers/onnx/import.js';
import { float, int, OnnxBuilder, text } from '../../../support/onnx-builder.js';
import { Random } from '../../../../src/support/random.js';
import type { Case } from './support.js';
import { evaluate, folded, imported, kindsOf, noBatch, options, refusal, run, single } from './support.js';

const domains = ['onnx.brevitas', 'finn.custom_op.general', 'qonnx.custom_op.general'] as const;

interface QuantCase {
  readonly x: readonly number[];
  readonly scale?: number;
  readonly zero?: number;
  readonly width?: number;
  readonly signed?: boolean;
  readonly narrow?: boolean;
  readonly rounding?: string;
  readonly domain?: string;
}

function quantCase({
  x,
  scale = 1,
  zero = 0,
  width = 4,
  signed = true,
  narrow = false,
  rounding = 'ROUND',
  domain,
}: QuantCase): Case {
  return {
    shape: [x.length],
    x,
    domain: domain ?? domains[2],
    constants: [
      ['s', [], [scale]],
      ['z', [], [zero]],
      ['b', [], [width]],
    ],
    attributes: { signed: int(signed ? 1 : 0), narrow: int(narrow ? 1 : 0), rounding_mode: text(rounding) },
  };
}

/** Independent definition, in doubles: all numbers of the tests are exact in them. */
function quantised(value: number, test: Required<Omit<QuantCase, 'x' | 'domain'>>): number {
  const { scale, zero, width, signed, narrow, rounding } = test;
  const shifted = value / scale + zero;
  const [low, high] = signed
    ? [-(2 ** (width - 1)) + (narrow ? 1 : 0), 2 ** (width - 1) - 1]
    : [0, 2 ** width - 1 - (narrow ? 1 : 0)];
  const clamped = Math.min(Math.max(shifted, low), high);
  const sign = Math.sign(clamped);
  const magnitude = Math.abs(clamped);
  const nearestEven = (v: number): number => {
    const floor = Math.floor(v);
    if (v - floor !== 0.5) return Math.round(v);
    return floor % 2 === 0 ? floor : floor + 1;
  };
  const rounded = {
    ROUND: nearestEven(clamped),
    HALF_EVEN: nearestEven(clamped),
    FLOOR: Math.floor(clamped),
    CEIL: Math.ceil(clamped),
    ROUND_TO_ZERO: Math.trunc(clamped),
    DOWN: Math.trunc(clamped),
    UP: sign * Math.ceil(magnitude),
    HALF_UP: sign * Math.floor(magnitude + 0.5),
    HALF_DOWN: sign * Math.ceil(magnitude - 0.5),
  }[rounding.toUpperCase()];
  return ((rounded ?? Number.NaN) - zero) * scale;
}

const modes = ['ROUND', 'HALF_EVEN', 'FLOOR', 'CEIL', 'ROUND_TO_ZERO', 'UP', 'DOWN', 'HALF_UP', 'HALF_DOWN'] as const;
/** Everything around the ties and the limits of small types. */
const values = Array.from({ length: 81 }, (_, index) => (index - 40) / 4);
const plus = (list: readonly number[]): readonly number[] => list.map((value) => value + 0);

describe('Quant', () => {
  it.each(domains)('is read in domain %s, declared or not', (domain) => {
    const test = quantCase({ x: [0.5, 1.5, 100], domain });
    expect(run('Quant', test).values).toEqual([0, 2, 7]);
    const declared = single('Quant', test).importDomain(domain, 1);
    expect(evaluate(imported(declared, noBatch).graph, [test.x])[0]?.values).toEqual([0, 2, 7]);
  });

  it.each(modes)('rounds by %s for every sign, range and zero point', (rounding) => {
    for (const signed of [true, false]) {
      for (const narrow of [true, false]) {
        for (const zero of [0, 3, -0.5]) {
          for (const [scale, width] of [
            [1, 4],
            [0.25, 3],
            [2, 2],
            [3, 3],
            [Math.fround(0.3), 4],
          ] as const) {
            const test = { scale, zero, width, signed, narrow, rounding: rounding.toLowerCase() };
            const expected = plus(values.map((value) => quantised(value, test)));
            expect(plus(run('Quant', quantCase({ x: values, ...test })).values)).toEqual(expected);
            // Constants are divided in float32, where other scales leave quotients that look like ties.
            if (scale === Math.fround(0.3)) continue;
            expect(plus(folded('Quant', quantCase({ x: values, ...test })).values)).toEqual(expected);
          }
        }
      }
    }
  });

  it('becomes one quantise node with the right type', () => {
    const kinds = (test: QuantCase): readonly string[] => {
      const { graph } = imported(single('Quant', quantCase(test)), noBatch);
      return graph.nodes.map((node) => {
        if (node.kind !== 'quantize') return node.kind;
        return node.types.map((type) => printQuantizer({ ...node, type })).join();
      });
    };
    const x = [0];
    expect(kinds({ x, scale: 0.125, width: 6, rounding: 'FLOOR' })).toEqual(['input', 'ap_fixed<6,3,AP_TRN,AP_SAT>']);
    expect(kinds({ x, scale: 4, width: 6, signed: false })).toEqual(['input', 'ap_ufixed<6,8,AP_RND_CONV,AP_SAT>']);
    expect(kinds({ x, width: 8, narrow: true, rounding: 'HALF_UP' })).toEqual([
      'input',
      'ap_fixed<8,8,AP_RND_INF,AP_SAT_SYM>',
    ]);
    expect(kinds({ x, width: 8, signed: false, narrow: true })).toEqual([
      'input',
      'ap_ufixed<8,8,AP_RND_CONV,AP_SAT>',
      'constant',
      'minimum',
    ]);
  });

  it('takes parameters of one element at any rank, and only those that broadcast otherwise', () => {
    const scalar = quantCase({ x: [0.75] });
    const test: Case = {
      ...scalar,
      shape: [],
      constants: [['s', [1, 1], [0.5]], ...(scalar.constants ?? []).slice(1)],
    };
    expect(run('Quant', test)).toEqual({ shape: [], values: [1] });
    const wrong: Case = {
      ...test,
      shape: [2],
      constants: [['s', [3], [1, 2, 4]], ...(scalar.constants ?? []).slice(1)],
    };
    expect(refusal(single('Quant', wrong), noBatch)).toEqual(['TRG1048']);
  });

  it('keeps the LSB of the quantiser in constants, whatever their values', () => {
    const builder = single('Quant', quantCase({ x: [2, 4], scale: 0.25, width: 8 }));
    builder.graph.input.length = 0;
    const { graph } = imported(builder.input('dummy', [1]).initializer('x', [2], [2, 4]));
    const constant = graph.nodes.find((node) => node.kind === 'constant');
    expect(constant).toMatchObject({ lsb: -2, codes: [8n, 16n], float: false, provenance: { operator: 'Quant' } });
  });

  it('takes a scale per channel', () => {
    const test: Case = {
      shape: [2, 2],
      x: [0.3, 9, 0.3, 9],
      domain: domains[0],
      constants: [
        ['s', [2, 1], [1, 0.25]],
        ['z', [], [0], 'int64'],
        ['b', [], [4], 'int64'],
      ],
      attributes: { signed: int(1), narrow: int(0), rounding_mode: text('ROUND') },
    };
    expect(run('Quant', test).values).toEqual([0, 7, 0.25, 1.75]);
    expect(folded('Quant', test).values).toEqual([0, 7, 0.25, 1.75]);
    const inspection = inspectOnnx(single('Quant', test).bytes(), { ...options, ...noBatch });
    expect(inspection.summary.nodes[0]?.quantizer).toBe('ap_fixed<4,4,AP_RND_CONV,AP_SAT> and 1 more');
  });

  it('saturates exactly at widths beyond double precision', () => {
    const wide = run('Quant', quantCase({ x: [2 ** 80, -(2 ** 80)], width: 70 })).values;
    expect(wide).toEqual([2 ** 69, -(2 ** 69)]);
    const builder = single('Quant', quantCase({ x: [], width: 70 }));
    builder.graph.input.length = 0;
    const { graph } = imported(builder.input('dummy', [1]).initializer('x', [0 + 1], [2 ** 80]));
    expect(graph.nodes.find((node) => node.kind === 'constant')).toMatchObject({ codes: [2n ** 69n - 1n] });
  });

  it('reads one signed bit as bipolar, with a warning', () => {
    const test = quantCase({ x: [-3, -0.1, 0, 2], scale: 0.5, width: 1 });
    expect(run('Quant', test).values).toEqual([-0.5, -0.5, 0.5, 0.5]);
    expect(folded('Quant', test).values).toEqual([-0.5, -0.5, 0.5, 0.5]);
    expect(imported(single('Quant', test), noBatch).codes).toEqual(['TRG1064']);
  });

  it('names the node and the scale when the scale is not positive', () => {
    const inspection = inspectOnnx(single('Quant', quantCase({ x: [0], scale: -0.3 })).bytes(), options);
    expect(inspection.importable).toBe(false);
    expect(inspection.diagnostics[0]).toMatchObject({ code: 'TRG1061', location: { node: 'node' } });
    expect(inspection.diagnostics[0]?.message).toContain('-0.3');
    expect(refusal(single('Quant', quantCase({ x: [0], scale: 0 })))).toEqual(['TRG1061']);
    expect(refusal(single('Quant', quantCase({ x: [0], scale: Number.NaN })))).toEqual(['TRG1061']);
    expect(refusal(single('Quant', quantCase({ x: [0], width: 2.5 })))).toEqual(['TRG1062']);
    expect(refusal(single('Quant', quantCase({ x: [0], rounding: 'SOMEHOW' })))).toEqual(['TRG1063']);
    expect(refusal(single('Quant', quantCase({ x: [0], zero: Number.POSITIVE_INFINITY })))).toEqual(['TRG1067']);
  });
});

describe('BipolarQuant', () => {
  const test: Case = { shape: [3], x: [-0.5, 0, 4], domain: domains[1], constants: [['s', [1], [0.25]]] };

  it('gives plus or minus the scale', () => {
    expect(run('BipolarQuant', test).values).toEqual([-0.25, 0.25, 0.25]);
    expect(folded('BipolarQuant', test).values).toEqual([-0.25, 0.25, 0.25]);
  });

  it('is a lone bipolar node for scale one', () => {
    const unit: Case = { ...test, constants: [['s', [], [1]]] };
    expect(kindsOf(imported(single('BipolarQuant', unit), noBatch).graph)).toEqual(['input', 'bipolar']);
  });
});

describe('Trunc', () => {
  const x = Array.from({ length: 31 }, (_, index) => (index - 15) * 0.5);
  const trunc = (
    rest: readonly (readonly [string, readonly number[], readonly number[]])[],
    rounding: string,
  ): Case => ({
    shape: [x.length],
    x,
    domain: domains[2],
    constants: [['s', [], [0.5]], ['z', [], [0]], ['i', [], [6]], ...rest],
    attributes: { rounding_mode: text(rounding) },
  });

  it('of version 1 divides and keeps the input scale', () => {
    const expected = x.map((value) => Math.floor(value / 0.5 / 4) * 0.5);
    expect(plus(run('Trunc', trunc([['o', [], [4]]], 'FLOOR')).values)).toEqual(plus(expected));
  });

  it('of version 2 uses the output scale and clamps', () => {
    const expected = x.map((value) => Math.min(Math.max(Math.ceil(value / 2), -2), 1) * 2);
    const constants: Parameters<typeof trunc>[0] = [
      ['os', [], [2]],
      ['o', [], [2]],
    ];
    expect(plus(run('Trunc', trunc(constants, 'CEIL')).values)).toEqual(plus(expected));
  });
});

describe('QuantizeLinear and DequantizeLinear', () => {
  const pair = (zero: number | undefined, type: 'int8' | 'uint8', scale = 0.25, opset = 13): OnnxBuilder => {
    const builder = new OnnxBuilder(opset).input('x', [6]).initializer('s', [], [scale]);
    const parameters = zero === undefined ? ['s'] : ['s', 'z'];
    if (zero !== undefined) builder.initializer('z', [], [zero], type);
    return builder
      .node('QuantizeLinear', ['x', ...parameters], ['q'], {}, { name: 'Q' })
      .node('DequantizeLinear', ['q', ...parameters], ['y'], {}, { name: 'D' })
      .output('y');
  };
  const x = [0.125, 0.375, -0.125, 100, -100, 1];

  it.each([10, 13, 19, 21, 25])('make one quantise node where the range is that of a type, opset %i', (opset) => {
    const { graph } = imported(pair(0, 'int8', 0.25, opset));
    expect(kindsOf(graph)).toEqual(['input', 'quantize']);
    expect(evaluate(graph, [x])[0]?.values.map((v) => v + 0)).toEqual([0, 0.5, 0, 31.75, -32, 1]);
    expect(kindsOf(imported(pair(128, 'uint8')).graph)).toEqual(['input', 'quantize']);
  });

  it('default to uint8 without a zero point', () => {
    const { graph } = imported(pair(undefined, 'uint8'));
    expect(evaluate(graph, [x])[0]?.values.map((v) => v + 0)).toEqual([0, 0.5, 0, 63.75, 0, 1]);
  });

  it('clamp with constants for other zero points', () => {
    const { graph } = imported(pair(3, 'uint8'));
    expect(kindsOf(graph)).toEqual(['input', 'quantize', 'constant', 'maximum', 'constant', 'minimum']);
    expect(evaluate(graph, [x])[0]?.values.map((v) => v + 0)).toEqual([0, 0.5, 0, 63, -0.75, 1]);
  });

  it('keep integers exact when they leave through a port or are read with another scale', () => {
    const builder = pair(3, 'uint8')
      .initializer('s2', [], [2])
      .node('DequantizeLinear', ['q', 's2', 'z'], ['w'])
      .output('q', [6], 'uint8')
      .output('w');
    const outcomes = evaluate(imported(builder).graph, [x]);
    expect(outcomes[1]?.values).toEqual([3, 5, 3, 255, 0, 7]);
    expect(outcomes[2]?.values).toEqual([0, 4, 0, 504, -6, 8]);
  });

  it('read integer weights per channel as quantised constants', () => {
    const builder = new OnnxBuilder(13)
      .input('x', [1, 2])
      .initializer('w', [2, 2], [1, 2, 3, 4], 'int8')
      .initializer('s', [2], [0.5, 2])
      .initializer('z', [2], [0, 1], 'int8')
      .node('DequantizeLinear', ['w', 's', 'z'], ['d'], { axis: int(1) })
      .node('MatMul', ['x', 'd'], ['y'])
      .output('y');
    const { graph } = imported(builder);
    expect(graph.nodes.find((node) => node.kind === 'constant')).toMatchObject({
      lsb: -1,
      codes: [1n, 4n, 3n, 12n],
      float: false,
    });
  });

  it('divide exactly by a scale that is not a power of two, per tensor and per channel', () => {
    const scale = Math.fround(0.1);
    const { graph } = imported(pair(3, 'uint8', scale));
    expect(kindsOf(graph)).toContain('requantize');
    const integers = x.map((value) => {
      const quotient = value / scale;
      const floor = Math.floor(quotient);
      const tie = quotient - floor === 0.5;
      return Math.min(255, Math.max(0, (tie ? floor + (floor % 2) : Math.round(quotient)) + 3));
    });
    expect(evaluate(graph, [x])[0]?.values).toEqual(integers.map((q) => (q - 3) * scale + 0));
    const channels = new OnnxBuilder(13)
      .input('x', ['N', 2])
      .initializer('s', [2], [Math.fround(0.7), 3])
      .initializer('z', [2], [0, -1], 'int8')
      .node('QuantizeLinear', ['x', 's', 'z'], ['q'])
      .node('DequantizeLinear', ['q', 's', 'z'], ['y'])
      .output('q', ['N', 2], 'int8')
      .output('y');
    const outcomes = evaluate(imported(channels).graph, [[2.5, -4.5]]);
    // -4.5 / 3 is a tie, which goes to the even -2 before the zero point is added.
    expect(outcomes[0]?.values).toEqual([4, -3]);
    expect(outcomes[1]?.values).toEqual([4 * Math.fround(0.7), -6]);
  });

  it('refuse blocks, scales that are not positive and zero points that are not integers', () => {
    expect(refusal(pair(0, 'int8', -0.3))).toEqual(['TRG1061']);
    const blocked = pair(0, 'int8', 0.25, 21);
    for (const node of blocked.graph.node) node.attribute = [{ name: 'block_size', ...int(2) }];
    expect(refusal(blocked)).toEqual(['TRG1044']);
    const real = new OnnxBuilder().input('x', [2]).initializer('s', [], [1]).initializer('z', [], [0]);
    expect(refusal(real.node('QuantizeLinear', ['x', 's', 'z'], ['y']).output('y'))).toEqual(['TRG1067']);
  });
});

describe('quantised constants', () => {
  it('stay quantised through reshaping and exact arithmetic', () => {
    const random = new Random(3);
    const weights = Array.from({ length: 6 }, () => random.integer(-8, 7) / 4);
    const builder = new OnnxBuilder()
      .input('x', [1, 3])
      .initializer('w', [2, 3], weights)
      .initializer('s', [], [0.25])
      .initializer('z', [], [0])
      .initializer('b', [], [4])
      .node('Quant', ['w', 's', 'z', 'b'], ['q'], { signed: int(1), narrow: int(0) }, { domain: domains[0] })
      .node('Gemm', ['x', 'q'], ['y'], { transB: int(1), alpha: float(0.5) })
      .output('y');
    const { graph } = imported(builder);
    const constant = graph.nodes.find((node) => node.kind === 'constant');
    expect(constant).toMatchObject({ shape: [3, 2], lsb: -3, float: false });
  });
});

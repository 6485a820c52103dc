import { describe, expect, it } from 'vitest';
import type { LoopedOptions } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { emitLooped } from '../../../../src/backends/vitis-hls/looped/emit.js';
import type { LoopedEstimate } from '../../../../src/backends/vitis-hls/looped/estimate.js';
import { estimateLooped } from '../../../../src/backends/vitis-hls/looped/estimate.js';
import { hlsEstimate } from '../../../../src/cli/hls-figures.js';
import { hlsSummary } from '../../../../src/cli/hls-summary.js';
import { knownFigures } from '../../../../src/budget/vocabulary.js';
import { unwrap } from '../../../../src/diagnostics/result.js';
import { parseModel } from '../../../../src/model/parse.js';
import { printFigureFile } from '../../../../src/report/figure-file.js';
import { findPart } from '../../../../src/targets/parts.js';
import { distribute } from '../../../support/distribute.js';

/** 8 inputs, 4 outputs, then 4 inputs, 2 outputs; weights 17 bits wide with two zeros and two powers of two. */
const network = parseModel(`model 1 "network"
%0 = input {name: "x", types: [ap_fixed<18,4>], rounding: TRN, overflow: WRAP} : [8] @ "" ""
%1 = constant {lsb: 0, codes: [0, 0, 64, -64, 60001 * 28], float: false} : [8, 4] @ "w" "Initializer"
%2 = matmul(%0, %1) : [4] @ "first" "Gemm"
%3 = quantize(%2) {types: [ap_fixed<12,12>], rounding: TRN, overflow: SAT} : [4] @ "q" "Quant"
%4 = constant {lsb: 0, codes: [3 * 8], float: false} : [4, 2] @ "v" "Initializer"
%5 = matmul(%3, %4) : [2] @ "second" "Gemm"
output "y" = %5 : [ap_fixed<40,40>]
`);

const found = findPart('xcvu13p');
if (!('part' in found)) throw new Error('the part is known');
const { family, delays } = found.part;

function formOf(changed: Partial<LoopedOptions>) {
  return unwrap(
    emitLooped(
      { graph: network, layerOf: () => undefined, accumulatorOf: () => undefined },
      {
        top: 'network',
        header: '// test',
        transport: 'parallel',
        build: { strategy: 'latency', reuse: 1 },
        layers: new Map(),
        distribute,
        ...changed,
      },
    ),
  );
}

function estimateOf(changed: Partial<LoopedOptions>, clockPeriod = 5): LoopedEstimate {
  return estimateLooped(formOf(changed), { family, delays, clockPeriod });
}

describe('estimates of the looped form', () => {
  it('multipliers are products over reuse', () => {
    const of = (reuse: number) => estimateOf({ build: { strategy: 'resource', reuse } }).layers;
    expect(of(1).map(({ multipliers }) => multipliers)).toEqual([32, 8]);
    expect(of(4).map(({ multipliers }) => multipliers)).toEqual([8, 2]);
  });

  it('DSP blocks: none for zeros and powers of two that are constants, by operand widths elsewhere', () => {
    // 18 × 17 bits fit one DSP48E2 (27 × 18, UG579). Products with 3 (3 bits) by 12 bits have one as well, at most.
    expect(estimateOf({}).layers.map(({ dsp }) => dsp)).toEqual([28, 8]);
    const turns = { build: { strategy: 'resource', reuse: 4 } } as const;
    expect(estimateOf(turns).layers.map(({ dsp }) => dsp)).toEqual([8, 2]);
  });

  it('the interval of a pipeline is the largest reuse factor', () => {
    expect(estimateOf({})).toMatchObject({ interval: 1 });
    const layers = new Map([['first', { reuse: 4 }]]);
    expect(estimateOf({ layers })).toMatchObject({ interval: 4 });
    expect(estimateOf({ layers }).latency).toBeGreaterThan(estimateOf({}).latency);
  });

  it('processes take at least their turns, and streams a clock for every row besides', () => {
    const build = { strategy: 'resource', reuse: 8 } as const;
    const parallel = estimateOf({ build, layers: new Map([['second', { reuse: 4 }]]) });
    expect(parallel.interval).toBeGreaterThanOrEqual(8);
    expect(parallel.interval).toBeLessThan(parallel.latency);
    const stream = estimateOf({ build, layers: new Map([['second', { reuse: 4 }]]), transport: 'stream' });
    expect(stream.latency).toBeGreaterThan(parallel.latency);
  });

  it('a slower clock needs fewer cycles, and no clock none', () => {
    const [fast, slow] = [estimateOf({}, 2), estimateOf({}, 100)];
    expect(fast.latency).toBeGreaterThan(slow.latency);
    expect(slow.latency).toBe(1);
  });

  it('a declared accumulator adds in order', () => {
    const declared = unwrap(
      emitLooped(
        {
          graph: network,
          layerOf: (id) => (id === 2 ? 'first' : undefined),
          accumulatorOf: (id) =>
            id === 2
              ? { type: formOf({}).inputs[0]?.types[0] ?? never(), rounding: 'TRN', overflow: 'WRAP' }
              : undefined,
        },
        {
          top: 'network',
          header: '// test',
          transport: 'parallel',
          build: { strategy: 'latency', reuse: 1 },
          layers: new Map(),
          distribute,
        },
      ),
    );
    const latency = estimateLooped(declared, { family, delays, clockPeriod: 2 }).latency;
    expect(latency).toBeGreaterThan(estimateOf({}, 2).latency);
  });

  it('is a file of figures that budgets know by name, and one line', () => {
    const figures = hlsEstimate(formOf({}), { family, delays, clockPeriod: 5 });
    expect(printFigureFile(figures, '0'.repeat(64))).toContain('"hls_dsp"');
    for (const [name, { unit, origin }] of Object.entries(figures.figures)) {
      expect([knownFigures.get(name)?.unit, origin]).toEqual([unit, 'estimate']);
    }
    expect(figures.layers?.map(({ layer }) => layer)).toEqual(['first', 'second']);
    expect(hlsSummary(figures)).toMatch(/^estimate of the C\+\+, .* II 1, 40 multipliers, at most 36 DSP$/u);
  });
});

function never(): never {
  throw new Error('the input has a type');
}

import { describe, expect, it } from 'vitest';
import { legalNeighbours, legalReuseFactors } from '../../../../src/backends/vitis-hls/looped/dense.js';
import { emitLooped } from '../../../../src/backends/vitis-hls/looped/emit.js';
import type { LoopedOptions } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { loopedModel } from '../../../../src/cli/write-hls.js';
import { emptyConfig } from '../../../../src/config/config.js';
import { hlsCodes } from '../../../../src/diagnostics/codes/hls.js';
import { parseModel } from '../../../../src/model/parse.js';
import { distribute } from '../../../support/distribute.js';

/** 80 inputs, 60 outputs: more products than the HLS tool unrolls. */
function network(weights: string): ReturnType<typeof parseModel> {
  return parseModel(`model 1 "network"
%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: WRAP} : [80] @ "" ""
%1 = constant {lsb: 0, codes: [${weights}], float: false} : [80, 60] @ "w" "Initializer"
%2 = matmul(%0, %1) : [60] @ "dense" "Gemm"
output "y" = %2 : [ap_fixed<80,76>]
`);
}

const options: LoopedOptions = {
  top: 'network',
  header: '// test',
  transport: 'parallel',
  build: { strategy: 'resource', reuse: 1 },
  layers: new Map(),
  distribute,
};

function codesOf(weights: string, changed: Partial<LoopedOptions>) {
  const exact = { layerOf: () => undefined, accumulatorOf: () => undefined };
  const { diagnostics } = emitLooped({ graph: network(weights), ...exact }, { ...options, ...changed });
  return diagnostics.map(({ code, hint, location }) => ({ code, hint, where: location?.node ?? location?.configPath }));
}

describe('reuse factors', () => {
  it('cut the products into equal turns: whole inputs, or an equal part of one', () => {
    expect(legalReuseFactors(6, 4)).toEqual([1, 2, 3, 6, 12, 24]);
    expect(legalReuseFactors(1, 3)).toEqual([1, 3]);
    expect(legalNeighbours(4, [1, 2, 3, 6, 12])).toEqual([3, 6]);
    expect(legalNeighbours(99, [1, 2, 3])).toEqual([3]);
  });

  it('an illegal one is an error that names the legal neighbours', () => {
    const narrow = { build: { strategy: 'resource', reuse: 81 } } as const;
    expect(codesOf('1 * 4800', narrow)).toContainEqual({
      code: hlsCodes.illegalReuse.code,
      hint: 'the nearest legal values are 80 or 160',
      where: 'dense',
    });
  });

  it('a layer that multiplies nothing has none', () => {
    const layers = new Map([['relu', { reuse: 2 }]]);
    const codes = codesOf('1 * 4800', { layers });
    expect(codes.map(({ code, where }) => [code, where])).toContainEqual([hlsCodes.unknownLayer.code, 'layers.relu']);
  });
});

it('pruned weights of a layer with a declared accumulator are refused', () => {
  expect(() => loopedModel({}, emptyConfig)).toThrow(hlsCodes.prunedAccumulator.code);
});

describe('what the HLS tool cannot take', () => {
  it('more products at once than it unrolls', () => {
    const codes = codesOf('1 * 4800', { build: { strategy: 'latency', reuse: 1 } });
    expect(codes.map(({ code }) => code)).toContain(hlsCodes.unrollLimit.code);
  });

  it('codes and ports beyond 64 bits', () => {
    const codes = codesOf(`${1n << 70n} * 4800`, {});
    expect(codes.map(({ code }) => code)).toEqual([hlsCodes.constantTooWide.code, hlsCodes.constantTooWide.code]);
  });
});

import { describe, expect, it } from 'vitest';
import type { LoopedOptions } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { emitLooped } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { hlsCodes } from '../../../../src/diagnostics/codes/hls.js';
import { parseModel } from '../../../../src/model/parse.js';
import { distribute } from '../../../support/distribute.js';

/** What is said of one layer of that many inputs and outputs, whose weights have 9 bits. */
function problems(inputs: number, outputs: number, changed: Partial<LoopedOptions>) {
  const text = `model 1 "network"
%0 = input {name: "x", types: [ap_fixed<16,4>], rounding: TRN, overflow: WRAP} : [${inputs}] @ "" ""
%1 = constant {lsb: 0, codes: [-255 * ${inputs * outputs}], float: false} : [${inputs}, ${outputs}] @ "w" "Initializer"
%2 = matmul(%0, %1) : [${outputs}] @ "dense" "Gemm"
output "y" = %2 : [ap_fixed<40,30>]
`;
  return problemsOf(text, { build: { strategy: 'resource', reuse: inputs }, ...changed });
}

function problemsOf(text: string, changed: Partial<LoopedOptions>) {
  const graph = parseModel(text);
  const { diagnostics } = emitLooped(
    { graph, layerOf: () => undefined, accumulatorOf: () => undefined },
    {
      top: 'network',
      header: '// test',
      transport: 'parallel',
      build: { strategy: 'latency', reuse: 1 },
      layers: new Map(),
      distribute,
      ...changed,
    },
  );
  return diagnostics.map(({ code, hint, location }) => ({ code, hint, node: location?.node }));
}

describe('designs that the HLS tool gives up on', () => {
  it('at the limit it does not', () => {
    expect(problems(64, 64, { build: { strategy: 'latency', reuse: 1 } })).toEqual([]);
    expect(problems(64, 64, { build: { strategy: 'resource', reuse: 1 } })).toEqual([]);
    expect(problems(256, 4, { transport: 'stream' })).toEqual([]);
    expect(problems(4096, 1, {})).toEqual([]);
  });

  it('more products in one turn than it unrolls: a reuse factor that would do', () => {
    const { code } = hlsCodes.unrollLimit;
    expect(problems(65, 64, { build: { strategy: 'latency', reuse: 1 } })).toMatchObject([{ code, node: 'dense' }]);
    expect(problems(65, 64, { build: { strategy: 'resource', reuse: 1 } })).toEqual([
      { code, node: 'dense', hint: 'declare a reuse factor of at least 2 for the layer' },
    ]);
  });

  it('a word of weights beyond 65,536 bits', () => {
    const found = problems(100, 80, { build: { strategy: 'resource', reuse: 1 } });
    expect(found).toContainEqual({
      code: hlsCodes.wordLimit.code,
      node: 'dense',
      hint: 'declare a reuse factor of at least 2 for the layer, or a narrower weight type',
    });
  });

  it('a type beyond the 1,024 bits of ap_fixed', () => {
    const declared = (width: number): string => `model 1 "network"
%0 = input {name: "x", types: [ap_fixed<16,4>], rounding: TRN, overflow: WRAP} : [2] @ "" ""
%1 = quantize(%0) {types: [ap_fixed<${width},4>], rounding: TRN, overflow: WRAP} : [2] @ "wide" "Quant"
%2 = quantize(%1) {types: [ap_fixed<16,4>], rounding: RND, overflow: SAT} : [2] @ "narrow" "Quant"
output "y" = %2 : [ap_fixed<16,4>]
`;
    expect(problemsOf(declared(1024), {})).toEqual([]);
    expect(problemsOf(declared(1025), {})).toMatchObject([{ code: hlsCodes.typeLimit.code, node: 'wide' }]);
  });

  it('a row of a stream beyond 4,096 bits', () => {
    const { code } = hlsCodes.wordLimit;
    expect(problems(257, 4, { transport: 'stream' })).toMatchObject([{ code, node: 'x' }]);
  });

  it('a tensor beyond 4,096 elements, and a port beyond 65,536 bits', () => {
    expect(problems(4097, 1, {})).toMatchObject([
      { code: hlsCodes.wordLimit.code, node: 'x' },
      { code: hlsCodes.partitionLimit.code, node: 'x' },
    ]);
  });
});

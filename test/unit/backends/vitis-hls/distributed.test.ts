import { describe, expect, it } from 'vitest';
import type { LoopedOptions } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { emitLooped } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { estimateLooped } from '../../../../src/backends/vitis-hls/looped/estimate.js';
import { hlsCodes } from '../../../../src/diagnostics/codes/hls.js';
import { unwrap } from '../../../../src/diagnostics/result.js';
import { parseModel } from '../../../../src/model/parse.js';
import type { FixedPointType } from '../../../../src/numeric/fixed-point.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';
import { delayModels } from '../../../../src/targets/delay-model.js';
import { distribute } from '../../../support/distribute.js';

/** Codes of x are -128 to 127 in steps of 1/16, and the sums of |weights| are 10 and 13: 12 bits, of which 4 are fraction. */
const network = parseModel(`model 1 "network"
%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: WRAP} : [4] @ "" ""
%1 = constant {lsb: 0, codes: [1, 2, -3, 4, 5, -6, 1, 1], float: false} : [4, 2] @ "w" "Initializer"
%2 = matmul(%0, %1) : [2] @ "dense" "Gemm"
output "y" = %2 : [ap_fixed<12,8>]
`);

function emit(accumulator: FixedPointType | undefined, changed: Partial<LoopedOptions> = {}) {
  return emitLooped(
    {
      graph: network,
      layerOf: () => (accumulator === undefined ? undefined : 'dense'),
      accumulatorOf: (id) =>
        accumulator === undefined || id !== 2 ? undefined : { type: accumulator, rounding: 'TRN', overflow: 'WRAP' },
    },
    {
      top: 'network',
      header: '// test',
      transport: 'parallel',
      build: { strategy: 'distributed_arithmetic', reuse: 1 },
      layers: new Map(),
      distribute,
      ...changed,
    },
  );
}

describe('distributed arithmetic inside loops', () => {
  it('is a function of shifted additions for every row: no weights, no multipliers', () => {
    const form = unwrap(emit(undefined));
    const source = form.files.get('network.cpp') ?? '';
    expect(source).toContain('void compute_');
    expect(source).toContain('_row(x + row * 4, ');
    expect(source).not.toContain('trigc::dense');
    expect(source).not.toContain('*v');
    expect(form.files.get('network_weights.h')).not.toContain('[8]');
    const target = { family: 'generic', delays: delayModels.generic, clockPeriod: 25 } as const;
    expect(estimateLooped(form, target)).toMatchObject({ multipliers: 0, dsp: 0, interval: 1 });
  });

  it('shares no multiplier: another reuse factor than 1 is an error', () => {
    const { diagnostics } = emit(undefined, { build: { strategy: 'distributed_arithmetic', reuse: 2 } });
    expect(diagnostics).toMatchObject([
      {
        code: hlsCodes.illegalReuse.code,
        location: { node: 'dense' },
        hint: 'the reuse factor of distributed_arithmetic is 1',
      },
    ]);
  });

  it('an accumulator that holds every sum changes nothing; one that loses bits is an error', () => {
    // Sums of the second output go from -1658 to 1657.
    expect(emit(fixedPointType(true, 12, 8)).diagnostics).toEqual([]);
    for (const lossy of [fixedPointType(true, 11, 7), fixedPointType(true, 12, 9)]) {
      expect(emit(lossy).diagnostics).toMatchObject([
        { code: hlsCodes.lossyAccumulator.code, location: { node: 'dense' } },
      ]);
    }
  });
});

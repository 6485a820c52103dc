import { describe, expect, it } from 'vitest';
import type { LoopedOptions } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { emitLooped } from '../../../../src/backends/vitis-hls/looped/emit.js';
import { hlsCodes } from '../../../../src/diagnostics/codes/hls.js';
import { parseModel } from '../../../../src/model/parse.js';
import { distribute } from '../../../support/distribute.js';

const network = parseModel(`model 1 "network"
%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: WRAP} : [4] @ "" ""
%1 = constant {lsb: 0, codes: [1, 2, 3, 4, 5, 6, 7, 8], float: false} : [4, 2] @ "w" "Initializer"
%2 = matmul(%0, %1) : [2] @ "dense" "Gemm"
output "y" = %2 : [ap_fixed<20,16>]
`);

function emit(changed: Partial<LoopedOptions>) {
  return emitLooped(
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
  );
}

function controlOf(changed: Partial<LoopedOptions>): string | undefined {
  const form = emit(changed);
  expect(form.diagnostics).toEqual([]);
  const source = form.ok ? form.value.files.get('network.cpp') : undefined;
  return /mode=(\w+) port=return/u.exec(source ?? '')?.[1];
}

describe('handshake of the block', () => {
  const turns = { build: { strategy: 'resource', reuse: 2 } } as const;
  const slow = { build: { strategy: 'latency', reuse: 2 } } as const;

  it('is there where an event is not taken at every clock', () => {
    expect(controlOf({})).toBe('ap_ctrl_none');
    expect(controlOf(slow)).toBe('ap_ctrl_hs');
    expect(controlOf(turns)).toBe('ap_ctrl_hs');
    expect(controlOf({ ...turns, transport: 'stream' })).toBe('ap_ctrl_none');
  });

  it('is the declared one', () => {
    expect(controlOf({ control: 'ap_ctrl_hs' })).toBe('ap_ctrl_hs');
    expect(controlOf({ control: 'ap_ctrl_hs', transport: 'stream' })).toBe('ap_ctrl_hs');
    expect(controlOf({ ...slow, control: 'ap_ctrl_hs' })).toBe('ap_ctrl_hs');
  });

  it('cannot be left out where nothing else says when ports are read', () => {
    for (const build of [turns, slow]) {
      const [problem, ...rest] = emit({ ...build, control: 'ap_ctrl_none' }).diagnostics;
      expect(rest).toEqual([]);
      expect(problem).toMatchObject({
        code: hlsCodes.controlConflict.code,
        location: { node: 'dense', configPath: 'hls.control' },
      });
    }
  });
});

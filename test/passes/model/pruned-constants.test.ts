import { describe, expect, it } from 'vitest';
import { precisionCodes } from '../../../src/diagnostics/codes/precision.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import { changedConstants, withConstants } from '../../../src/passes/model/precision/pruned-constants.js';

/** x · a · b, both matrices from one initializer; `output`: bits of the result. */
function network(codes: readonly [bigint, bigint], output: number): ModelGraph {
  const builder = new ModelBuilder('network');
  const type = fixedPointType(true, 4, 4);
  const provenance = { name: 'w', operator: 'Initializer' };
  let value = builder.input({ name: 'x', types: [type], rounding: 'RND_CONV', overflow: 'SAT' }, [1, 1]);
  for (const code of codes) {
    const right = builder.constant({ lsb: 0, codes: [code], float: false }, [1, 1], provenance);
    value = builder.add('matmul', { left: value, right }, { name: 'dense', operator: 'MatMul' });
  }
  builder.output('y', value, [fixedPointType(true, output, output)]);
  return builder.finish();
}

describe('pruned constants', () => {
  it('are told apart where several have one name, and come back where they were', () => {
    const before = network([3n, 5n], 10);
    const changed = changedConstants(before, network([3n, 4n], 10));
    expect([...changed]).toEqual([['w#2', { lsb: 0, codes: [4n] }]]);
    expect(unwrap(withConstants(before, changed, 'precision.json'))).toEqual(network([3n, 4n], 10));
    expect(changedConstants(before, before).size).toBe(0);
  });

  it('badFile: are refused where the result would not fit its port', () => {
    const constants = new Map([['w', { lsb: 0, codes: [300n] }]]);
    const refused = withConstants(network([3n, 5n], 10), constants, 'precision.json');
    expect(refused.ok).toBe(false);
    expect(refused.diagnostics.map(({ code }) => code)).toEqual([precisionCodes.badFile.code]);
  });
});

import { describe, expect, it } from 'vitest';
import { DiagnosticError, unwrap } from '../../../src/diagnostics/result.js';
import { importOnnx } from '../../../src/importers/onnx/import.js';
import { findSites } from '../../../src/passes/model/precision/sites.js';
import { siteRanges } from '../../../src/precision/ranges.js';
import { OnnxBuilder } from '../../support/onnx-builder.js';

const bytes = new OnnxBuilder(13)
  .input('x', ['N', 2])
  .node('Exp', ['x'], ['e'], {}, { name: 'exponential' })
  .initializer('w', [2, 1], [1, -2])
  .node('MatMul', ['e', 'w'], ['y'], {}, { name: 'score' })
  .output('y', ['N', 1])
  .bytes();
const { graph } = unwrap(importOnnx(bytes, { modelName: 'm', modelPath: 'm.onnx' }));
const sites = findSites(graph);

describe('siteRanges', () => {
  it('takes the ends over all samples', () => {
    const samples = [
      { name: 'a', events: Float64Array.of(0, 1, -3, 0.5) },
      { name: 'b', events: Float64Array.of(2, -7) },
    ];
    const ranges = siteRanges(graph, sites, samples);
    // Elements of one group share their range.
    expect(ranges.get('x')).toEqual({ low: Float64Array.of(-7), high: Float64Array.of(2) });
    expect([...(ranges.get('exponential')?.high ?? [])].map(Math.log)).toEqual([2]);
  });

  it('names the file, the event and the first tensor with what is no finite number (TRG1722)', () => {
    const samples = [
      { name: 'a', events: Float64Array.of(0, 1) },
      { name: 'late.npy', events: Float64Array.from({ length: 2 * 5000 }, (_, index) => (index === 9001 ? 1000 : 0)) },
    ];
    const find = (): unknown => siteRanges(graph, sites, samples);
    expect(find).toThrow(DiagnosticError);
    expect(find).toThrow(/event 4501, element 1 of 'exponential' is Infinity/u);
  });
});

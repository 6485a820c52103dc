import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/diagnostics/result.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import { standardOperators } from '../../src/importers/onnx/registry.js';
import { openOnnxRuntime } from '../../src/simulation/onnx-runtime/model.js';
import { runtimeVersion } from '../../src/simulation/onnx-runtime/runtime.js';
import { Random } from '../../src/support/random.js';
import { compareWithTruth, runtimeResults } from '../support/float-truth.js';
import { operatorCases } from '../support/operator-cases.js';

const EVENTS = 40;

describe.skipIf(runtimeVersion() === undefined)(
  'float reference of each operator is ONNX Runtime (skipped without onnxruntime-web)',
  () => {
    it.for(operatorCases.map((each) => [`${each.operator} ${each.label}`.trim(), each] as const))(
      '%s',
      async ([name, { model, range, first }]) => {
        const bytes = model.bytes();
        const { graph } = unwrap(importOnnx(bytes, { modelName: name, modelPath: name }));
        const width = graph.nodes
          .filter((node) => node.kind === 'input')
          .reduce((sum, node) => sum + node.shape.reduce((product, dimension) => product * dimension, 1), 0);
        const random = new Random(99);
        const [low, high] = range;
        const data = Float64Array.from({ length: EVENTS * width }, (_, index) => {
          // Zeros and quarters now and then: corners of many functions, and ties of roundings.
          const value = low + (high - low) * random.uniform();
          const rounded = random.integer(0, 3) === 0 ? Math.round(4 * value) / 4 : value;
          return first[index] ?? Math.fround(Math.min(high, Math.max(low, rounded)));
        });
        const runtime = await openOnnxRuntime(bytes);
        try {
          const compared = compareWithTruth(graph, data, EVENTS, await runtimeResults(runtime, graph, data, EVENTS));
          expect(compared.elements).toBeGreaterThan(0);
          expect(compared.worst, compared.place).toBeLessThanOrEqual(1);
        } finally {
          await runtime.release();
        }
      },
    );

    it('leaves out no operator of the registry', () => {
      const compared = new Set(operatorCases.map(({ operator }) => operator));
      expect(standardOperators.map(({ operator }) => operator).filter((name) => !compared.has(name))).toEqual([]);
    });
  },
);

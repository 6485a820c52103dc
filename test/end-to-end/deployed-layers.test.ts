import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.js';
import { formatDiagnostic } from '../../src/diagnostics/diagnostic.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { importOnnx } from '../../src/importers/onnx/import.js';
import type { Tensor } from '../../src/model/evaluate.js';
import { modelEvaluator } from '../../src/model/evaluate.js';
import type { ModelGraph, Shape } from '../../src/model/kinds.js';
import { transposeIndices } from '../../src/model/shapes.js';
import { undeclared } from '../../src/passes/model/assign-types.js';
import { typingPipeline } from '../../src/passes/model/pipelines.js';
import { warnWraps } from '../../src/passes/model/warn-wraps.js';
import { runPipeline } from '../../src/passes/pass.js';
import { at } from '../../src/support/invariant.js';
import type { DeployedLayer } from '../support/precision-config.js';
import { precisionConfig } from '../support/precision-config.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';

/** The events of which the reference set keeps every tensor. */
const events = [
  ...Array.from({ length: 25 }, (_, row) => row),
  ...Array.from({ length: 10 }, (_, row) => 1000 + row),
  ...Array.from({ length: 15 }, (_, row) => 1500 + row),
];

function typedModel(name: string): {
  readonly graph: ModelGraph;
  readonly layers: readonly DeployedLayer[];
  readonly warnings: readonly string[];
} {
  const { yaml, layers } = precisionConfig(name);
  const config = unwrap(parseConfig(yaml, 'trigc.yaml'));
  const path = referenceFile('deployed', name, 'model.onnx');
  const { graph } = unwrap(importOnnx(readFileSync(path), { modelName: name, modelPath: path, batch: new Map() }));
  const options = { ...undeclared(config.default), layers: config.layers };
  const result = runPipeline(graph, typingPipeline(options), {});
  const typed = unwrap(result);
  const warnings = [...result.diagnostics, ...warnWraps(typed, config.layers)]
    .filter(({ severity }) => severity !== 'note')
    .map(formatDiagnostic);
  return { graph: typed, layers, warnings };
}

/** Values as the firmware orders them: channels last. */
function channelsLast(tensor: Tensor, shape: Shape): readonly number[] {
  const values = tensor.codes.map((code) => Number(code) * 2 ** tensor.lsb);
  if (shape.length < 3) return values;
  const axes = shape.map((_, axis) => axis);
  const order = transposeIndices(shape, [0, ...axes.slice(2), 1]);
  return Array.from(order, (index) => at(values, index));
}

describe.skipIf(!hasReference)('deployed networks, every tensor (skipped where the reference set is absent)', () => {
  for (const [name, count] of [
    ['CICADA_v2', 5],
    ['TOoLLiP_v1', 8],
  ] as const) {
    it(`${name}: ${count} layers equal those of the firmware on ${events.length} events`, () => {
      const { graph, layers, warnings } = typedModel(name);
      // A configuration that says of each layer what the firmware does is one that --strict accepts.
      expect(warnings).toEqual([]);
      const kept = layers.flatMap(({ layer, node, lsb }) => {
        const path = referenceFile('deployed', name, 'layers', `${layer}_out.csv.gz`);
        if (!existsSync(path)) return [];
        const cast = graph.nodes.findLast((made) => made.provenance.name === node);
        if (cast === undefined) throw new Error(`node ${node} is not in the graph`);
        return [{ layer, cast, expected: readCodes(path).map((row) => row.map((code) => Number(code) * 2 ** lsb)) }];
      });
      expect(kept).toHaveLength(count);
      const evaluate = modelEvaluator(graph);
      const inputs = readCodes(referenceFile('deployed', name, 'inputs.csv.gz'));
      events.forEach((event, index) => {
        const { tensors } = evaluate([at(inputs, event).map(BigInt)]);
        for (const { layer, cast, expected } of kept) {
          const made = channelsLast(at(tensors, cast.id), cast.shape);
          expect(made, `${layer}, event ${event}`).toEqual(at(expected, index));
        }
      });
    });
  }
});

// The typed graph of a model as JSON for other compilers: nodes in order, tensors with one type each.
import { readFileSync } from 'node:fs';
import { load } from './measure.mjs';

export async function networkJson(path) {
  const { importOnnx } = await load('importers/onnx/import.js');
  const { undeclared } = await load('passes/model/assign-types.js');
  const { runPipeline } = await load('passes/pass.js');
  const { modelPipeline, typingPipeline } = await load('passes/model/pipelines.js');
  const { emptyConfig } = await load('config/config.js');
  const { unwrap } = await load('diagnostics/result.js');
  const { graph } = unwrap(importOnnx(readFileSync(path), { modelName: 'network', modelPath: path }));
  const passes = [...typingPipeline(undeclared(emptyConfig.default)), ...modelPipeline];
  const typed = unwrap(runPipeline(graph, passes, {}));
  const nodes = typed.nodes.map(({ types, codes, ...node }) => ({
    ...node,
    ...(types === undefined ? {} : { type: types[0] }),
    ...(codes === undefined ? {} : { codes: codes.map(Number) }),
  }));
  return JSON.stringify({ nodes, output: typed.outputs[0].node });
}

// The typed graph of a model as JSON for other compilers: nodes in order, their tensors with one type or one for each
// element; outputs that are the same tensor once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from './measure.mjs';

/** A model without configuration. */
export async function networkJson(path) {
  const { importOnnx } = await load('importers/onnx/import.js');
  const { undeclared } = await load('passes/model/assign-types.js');
  const { runPipeline } = await load('passes/pass.js');
  const { modelPipeline, typingPipeline } = await load('passes/model/pipelines.js');
  const { emptyConfig } = await load('config/config.js');
  const { unwrap } = await load('diagnostics/result.js');
  const { graph } = unwrap(importOnnx(readFileSync(path), { modelName: 'network', modelPath: path }));
  const passes = [...typingPipeline(undeclared(emptyConfig.default)), ...modelPipeline];
  return graphJson(unwrap(runPipeline(graph, passes, {})));
}

/** What `trigc compile` made of a model and its configuration: the final graph in its folder. */
export async function compiledNetworkJson(folder) {
  const { parseModel } = await load('model/parse.js');
  return graphJson(parseModel(readFileSync(join(folder, 'model.trigc'), 'utf8')));
}

function graphJson(graph) {
  const nodes = graph.nodes.map(({ codes, ranges, ...node }) => ({
    ...node,
    ...(codes === undefined ? {} : { codes: codes.map(Number) }),
    ...(ranges === undefined ? {} : { ranges: ranges.map(({ low, high }) => [Number(low), Number(high)]) }),
  }));
  const outputs = [...new Set(graph.outputs.map(({ node }) => node))];
  return JSON.stringify({ nodes, outputs });
}

import onnxProto from 'onnx-proto';
import { invariant } from '../../support/invariant.js';

/** The size of dimension 0 of the inputs: one event, or as many as come. */
export type BatchSize = 'one' | 'open';

/**
 * The model with dimension 0 of the named inputs set, whatever the exporter wrote there: some fix it to one, some to
 * the size of their sample. The shapes that were noted for that size inside and at the outputs are dropped. The bytes
 * themselves where nothing has to change.
 */
export function withBatchSize(bytes: Uint8Array, inputs: ReadonlySet<string>, size: BatchSize): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  const model = ModelProto.decode(bytes);
  const { graph } = model;
  invariant(graph !== null && graph !== undefined, 'a model without a graph');
  let changed = false;
  for (const port of graph.input ?? []) {
    const dimension = inputs.has(port.name ?? '') ? port.type?.tensorType?.shape?.dim?.[0] : undefined;
    if (dimension === undefined) continue;
    // Fields that are absent from the file are undefined or at their default on the prototype.
    const declared = Object.hasOwn(dimension, 'dimValue') ? Number(String(dimension.dimValue)) : undefined;
    if (declared === undefined || (size === 'one' && declared === 1)) continue;
    delete dimension.dimValue;
    if (size === 'one') dimension.dimValue = 1;
    else dimension.dimParam = 'events';
    changed = true;
  }
  if (!changed) return bytes;
  graph.valueInfo = [];
  for (const port of graph.output ?? []) {
    const type = port.type?.tensorType;
    if (type !== null && type !== undefined) delete type.shape;
  }
  return ModelProto.encode(model).finish();
}

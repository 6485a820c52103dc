import type { ModelBuilder } from '../../model/builder.js';
import type { ModelFields, ModelNode, ModelNodeId } from '../../model/kinds.js';

/** Copy a node into a builder with its operands renamed. */
export function copyNode(builder: ModelBuilder, node: ModelNode, map: (id: ModelNodeId) => ModelNodeId): ModelNodeId {
  switch (node.kind) {
    case 'input':
      return builder.input(node, node.shape, node.provenance);
    case 'constant':
      return builder.constant(node, node.shape, node.provenance);
    default: {
      // The builder gives the rest; the shape of a reshape is the only one that is not inferred.
      const { id: _id, kind, provenance, shape, ...rest } = node;
      const fields: Record<string, unknown> = kind === 'reshape' ? { ...rest, shape } : rest;
      for (const key of ['operand', 'left', 'right', 'condition', 'whenTrue', 'whenFalse']) {
        if (key in fields) fields[key] = map(fields[key] as ModelNodeId);
      }
      if (node.kind === 'concat') fields['operands'] = node.operands.map(map);
      return builder.add(kind, fields as unknown as ModelFields[typeof kind], provenance);
    }
  }
}

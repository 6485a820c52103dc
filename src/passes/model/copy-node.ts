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
      const fields: Record<string, unknown> = { ...node };
      for (const key of ['id', 'kind', 'provenance', ...(node.kind === 'reshape' ? [] : ['shape'])]) delete fields[key];
      for (const key of ['operand', 'left', 'right']) {
        if (key in fields) fields[key] = map(fields[key] as ModelNodeId);
      }
      if (node.kind === 'concat') fields['operands'] = node.operands.map(map);
      return builder.add(node.kind, fields as unknown as ModelFields[typeof node.kind], node.provenance);
    }
  }
}

import { at, invariant } from '../../../support/invariant.js';
import type { FixedPointType } from '../../../numeric/fixed-point.js';
import { sameType } from '../../../numeric/fixed-point.js';
import type { ModelNode, ModelNodeId, ModelOutput } from '../../../model/kinds.js';
import { elementCount } from '../../../model/kinds.js';
import { cppQuantizer, cppType } from '../cpp-types.js';
import type { TensorNames } from './names.js';
import type { StagedModel } from './stages.js';
import { commonType, widestType } from './tensor-types.js';
import { isIdentity } from './views.js';

/** An array of the generated C++. */
export interface TensorArray {
  /** Undefined for the copy of a tensor that an output port is. */
  readonly node?: ModelNodeId;
  readonly name: string;
  /** Name of its element type, and what that stands for. */
  readonly typeName: string;
  readonly definition: string;
  /** What the elements can hold; modes of rounding and overflow aside. */
  readonly type: FixedPointType;
  readonly size: number;
  /** Elements that travel together in a stream. */
  readonly row: number;
  readonly comment: string;
}

/** A port and the array that carries it. */
export interface PortArray {
  readonly name: string;
  readonly array: TensorArray;
  /** One per element, or one for all: what the codes of the port mean. */
  readonly types: readonly FixedPointType[];
  /** Of an output: the tensor whose elements it holds. */
  readonly node: ModelNodeId;
  /** Of an output: is the array the tensor's own, and no copy? */
  readonly own: boolean;
}

/** All arrays between stages and at the ports. */
export interface Arrays {
  readonly inputs: readonly PortArray[];
  readonly outputs: readonly PortArray[];
  /** The array of a computed tensor or of an input. */
  readonly of: (id: ModelNodeId) => TensorArray;
  readonly all: readonly TensorArray[];
}

export function arraysOf(staged: StagedModel, names: TensorNames): Arrays {
  const { graph } = staged.model;
  const arrays = new Map<ModelNodeId, TensorArray>();
  const inputs: PortArray[] = [];
  for (const node of graph.nodes) {
    if (node.kind !== 'input') continue;
    const array = { ...portArray(names.port(node.name), node, node.types, `input '${node.name}'`), node: node.id };
    arrays.set(node.id, array);
    inputs.push({ name: node.name, array, types: node.types, node: node.id, own: true });
  }
  const computed = new Map(staged.stages.map((stage) => [stage.node, tensorType(staged, stage.node)]));
  const outputs: PortArray[] = [];
  for (const output of graph.outputs) {
    const name = names.port(output.name);
    const node = at(graph.nodes, output.node);
    const own = ownArray(staged, output, computed) && !arrays.has(staged.views.of(output.node).source);
    const array = portArray(name, node, output.types, `output '${output.name}'`);
    if (own) {
      const { source } = staged.views.of(output.node);
      const typed = { ...array, node: source, definition: computed.get(source)?.definition ?? array.definition };
      names.tensor(source, name);
      arrays.set(source, typed);
      outputs.push({ name: output.name, array: typed, types: output.types, node: output.node, own });
    } else {
      outputs.push({ name: output.name, array, types: output.types, node: output.node, own });
    }
  }
  for (const [id, { type, definition }] of computed) {
    if (arrays.has(id)) continue;
    const node = at(graph.nodes, id);
    const name = names.tensor(id);
    const comment = node.provenance.name === '' ? '' : `${node.provenance.operator} ${node.provenance.name}`;
    arrays.set(id, { node: id, name, typeName: `${name}_t`, definition, type, comment, ...sizes(node) });
  }
  const copies = outputs.filter(({ own }) => !own).map(({ array }) => array);
  return {
    inputs,
    outputs,
    all: [...arrays.values(), ...copies],
    of: (id) => {
      const array = arrays.get(id);
      invariant(array !== undefined, `node ${id} has no array`);
      return array;
    },
  };
}

function portArray(name: string, node: ModelNode, types: readonly FixedPointType[], comment: string): TensorArray {
  const type = widestType(types);
  return { name, typeName: `${name}_t`, definition: cppType(type), type, comment, ...sizes(node) };
}

function sizes({ shape }: ModelNode): { readonly size: number; readonly row: number } {
  const size = elementCount(shape);
  const row = [...shape].reverse().find((dimension) => dimension > 1) ?? 1;
  return { size, row };
}

/** Can the port be the very array that a stage writes? */
function ownArray(
  { model, views }: StagedModel,
  output: ModelOutput,
  computed: ReadonlyMap<ModelNodeId, { readonly type: FixedPointType }>,
): boolean {
  const view = views.of(output.node);
  const made = computed.get(view.source);
  if (made === undefined) return false;
  const size = elementCount(at(model.graph.nodes, view.source).shape);
  return isIdentity(view, size) && sameType(made.type, widestType(output.types));
}

/** The element type of the tensor that a stage makes: a quantiser with its modes, or what exact values need. */
function tensorType(
  { model, formats }: StagedModel,
  id: ModelNodeId,
): { readonly type: FixedPointType; readonly definition: string } {
  const node = at(model.graph.nodes, id);
  const accumulator = model.accumulatorOf(id);
  if (accumulator !== undefined) return { type: accumulator.type, definition: cppQuantizer(accumulator) };
  if (node.kind === 'quantize' || node.kind === 'requantize') {
    const type = widestType(node.types);
    return { type, definition: node.types.length === 1 ? cppQuantizer({ ...node, type }) : cppType(type) };
  }
  // The smallest so far may be larger than the smallest of all can be.
  const extreme = node.kind === 'reduce' && node.operation !== 'sum';
  const type = commonType(at(formats, extreme ? node.operand : id));
  return { type, definition: cppType(type) };
}

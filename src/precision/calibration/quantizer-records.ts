import type { RunOverflow } from '../../backends/emulator/overflow-check.js';
import type { ColumnOverflow } from '../../data/bring-to-ports.js';
import type { ModelGraph, ModelNode, ModelNodeOf } from '../../model/kinds.js';
import { elementCount, operandsOf } from '../../model/kinds.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { printType } from '../../numeric/fixed-point.js';
import type { Overflow } from '../../numeric/rounding.js';
import { usersOf } from '../../passes/model/structure.js';
import type { CalibratedQuantizer } from '../../report/calibration-details.js';
import { nodeName } from './observed-tensors.js';

/** What happened to a data set in a fixed-point model. */
export interface CountedOverflows {
  readonly events: number;
  /** Of the columns of the event file, as they became codes of the ports. */
  readonly columns: readonly ColumnOverflow[];
  /** Of the quantisers behind the ports, from the emulator. */
  readonly inner: readonly RunOverflow[];
}

type Quantizing = ModelNodeOf<'quantize'> | ModelNodeOf<'requantize'>;
type Origin = CalibratedQuantizer['origin'];

/**
 * One record for each input port and each quantiser of a typed graph, in that order. `origin` says where the types of a
 * node come from; `tensor`, which observed tensor it brings into its type.
 */
export function quantizerRecords(
  graph: ModelGraph,
  counted: CountedOverflows,
  { origin, tensor }: { readonly origin: (node: ModelNode) => Origin; readonly tensor: (node: ModelNode) => string },
): readonly CalibratedQuantizer[] {
  const users = usersOf(graph, operandsOf);
  const innerOf = new Map(counted.inner.map((overflow) => [overflow.node, overflow]));
  const common = (node: ModelNode, types: readonly FixedPointType[]) => ({
    tensor: tensor(node),
    node: nodeName(node),
    operator: node.kind === 'input' ? '' : node.provenance.operator,
    types: [...new Set(types.map(printType))],
    origin: origin(node),
    elements: elementCount(node.shape),
    values: elementCount(node.shape) * counted.events,
  });
  let column = 0;
  const inputs = graph.nodes.flatMap((node): readonly CalibratedQuantizer[] => {
    if (node.kind !== 'input') return [];
    const [from, to] = [column, (column += elementCount(node.shape))];
    const own = counted.columns.filter((overflow) => overflow.column >= from && overflow.column < to);
    return [{ ...common(node, node.types), ...sides(joinColumns(own, from), node.overflow, false) }];
  });
  const inner = graph.nodes.flatMap((node): readonly CalibratedQuantizer[] => {
    if ((node.kind !== 'quantize' && node.kind !== 'requantize') || node.overflow === 'MODULO') return [];
    const rectifies =
      node.types.every((type) => !type.signed) && node.overflow !== 'WRAP' && onlyRelusRead(node, users);
    return [{ ...common(node, node.types), ...sides(innerOf.get(node.id), node.overflow, rectifies) }];
  });
  return [...inputs, ...inner];
}

type Sides = Pick<RunOverflow, 'above' | 'below' | 'worst' | 'firstEvent'>;

function sides(
  overflow: Sides | undefined,
  mode: Overflow,
  rectifies: boolean,
): Pick<CalibratedQuantizer, 'saturatedHigh' | 'saturatedLow' | 'wrapped' | 'rectified' | 'worst' | 'firstEvent'> {
  if (overflow === undefined) return { saturatedHigh: 0, saturatedLow: 0, wrapped: 0, rectified: 0 };
  const { above, below, worst, firstEvent } = overflow;
  if (rectifies && above === 0) return { saturatedHigh: 0, saturatedLow: 0, wrapped: 0, rectified: below };
  const counts =
    mode === 'WRAP'
      ? { saturatedHigh: 0, saturatedLow: 0, wrapped: above + below, rectified: 0 }
      : { saturatedHigh: above, saturatedLow: rectifies ? 0 : below, wrapped: 0, rectified: rectifies ? below : 0 };
  return { ...counts, worst, firstEvent };
}

function joinColumns(columns: readonly ColumnOverflow[], from: number): Sides | undefined {
  const [first, ...others] = columns.map(({ column, worst, ...rest }) => ({
    ...rest,
    worst: { ...worst, element: column - from },
  }));
  if (first === undefined) return undefined;
  return others.reduce<Sides>(
    (all, next) => ({
      above: all.above + next.above,
      below: all.below + next.below,
      // Of columns with different types the largest value is shown.
      worst: Math.abs(next.worst.value) > Math.abs(all.worst.value) ? next.worst : all.worst,
      firstEvent: Math.min(all.firstEvent, next.firstEvent),
    }),
    first,
  );
}

/** Is every reader a ReLU, seen through nodes that only move elements? What it cuts off then changes nothing. */
function onlyRelusRead(node: Quantizing, users: readonly (readonly ModelNode[])[]): boolean {
  const open: ModelNode[] = [node];
  let found = false;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const user of users[next.id] ?? []) {
      if (user.kind === 'relu') found = true;
      else if (user.kind === 'reshape' || user.kind === 'transpose' || user.kind === 'gather') open.push(user);
      else return false;
    }
  }
  return found;
}

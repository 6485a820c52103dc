import type { RealInterval, TensorSummary } from '../../evaluation/calibration/tensor-statistics.js';
import { commonLsb, joinRanges } from '../../evaluation/calibration/tensor-statistics.js';
import { elementCount } from '../../model/kinds.js';
import type { CalibratedTensor } from '../../report/calibration-details.js';
import { at } from '../../support/invariant.js';
import { WIDEST_GRID } from './choose-types.js';
import type { ObservedTensor } from './observed-tensors.js';
import { nodeName } from './observed-tensors.js';

/** What the fixed-point model makes of a tensor. */
export interface TensorTypes {
  readonly types: readonly string[];
  readonly calibrated: boolean;
}

/** The record of one observed tensor. `interval`: what its operands allow; its ends may be infinite. */
export function tensorRecord(
  { node, name, role, groups, channels }: ObservedTensor,
  summary: TensorSummary,
  interval: RealInterval,
  { types, calibrated }: TensorTypes,
): CalibratedTensor {
  const { range, zeros, quantiles, histogram, magnitudes, lsbs } = summary;
  const lsb = commonLsb(lsbs);
  const onGrid = lsb !== undefined && Math.max(range.high, -range.low) * 2 ** -lsb <= 2 ** WIDEST_GRID;
  const bounded = node.kind !== 'input' && Number.isFinite(interval.low) && Number.isFinite(interval.high);
  return {
    name,
    node: nodeName(node),
    operator: node.kind === 'input' ? '' : node.provenance.operator,
    role,
    shape: node.shape,
    elements: elementCount(node.shape),
    types,
    calibrated,
    ...(bounded ? { interval } : {}),
    range,
    zeros,
    ...(onGrid ? { lsb } : {}),
    quantiles,
    histogram,
    magnitudes,
    ...(channels === 1 ? {} : { channels: channelRecord(summary, groups, channels) }),
  };
}

function channelRecord(
  { ranges }: TensorSummary,
  groups: Int32Array | undefined,
  channels: number,
): NonNullable<CalibratedTensor['channels']> {
  if (groups === undefined) return { ranges };
  const members = Array.from({ length: channels }, (): RealInterval[] => []);
  ranges.forEach((range, element) => at(members, at(groups, element)).push(range));
  return { ranges: members.map(joinRanges), of: [...groups] };
}

import type { DelayModel } from '../targets/delay-model.js';
import type { MappedNetlist } from './netlist.js';
import { mappedModules, readMappedNetlist, UntimedCellError } from './netlist.js';
import type { Resources } from './resources.js';
import { countResources } from './resources.js';
import type { TimingSegment } from './timing.js';
import { analyseTiming } from './timing.js';

export interface MeasuredSegment {
  readonly rank: number;
  /** ns */
  readonly delay: number;
  /** Tables, multiplexers, carry chains, and blocks without a register of their sum, in series on the longest path. */
  readonly levels: number;
  readonly from: string;
  readonly to: string;
  readonly end: string;
}

export interface MeasuredNetlist {
  readonly resources: Resources;
  /** Undefined where a cell without a delay is in the netlist. */
  readonly segments: readonly MeasuredSegment[] | undefined;
  /** That cell, where there is one. */
  readonly untimed?: UntimedCell;
}

export interface UntimedCell {
  readonly kind: 'dsp' | 'blockRam';
  /** Its name, and what has no delay. */
  readonly reason: string;
}

/** Counts and longest paths of a flat mapped netlist. Throws NetlistError. */
export function measureNetlist(json: unknown, top: string, delays: DelayModel): MeasuredNetlist {
  const netlist = readMappedNetlist(json, top);
  const resources = countResources(netlist);
  try {
    return { resources, segments: segmentsOf(netlist, delays) };
  } catch (error) {
    if (!(error instanceof UntimedCellError)) throw error;
    return { resources, segments: undefined, untimed: { kind: error.kind, reason: error.message } };
  }
}

function segmentsOf(netlist: MappedNetlist, delays: DelayModel): readonly MeasuredSegment[] {
  return analyseTiming(netlist, delays).segments.map((segment) => {
    const { rank, delay, from, to, end } = segment;
    return { rank, delay, levels: logicLevels(segment), from, to, end };
  });
}

/** Cells in series on a path; the blocks of one carry chain count as one, what a register sends out as none. */
export function logicLevels({ path }: Pick<TimingSegment, 'path'>): number {
  let levels = 0;
  let before = '';
  for (const { through } of path) {
    const chain = through.startsWith('CARRY');
    if (/^(?:LUT|INV|MUXF|DSP)/u.test(through) || (chain && !before.startsWith('CARRY'))) levels++;
    before = through;
  }
  return levels;
}

/** Counts of every module of a netlist that kept them, by name; what a module instantiates is not in its counts. */
export function measureModules(json: unknown): ReadonlyMap<string, Resources> {
  const modules = mappedModules(json);
  return new Map(modules.map((name) => [name, countResources(readMappedNetlist(json, name, modules))]));
}

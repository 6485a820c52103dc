import type { DelayModel } from '../targets/delay-model.js';
import type { MappedNetlist } from './netlist.js';
import { mappedModules, readMappedNetlist } from './netlist.js';
import type { Resources } from './resources.js';
import { countResources } from './resources.js';
import type { TimingSegment } from './timing.js';
import { analyseTiming } from './timing.js';

export interface MeasuredSegment {
  readonly rank: number;
  /** ns */
  readonly delay: number;
  /** Tables, multiplexers and carry chains in series on the longest path. */
  readonly levels: number;
  readonly from: string;
  readonly to: string;
  readonly end: string;
}

export interface MeasuredNetlist {
  readonly resources: Resources;
  /** Undefined where blocks without a delay model are in the netlist. */
  readonly segments: readonly MeasuredSegment[] | undefined;
}

/** Counts and longest paths of a flat mapped netlist. Throws NetlistError. */
export function measureNetlist(json: unknown, top: string, delays: DelayModel): MeasuredNetlist {
  const netlist = readMappedNetlist(json, top);
  const resources = countResources(netlist);
  const timed = resources.dsp === 0 && resources.blockRam === 0;
  return { resources, segments: timed ? segmentsOf(netlist, delays) : undefined };
}

function segmentsOf(netlist: MappedNetlist, delays: DelayModel): readonly MeasuredSegment[] {
  return analyseTiming(netlist, delays).segments.map((segment) => {
    const { rank, delay, from, to, end } = segment;
    return { rank, delay, levels: logicLevels(segment), from, to, end };
  });
}

/** Cells in series on a path; the blocks of one carry chain count as one. */
export function logicLevels({ path }: Pick<TimingSegment, 'path'>): number {
  let levels = 0;
  let before = '';
  for (const { through } of path) {
    const chain = through.startsWith('CARRY');
    if (/^(?:LUT|INV|MUXF)/u.test(through) || (chain && !before.startsWith('CARRY'))) levels++;
    before = through;
  }
  return levels;
}

/** Counts of every module of a netlist that kept them, by name; what a module instantiates is not in its counts. */
export function measureModules(json: unknown): ReadonlyMap<string, Resources> {
  const modules = mappedModules(json);
  return new Map(modules.map((name) => [name, countResources(readMappedNetlist(json, name, modules))]));
}

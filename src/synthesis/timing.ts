import { at } from '../support/invariant.js';
import type { DelayModel } from '../targets/delay-model.js';
import type { MappedNetlist } from './netlist.js';
import { NetlistError } from './netlist.js';
import type { Register, TimingGraph } from './timing-graph.js';
import { buildTimingGraph } from './timing-graph.js';

/** One step of a path: the net that was reached, when, and through which cell type; empty where the path starts. */
export interface PathStep {
  readonly net: string;
  /** ns since the start of the path. */
  readonly time: number;
  readonly through: string;
}

/** All paths that start at register rank `rank` (0: the inputs). */
export interface TimingSegment {
  readonly rank: number;
  /** Longest path, in ns: clock edge or input port to the next register or output port. */
  readonly delay: number;
  readonly from: 'input' | 'register';
  readonly to: 'output' | 'register';
  /** The port or register where the longest path ends. */
  readonly end: string;
  readonly path: readonly PathStep[];
}

export interface TimingReport {
  /** By rank, from the inputs on; ranks without a path are left out. */
  readonly segments: readonly TimingSegment[];
  /** Register ranks on the longest way from an input to an output. */
  readonly latency: number;
  /**
   * Registers and output bits that read values of several ranks. A fixed-latency pipeline has none; where there are
   * some, a register takes the lowest rank that it can have.
   */
  readonly mixedEnds: number;
}

/**
 * Longest path of every segment of a mapped netlist. The rank of a register is one more than that of what it reads;
 * registers that no input reaches have rank 1. Throws NetlistError for unknown cells and combinational loops.
 */
export function analyseTiming(netlist: MappedNetlist, model: DelayModel): TimingReport {
  return new Analysis(buildTimingGraph(netlist, model)).run();
}

interface Start {
  readonly net: number;
  readonly rank: number;
  readonly time: number;
  readonly from: 'input' | 'register';
  /** Of the net, or of the register where that is inside of a block. */
  readonly name: string;
}

const NONE = -1;

/**
 * Every node carries one label per rank that reaches it, in a linked list of a common pool: nearly always one, so time
 * and memory are linear in the netlist whatever the number of ranks.
 */
class Analysis {
  private readonly outgoing: Arcs;
  private readonly first: Int32Array;
  private readonly next: number[] = [];
  private readonly rank: number[] = [];
  private readonly time: number[] = [];
  private readonly node: number[] = [];
  /** Label and arc that a label came from; the arc is NONE at the start of a path, and the label then a start. */
  private readonly origin: number[] = [];
  private readonly arc: number[] = [];
  private starts: readonly Start[] = [];

  public constructor(private readonly graph: TimingGraph) {
    this.outgoing = new Arcs(graph);
    this.first = new Int32Array(graph.nodeCount).fill(NONE);
  }

  public run(): TimingReport {
    this.starts = this.rankStarts();
    this.starts.forEach((start, index) => this.improve(start.net, start.rank, start.time, index, NONE));
    this.propagate();
    return this.collect();
  }

  /** Inputs are rank 0; registers by breadth-first search over ranks, lowest first. */
  private rankStarts(): Start[] {
    const { graph } = this;
    const starts: Start[] = [];
    const reached = new Uint8Array(graph.nodeCount);
    const waiting: number[][] = [[]];
    const readers = new Map<number, Register[]>();
    for (const register of graph.registers) {
      for (const net of register.data) {
        const list = readers.get(net);
        if (list === undefined) readers.set(net, [register]);
        else list.push(register);
      }
    }
    const done = new Set<Register>();
    const visit = (register: Register, rank: number): void => {
      if (done.has(register)) return;
      done.add(register);
      for (const { net, depth, launch } of register.outputs) {
        const own = rank + depth;
        const name = net < graph.netlist.netCount ? graph.netlist.netName(net) : register.name;
        starts.push({ net, rank: own, time: launch, from: 'register', name });
        while (waiting.length <= own) waiting.push([]);
        at(waiting, own).push(net);
      }
    };
    for (const { net, name } of graph.netlist.inputs) {
      starts.push({ net, rank: 0, time: 0, from: 'input', name });
      at(waiting, 0).push(net);
    }
    const search = (): void => {
      // The list of ranks grows while it is walked.
      for (let rank = 0; rank < waiting.length; rank++) {
        const stack = at(waiting, rank);
        for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
          if (reached[node] === 1) continue;
          reached[node] = 1;
          for (const register of readers.get(node) ?? []) visit(register, rank);
          for (const arc of this.outgoing.of(node)) stack.push(at(graph.to, arc));
        }
      }
    };
    search();
    // What no input reaches: counters, and registers of constants.
    for (const register of graph.registers) visit(register, 0);
    search();
    return starts;
  }

  /** Keep the latest arrival of each rank at a node. */
  private improve(node: number, rank: number, time: number, origin: number, arc: number): void {
    for (let label = at(this.first, node); label !== NONE; label = at(this.next, label)) {
      if (at(this.rank, label) !== rank) continue;
      if (time <= at(this.time, label)) return;
      this.time[label] = time;
      this.origin[label] = origin;
      this.arc[label] = arc;
      return;
    }
    this.next.push(at(this.first, node));
    this.first[node] = this.rank.push(rank) - 1;
    this.time.push(time);
    this.node.push(node);
    this.origin.push(origin);
    this.arc.push(arc);
  }

  private propagate(): void {
    const { graph, outgoing } = this;
    const open = new Int32Array(graph.nodeCount);
    for (const to of graph.to) open[to] = at(open, to) + 1;
    const ready: number[] = [];
    for (let node = 0; node < graph.nodeCount; node++) if (open[node] === 0) ready.push(node);
    let finished = 0;
    for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
      finished++;
      for (const arc of outgoing.of(node)) {
        const to = at(graph.to, arc);
        const delay = at(graph.delay, arc);
        for (let label = at(this.first, node); label !== NONE; label = at(this.next, label)) {
          this.improve(to, at(this.rank, label), at(this.time, label) + delay, label, arc);
        }
        const left = at(open, to) - 1;
        open[to] = left;
        if (left === 0) ready.push(to);
      }
    }
    if (finished === graph.nodeCount) return;
    const inside = open.findIndex((count, node) => count > 0 && node < graph.netlist.netCount);
    throw new NetlistError(`the netlist has a combinational loop, through or before ${graph.netlist.netName(inside)}`);
  }

  private collect(): TimingReport {
    const { graph } = this;
    const worst = new Map<number, { time: number; label: number; end: string; to: 'output' | 'register' }>();
    let mixedEnds = 0;
    let latency = 0;
    const finish = (
      nets: readonly number[],
      end: string,
      to: 'output' | 'register',
      tail: (net: number) => number,
    ): number[] => {
      const ranks: number[] = [];
      for (const net of nets) {
        for (let label = at(this.first, net); label !== NONE; label = at(this.next, label)) {
          const rank = at(this.rank, label);
          const time = at(this.time, label) + tail(net);
          if (!ranks.includes(rank)) ranks.push(rank);
          const known = worst.get(rank);
          if (known === undefined || time > known.time) worst.set(rank, { time, label, end, to });
        }
      }
      return ranks;
    };
    for (const register of graph.registers) {
      const toData = (net: number): number => graph.routed(net) + register.setup;
      if (finish(register.data, register.name, 'register', toData).length > 1) mixedEnds++;
      finish(register.control, register.name, 'register', graph.routed);
    }
    for (const { net, name } of graph.netlist.outputs) {
      const ranks = finish([net], name, 'output', graph.toPort);
      if (ranks.length > 1) mixedEnds++;
      for (const rank of ranks) latency = Math.max(latency, rank);
    }
    const segments = [...worst]
      .sort(([left], [right]) => left - right)
      .map(([rank, { time, label, end, to }]) => ({ rank, delay: time, to, end, ...this.trace(label) }));
    return { segments, latency, mixedEnds };
  }

  private trace(end: number): Pick<TimingSegment, 'from' | 'path'> {
    const { netlist, through } = this.graph;
    const path: PathStep[] = [];
    let label = end;
    for (; at(this.arc, label) !== NONE; label = at(this.origin, label)) {
      const node = at(this.node, label);
      // Nodes within a carry chain or a block have no name; the net that leaves it stands for them.
      if (node >= netlist.netCount) continue;
      const net = netlist.netName(node);
      path.push({ net, time: at(this.time, label), through: at(through, at(this.arc, label)).type });
    }
    const { from, name } = at(this.starts, at(this.origin, label));
    path.push({ net: name, time: at(this.time, label), through: '' });
    return { from, path: path.reverse() };
  }
}

/** Arcs by the node that they leave. */
class Arcs {
  private readonly offset: Int32Array;
  private readonly order: Int32Array;

  public constructor(graph: TimingGraph) {
    this.offset = new Int32Array(graph.nodeCount + 1);
    for (const from of graph.from) this.offset[from + 1] = at(this.offset, from + 1) + 1;
    for (let node = 0; node < graph.nodeCount; node++) {
      this.offset[node + 1] = at(this.offset, node + 1) + at(this.offset, node);
    }
    const filled = this.offset.slice();
    this.order = new Int32Array(graph.from.length);
    graph.from.forEach((from, arc) => {
      const place = at(filled, from);
      this.order[place] = arc;
      filled[from] = place + 1;
    });
  }

  public of(node: number): Int32Array {
    return this.order.subarray(at(this.offset, node), at(this.offset, node + 1));
  }
}

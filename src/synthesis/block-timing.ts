import type { BlockDelays, OperandDelays, SumDelays } from '../targets/delay-model.js';
import { blockMode } from './block-mode.js';
import type { MappedCell } from './netlist.js';
import { pin } from './netlist.js';
import type { Register } from './timing-graph.js';

/** The graph as one block sees it. */
export interface BlockGraph {
  /** A new node inside of the block. */
  node(): number;
  arc(from: number, to: number, delay: number): void;
  register(register: Register): void;
  /** Nets at a pin, without constants; none where the cell lacks it. */
  signals(name: string): readonly number[];
  /** ns from a net to a pin that general routing leads to. */
  routed(net: number): number;
}

/**
 * Arcs and registers of a multiplier block. Every register that it has is one of the graph, so that P comes as many
 * ranks after an operand as there are registers on the way; between them lie two nodes, where the product ends and where
 * the sum does. All bits of a word are alike, as in the figures. What they do not have, and what stands for it:
 *
 * - a register behind an operand to those behind product and sum: what the way takes from the pin, and the clock;
 * - two registers behind A or B in a row: no path between them, which is a wire inside of the block;
 * - a sum that reads itself: the way from the output to C, without the net;
 * - clock enables and resets end paths without a setup time, as those of flip-flops do.
 *
 * Throws UntimedCellError for modes without figures.
 */
export function addBlock(cell: MappedCell, delays: BlockDelays, graph: BlockGraph): void {
  const { registers, reads } = blockMode(cell);
  // All other pins may be missing; without these there would be paths without delay.
  for (const name of ['A', 'B', 'P']) pin(cell, name);
  const sum = graph.node();
  const product = registers.M > 0 ? graph.node() : undefined;
  const way: keyof SumDelays = registers.P > 0 ? 'sum' : 'output';
  const add = (name: string, register: Omit<Register, 'name' | 'control'>): void => {
    const control = [`CE${name}`, `CE${name}1`, `CE${name}2`, `RST${name}`].flatMap((each) => graph.signals(each));
    graph.register({ name: `${cell.name} ${name}REG`, control, ...register });
  };
  const lead = (name: 'A' | 'B' | 'C', to: number, delay: number, own: OperandDelays): void => {
    const data = graph.signals(name);
    const depth = registers[name];
    if (depth === 0) for (const net of data) graph.arc(net, to, graph.routed(net) + delay);
    // A register of a constant would be a path from a rank of its own.
    else if (data.length > 0) {
      add(name, { data, setup: own.register, outputs: [{ net: to, depth, launch: own.clock + delay }] });
    }
  };
  for (const [name, own] of [['A', delays.a] as const, ['B', delays.b] as const]) {
    lead(name, product ?? sum, product === undefined ? own[way] : own.product, own);
  }
  if (reads.word) lead('C', sum, delays.c[way], delays.c);
  if (reads.cascade) for (const net of graph.signals('PCIN')) graph.arc(net, sum, delays.cascade[way]);
  if (product !== undefined) {
    add('M', { data: [product], setup: 0, outputs: [{ net: sum, depth: 1, launch: delays.product[way] }] });
  }
  const outputs = [
    ...pin(cell, 'P').map((net) => ({ net, launch: delays.clockToOutput, after: 0 })),
    ...(cell.pins.get('PCOUT') ?? []).map((net) => ({
      net,
      launch: delays.clockToCascade,
      after: delays.cascadeAfterOutput,
    })),
  ];
  if (registers.P === 0) {
    for (const { net, after } of outputs) graph.arc(sum, net, after);
    return;
  }
  const itself = reads.itself ? [{ net: sum, launch: delays.clockToOutput + delays.c.sum }] : [];
  add('P', {
    data: [sum],
    setup: 0,
    outputs: [...outputs, ...itself].map(({ net, launch }) => ({ net, depth: 1, launch })),
  });
}

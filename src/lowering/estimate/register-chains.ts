import { isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import type { Bit, LogicNetwork } from './logic-network.js';
import { isConstantBit } from './logic-network.js';

/** From how many ranks on without a tap a chain becomes a table (`xilinx_srl -minlen 3` of Yosys; vendor tools alike). */
const SHORTEST_SHIFT_REGISTER = 3;
/** Ranks of one table as a shift register (SRLC32E). */
const LONGEST_SHIFT_REGISTER = 32;

/**
 * Registers of a chain that is read after the given delays: `flipFlop` and `shiftRegister` are told the rank after
 * which each stands. `reset`: the first rank is a flip-flop, see `canReset`.
 */
export function countChain(
  taps: Iterable<number>,
  reset: boolean,
  flipFlop: (delay: number) => void,
  shiftRegister: (delay: number) => void,
): void {
  let from = 0;
  if (reset) flipFlop(++from);
  for (const tap of [...taps].sort((left, right) => left - right)) {
    const length = tap - from;
    if (length < SHORTEST_SHIFT_REGISTER) for (let delay = from + 1; delay <= tap; delay++) flipFlop(delay);
    else for (let start = from; start < tap; start += LONGEST_SHIFT_REGISTER) shiftRegister(tap);
    from = tap;
  }
}

/**
 * Whether the node's last step is a choice between a constant and a value: synthesis gives that to the synchronous reset
 * or set of the register behind it, which a shift register does not have.
 */
export function canReset(node: DataflowNode, kernel: Kernel): boolean {
  const isConstant = (id: NodeId): boolean => isPoint(at(kernel.nodes, id).range);
  switch (node.kind) {
    case 'clamp':
      return true;
    case 'maximum':
    case 'minimum':
      return isConstant(node.left) || isConstant(node.right);
    case 'select':
      return isConstant(node.whenTrue) || isConstant(node.whenFalse);
    default:
      return false;
  }
}

interface Chain {
  readonly owner: number;
  readonly reset: boolean;
}

/** Bits that are held over clocks; equal bits share their registers. */
export class RegisterChains {
  private readonly chains = new Map<Bit, Chain & { readonly taps: Map<number, Bit> }>();

  public constructor(private readonly network: LogicNetwork) {}

  /** The bit `delay` clocks later; `owner` made it, in a node that is `reset` as `canReset` says. */
  public hold(bit: Bit, delay: number, { owner, reset }: Chain): Bit {
    if (delay === 0 || isConstantBit(bit)) return bit;
    let chain = this.chains.get(bit);
    if (chain === undefined) {
      chain = { owner, reset, taps: new Map() };
      this.chains.set(bit, chain);
      this.network.demand(bit, false, owner);
    }
    let tap = chain.taps.get(delay);
    if (tap === undefined) chain.taps.set(delay, (tap = this.network.source()));
    return tap;
  }

  public *all(): Iterable<Chain & { readonly bit: Bit; readonly taps: readonly number[] }> {
    for (const [bit, { owner, reset, taps }] of this.chains) yield { bit, owner, reset, taps: [...taps.keys()] };
  }
}

import type { Bit, LogicNetwork } from './logic-network.js';
import { isConstantBit } from './logic-network.js';

/** From how many ranks on without a tap a chain becomes a table (`xilinx_srl -minlen 3` of Yosys; vendor tools alike). */
const SHORTEST_SHIFT_REGISTER = 3;
/** Ranks of one table as a shift register (SRLC32E). */
const LONGEST_SHIFT_REGISTER = 32;

/**
 * Registers of a chain that is read after the given delays: `flipFlop` and `shiftRegister` are told the rank after
 * which each stands.
 */
export function countChain(
  taps: Iterable<number>,
  flipFlop: (delay: number) => void,
  shiftRegister: (delay: number) => void,
): void {
  let from = 0;
  for (const tap of [...taps].sort((left, right) => left - right)) {
    const length = tap - from;
    if (length < SHORTEST_SHIFT_REGISTER) for (let delay = from + 1; delay <= tap; delay++) flipFlop(delay);
    else for (let start = from; start < tap; start += LONGEST_SHIFT_REGISTER) shiftRegister(tap);
    from = tap;
  }
}

/** Bits that are held over clocks; equal bits share their registers. */
export class RegisterChains {
  private readonly chains = new Map<Bit, { readonly owner: number; readonly taps: Map<number, Bit> }>();

  public constructor(private readonly network: LogicNetwork) {}

  /** The bit `delay` clocks later; `owner` made it. */
  public hold(bit: Bit, delay: number, owner: number): Bit {
    if (delay === 0 || isConstantBit(bit)) return bit;
    let chain = this.chains.get(bit);
    if (chain === undefined) {
      chain = { owner, taps: new Map() };
      this.chains.set(bit, chain);
      this.network.demand(bit, false, owner);
    }
    let tap = chain.taps.get(delay);
    if (tap === undefined) chain.taps.set(delay, (tap = this.network.source()));
    return tap;
  }

  public *all(): Iterable<{ readonly owner: number; readonly taps: readonly number[] }> {
    for (const { owner, taps } of this.chains.values()) yield { owner, taps: [...taps.keys()] };
  }
}

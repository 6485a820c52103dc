import { LUT_INPUTS } from '../../targets/delay-model.js';
import { CutStore } from './lut-cuts.js';
import type { LogicNetwork } from './logic-network.js';

/** Tables by number of inputs: sizes[1] … sizes[6]. */
export type LutSizes = Int32Array;

export interface OwnerLuts {
  readonly sizes: LutSizes;
  /** Of those, the ones in front of a carry cell. */
  readonly onCarry: LutSizes;
}

const ROUNDS = 2;
/** What a bit is wanted for. */
const WANTED = 1;
const ON_CARRY = 2;

/**
 * Cover the gates with look-up tables: the cheapest cut of each gate by area flow, which divides the cost of a gate
 * among those that read it (A. Mishchenko, S. Cho, S. Chatterjee and R. Brayton, "Combinational and sequential mapping
 * with priority cuts", ICCAD 2007). Depth is not looked at: outside the longest path, synthesis recovers area too.
 */
export function mapLuts(network: LogicNetwork): ReadonlyMap<number, OwnerLuts> {
  const cuts = new CutStore(network);
  let references = initialReferences(network);
  for (let round = 0; round < ROUNDS; round++) {
    cuts.choose(references);
    references = coverReferences(network, cuts);
  }
  return count(network, cuts, references);
}

/** How often demands outside the gates read each net. */
function demandReferences(network: LogicNetwork): Int32Array {
  const references = new Int32Array(network.size);
  for (const { bit } of network.demands) references[bit >> 1] = (references[bit >> 1] ?? 0) + 1;
  return references;
}

function initialReferences(network: LogicNetwork): Int32Array {
  const references = demandReferences(network);
  for (const net of network.gateInputs) references[net] = (references[net] ?? 0) + 1;
  return references;
}

/** How often each gate is read when every gate that is needed takes its best cut; 0 where it vanishes into others. */
function coverReferences(network: LogicNetwork, cuts: CutStore): Int32Array {
  const references = demandReferences(network);
  for (let net = network.size - 1; net > 0; net--) {
    if ((references[net] ?? 0) === 0) continue;
    for (let index = 0; index < cuts.bestSize(net); index++) {
      const leaf = cuts.bestLeaf(net, index);
      references[leaf] = (references[leaf] ?? 0) + 1;
    }
  }
  return references;
}

function count(network: LogicNetwork, cuts: CutStore, references: Int32Array): ReadonlyMap<number, OwnerLuts> {
  const result = new Map<number, OwnerLuts>();
  const charge = (owner: number, inputs: number, onCarry: boolean): void => {
    let entry = result.get(owner);
    if (entry === undefined) {
      entry = { sizes: new Int32Array(LUT_INPUTS + 1), onCarry: new Int32Array(LUT_INPUTS + 1) };
      result.set(owner, entry);
    }
    entry.sizes[inputs] = (entry.sizes[inputs] ?? 0) + 1;
    if (onCarry) entry.onCarry[inputs] = (entry.onCarry[inputs] ?? 0) + 1;
  };
  // A net that is wanted in both polarities takes a second table, and so does a source that is wanted inverted.
  const wanted = new Uint8Array(network.size * 2);
  for (const { bit, owner, onCarry } of network.demands) {
    const other = wanted[bit ^ 1] !== 0;
    const gate = cuts.isGate(bit >> 1);
    if (wanted[bit] === 0 && ((bit & 1) === 1 ? !gate || other : gate && other)) charge(owner, 1, onCarry);
    wanted[bit] = (wanted[bit] ?? 0) | (onCarry ? ON_CARRY : WANTED);
  }
  for (let net = 1; net < network.size; net++) {
    if ((references[net] ?? 0) === 0 || !cuts.isGate(net)) continue;
    const uses = (wanted[net << 1] ?? 0) || (wanted[(net << 1) | 1] ?? 0);
    charge(network.ownerOf[net] ?? 0, cuts.bestSize(net), (uses & ON_CARRY) !== 0);
  }
  return result;
}

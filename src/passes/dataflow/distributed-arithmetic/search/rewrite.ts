import { Candidates } from './candidates.js';
import { randomMade, sharedNear } from './choose-value.js';
import type { Editor } from './editor.js';
import type { Journal } from './journal.js';
import type { Network } from './network.js';
import type { Uniform } from './options.js';
import { valueOf } from './packed-term.js';
import { Resynthesis } from './resynthesis.js';

/** Share of the rewritten sums that are results. */
const RESULTS = 0.7;
/** Share of the steps that dissolve a value below the sum first, and that weigh candidates without chance. */
const DISSOLVING = 0.5;
const EXACT = 0.5;
/** Part of a gain that chance may take away in the other steps. */
const NOISE = 0.3;
/** Share of the rewritten sums that are taken whole however long they are. */
const WHOLE = 0.05;
/** Of a longer sum 3 to 3 + PART - 1 terms are rewritten. */
const PART = 8;
const SHORT = 6;

/** Writes the list of a value anew from what the network has. */
export class Rewrite {
  private readonly resynthesis: Resynthesis;
  private readonly candidates: Candidates;

  public constructor(
    private readonly network: Network,
    private readonly journal: Journal,
    private readonly editor: Editor,
    private readonly uniform: Uniform,
  ) {
    this.resynthesis = new Resynthesis(network);
    this.candidates = new Candidates(network, uniform, (support) => this.resynthesis.covers(support));
  }

  /** One list, or part of a long one; after some of the steps a value that it uses is gone. */
  public run(): void {
    const { network, journal, editor, uniform, resynthesis } = this;
    const { targets } = network;
    const owner =
      uniform() < RESULTS ? (targets[Math.floor(uniform() * targets.length)] ?? -1) : randomMade(network, uniform);
    if (owner < 0 || !this.prepare(owner)) return;
    const old = network.lists[owner] ?? [];
    const part = this.somePart(old);
    const support = resynthesis.load(part);
    if (support === undefined) return;
    const noise = uniform() < EXACT ? 0 : NOISE;
    const candidates = this.candidates.find(owner, support);
    const list = resynthesis.pursue(candidates, () => (noise === 0 ? 0 : noise * uniform()));
    for (const term of part) {
      editor.open.push(valueOf(term));
      journal.removeAt(owner, old.indexOf(term));
    }
    for (const term of list) editor.addTerm(owner, term);
    if (old.length <= 1) editor.open.push(owner);
  }

  /** Dissolve a value below the sum in some of the steps. False where nothing is left to rewrite. */
  private prepare(owner: number): boolean {
    const { network, editor, uniform } = this;
    if (uniform() >= DISSOLVING) return true;
    const value = sharedNear(network, uniform, owner);
    if (value >= 0 && value !== owner) editor.dissolve(value);
    if (editor.hasFailed()) return false;
    editor.tidy();
    return !editor.hasFailed() && network.lists[owner] !== undefined;
  }

  /** The whole list, or some of a long one. */
  private somePart(list: readonly number[]): number[] {
    const { uniform } = this;
    const part = [...list];
    if (part.length <= SHORT || uniform() < WHOLE) return part;
    const wanted = 3 + Math.floor(uniform() * PART);
    for (let index = 0; index < wanted && index < part.length; index++) {
      const other = index + Math.floor(uniform() * (part.length - index));
      const term = part[other] ?? 0;
      part[other] = part[index] ?? 0;
      part[index] = term;
    }
    if (part.length > wanted) part.length = wanted;
    return part;
  }
}

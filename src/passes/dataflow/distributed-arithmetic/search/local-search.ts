import { BestNetwork } from './best-network.js';
import { destroy } from './destroy.js';
import { Editor } from './editor.js';
import { Evaluation } from './evaluation.js';
import { Journal } from './journal.js';
import type { Network } from './network.js';
import type { LocalSearchOptions } from './options.js';
import { Repair } from './repair.js';
import { Rewrite } from './rewrite.js';
import { REWRITING } from './rewriting-share.js';

/** How long to search: by work, or by a share of time that a clock tells. */
export interface Budget {
  /** Share of the budget that is used up; 1 ends the search. */
  used(work: number): number;
}

/** Part of an average addition by which a network may become worse at the start; falls to zero. */
const TEMPERATURE = 0.25;
/** Part of a score that chance may take away, so that each repair goes another way. */
const NOISE = 0.2;
/** Work that any step counts, so that a search always ends. */
const STEP = 64;

/**
 * Destroy and repair: a few values are dissolved into the lists that use them, then the pairs that recur are made
 * again, in an order that differs a little each time. What costs no more is kept, and early on also what costs slightly
 * more (simulated annealing).
 */
export class LocalSearch {
  private readonly journal: Journal;
  private readonly editor: Editor;
  private readonly evaluation: Evaluation;
  private readonly rewrite: Rewrite;
  private readonly repair: Repair;

  public constructor(
    public readonly network: Network,
    private readonly options: LocalSearchOptions,
  ) {
    const { depthLimit, uniform } = options;
    this.journal = new Journal(network);
    this.editor = new Editor(network, this.journal);
    this.evaluation = new Evaluation(network, this.journal, depthLimit);
    this.rewrite = new Rewrite(network, this.journal, this.editor, uniform);
    this.repair = new Repair(network, this.journal, this.editor, options);
    for (let value = network.inputs.length; value < network.size; value++) this.editor.open.push(value);
    this.editor.tidy();
    this.repair.run(0);
    this.journal.commit();
    this.evaluation.all();
  }

  /** LUTs of all additions, `ADDER_WEIGHT` for each one included. */
  public get total(): number {
    return this.evaluation.total;
  }

  /** Units of work so far. */
  public get work(): number {
    return this.network.work + this.evaluation.work;
  }

  /** Search until the budget is used up; the network is then the best one seen. */
  public run(budget: Budget): void {
    const { network, evaluation } = this;
    const start = this.work;
    const temperature = TEMPERATURE * (this.total / Math.max(1, this.additions));
    const best = new BestNetwork(network, this.total);
    let rebuildAt = 4 * network.pairs.table.size + 1_000_000;
    for (;;) {
      const used = budget.used(this.work - start);
      if (used >= 1) break;
      this.step(temperature * (1 - used));
      best.offer(this.total);
      if (network.pairs.table.size > rebuildAt) {
        network.recount();
        rebuildAt = 4 * network.pairs.table.size + 1_000_000;
      }
    }
    evaluation.total = best.restore(this.total);
  }

  public get additions(): number {
    let sum = 0;
    for (const list of this.network.lists) sum += Math.max(0, (list?.length ?? 0) - 1);
    return sum;
  }

  private step(temperature: number): void {
    const { network, journal, evaluation } = this;
    const { uniform } = this.options;
    const before = this.total;
    network.work += STEP;
    evaluation.begin();
    const completed = this.change() && evaluation.update();
    const allowed = before - temperature * Math.log(1 - uniform());
    if (completed && this.total <= allowed + 1e-9) journal.commit();
    else {
      evaluation.restore(before);
      journal.rollback();
    }
  }

  /** False where the change cannot be completed. */
  private change(): boolean {
    const { network, editor } = this;
    const { uniform, rewriting = REWRITING } = this.options;
    editor.begin();
    if (uniform() < rewriting) this.rewrite.run();
    else destroy(network, editor, uniform);
    if (!editor.hasFailed()) editor.tidy();
    if (!editor.hasFailed()) this.repair.run(NOISE);
    return !editor.hasFailed();
  }
}

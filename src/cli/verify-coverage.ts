import { codeRow } from '../backends/emulator/code-matrix.js';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { countOperations } from '../model/count-operations.js';
import type { BranchCount, CoverageBranch } from '../model/coverage.js';
import { CoverageCounter } from '../model/coverage.js';
import { modelEvaluator } from '../model/evaluate.js';
import type { ModelGraph, ModelNodeOf } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import type { Figure } from '../report/figure.js';

/** Which branches of the model the vectors took. */
export interface VectorCoverage {
  /** Events looked at, evenly spread over all of them. */
  readonly events: number;
  readonly of: number;
  readonly branches: readonly BranchCount[];
}

/** Scalar operations that the exact evaluator may spend on coverage: about a second. */
const OPERATIONS = 1_500_000;
const MOST_EVENTS = 1000;
const FEWEST_EVENTS = 16;

const saturating: ReadonlySet<CoverageBranch> = new Set(['above the type', 'below the type']);
const rounding: ReadonlySet<CoverageBranch> = new Set(['rounded up', 'rounded down']);

/** Evaluates a part of the events exactly, as many as time allows, and counts what happened in them. */
export function coverageOf(graph: ModelGraph, stimulus: CodeMatrix): VectorCoverage {
  const counter = new CoverageCounter(graph);
  const evaluate = modelEvaluator(graph);
  const sizes = graph.nodes
    .filter((node): node is ModelNodeOf<'input'> => node.kind === 'input')
    .map((node) => elementCount(node.shape));
  const operations = countOperations(graph).reduce((sum, layer) => sum + layer.operations, 1);
  const affordable = Math.max(FEWEST_EVENTS, Math.floor(OPERATIONS / operations));
  const events = Math.min(stimulus.rows, MOST_EVENTS, affordable);
  for (let index = 0; index < events; index += 1) {
    const codes = codeRow(stimulus, Math.floor((index * stimulus.rows) / events));
    let start = 0;
    counter.add(evaluate(sizes.map((size) => codes.slice(start, (start += size)))).tensors);
  }
  return { events, of: stimulus.rows, branches: counter.result() };
}

/** Says which saturations and roundings no vector reached: what is not exercised is not verified. */
export function coverageWarnings({ events, of, branches }: VectorCoverage): readonly Diagnostic[] {
  const missing = branches.filter(
    ({ branch, count }) => count === 0 && (saturating.has(branch) || rounding.has(branch)),
  );
  if (missing.length === 0) return [];
  const open = branches.filter(({ branch }) => saturating.has(branch) || rounding.has(branch)).length;
  const shown = missing.slice(0, 4).map(({ node, branch }) => `${printable(node)} (${branch})`);
  const rest = missing.length > shown.length ? `, and ${missing.length - shown.length} more` : '';
  const message = `${missing.length} of ${open} branches of quantisers were not taken in ${events} of ${of} events: ${shown.join(', ')}${rest}`;
  return [diagnose(commandCodes.branchesNotTaken, message)];
}

/** Shares of the open branches that were taken, in percent; absent where there are none. */
export function coverageFigures({ branches }: VectorCoverage): Readonly<Record<string, Figure>> {
  const share = (name: string, wanted: ReadonlySet<CoverageBranch>): readonly (readonly [string, Figure])[] => {
    const open = branches.filter(({ branch }) => wanted.has(branch));
    if (open.length === 0) return [];
    const taken = open.filter(({ count }) => count > 0).length;
    return [[name, { value: (100 * taken) / open.length, unit: '%', origin: 'simulation' }]];
  };
  return Object.fromEntries([...share('coverage_saturation', saturating), ...share('coverage_rounding', rounding)]);
}

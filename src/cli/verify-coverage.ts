import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import type { BranchCount, CoverageBranch } from '../model/coverage.js';
import type { Figure } from '../report/figure.js';

/** Which branches of the model the vectors took: all of them are counted. */
export interface VectorCoverage {
  readonly events: number;
  readonly branches: readonly BranchCount[];
}

const saturating: ReadonlySet<CoverageBranch> = new Set(['above the type', 'below the type']);
const rounding: ReadonlySet<CoverageBranch> = new Set(['rounded up', 'rounded down']);
const ties: ReadonlySet<CoverageBranch> = new Set(['tie rounded up', 'tie rounded down']);
const tables: ReadonlySet<CoverageBranch> = new Set(['first entry', 'entry inside', 'last entry']);
/** What is warned of. Ties are not: with many bits cut off they are too rare to be met. */
const wanted: ReadonlySet<CoverageBranch> = new Set([...saturating, ...rounding, ...tables]);

/** Says which saturations, roundings and entries of tables no vector reached: what is not exercised is not verified. */
export function coverageWarnings({ events, branches }: VectorCoverage): readonly Diagnostic[] {
  const open = branches.filter(({ branch }) => wanted.has(branch));
  const missing = open.filter(({ count }) => count === 0);
  if (missing.length === 0) return [];
  const shown = missing.slice(0, 4).map(({ node, branch }) => `${printable(node)} (${branch})`);
  const rest = missing.length > shown.length ? `, and ${missing.length - shown.length} more` : '';
  const message = `${missing.length} of ${open.length} branches of quantisers and tables were not taken in ${events} events: ${shown.join(', ')}${rest}`;
  return [diagnose(commandCodes.branchesNotTaken, message)];
}

/** Shares of the open branches that were taken, in percent; absent where there are none. */
export function coverageFigures({ branches }: VectorCoverage): Readonly<Record<string, Figure>> {
  const share = (name: string, kind: ReadonlySet<CoverageBranch>): readonly (readonly [string, Figure])[] => {
    const open = branches.filter(({ branch }) => kind.has(branch));
    if (open.length === 0) return [];
    const taken = open.filter(({ count }) => count > 0).length;
    return [[name, { value: (100 * taken) / open.length, unit: '%', origin: 'simulation' }]];
  };
  return Object.fromEntries([
    ...share('coverage_saturation', saturating),
    ...share('coverage_rounding', rounding),
    ...share('coverage_ties', ties),
    ...share('coverage_tables', tables),
  ]);
}

import { describe, expect, it } from 'vitest';
import { coverageFigures, coverageWarnings } from '../../../src/cli/verify-coverage.js';
import type { BranchCount } from '../../../src/model/coverage.js';

const branch = (name: BranchCount['branch'], count: number): BranchCount => ({
  node: 'dense',
  operator: 'Quant',
  branch: name,
  count,
});

describe('coverage of the vectors of a verification', () => {
  it('calls out vectors that never saturate, by node, and gives the shares to budgets', () => {
    const coverage = {
      events: 10,
      branches: [
        branch('above the type', 0),
        branch('below the type', 3),
        branch('rounded up', 5),
        branch('tie rounded up', 0),
        branch('last entry', 2),
      ],
    };
    expect(coverageWarnings(coverage)).toMatchObject([
      {
        code: 'TRG4041',
        severity: 'warning',
        message: expect.stringContaining(
          '1 of 4 branches of quantisers and tables were not taken in 10 events: dense (above the type)',
        ) as string,
      },
    ]);
    expect(coverageFigures(coverage)).toEqual({
      coverage_saturation: { value: 50, unit: '%', origin: 'simulation' },
      coverage_rounding: { value: 100, unit: '%', origin: 'simulation' },
      coverage_ties: { value: 0, unit: '%', origin: 'simulation' },
      coverage_tables: { value: 100, unit: '%', origin: 'simulation' },
    });
  });

  it('is silent where every branch was taken, and has no figure where there is none', () => {
    const all = { events: 1, branches: [branch('rounded up', 1)] };
    expect(coverageWarnings(all)).toEqual([]);
    expect(coverageFigures({ ...all, branches: [] })).toEqual({});
    // A ReLU that is never off is in the list for programs, and no warning.
    expect(coverageWarnings({ ...all, branches: [branch('cut to zero', 0)] })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { searchLimit } from '../../../src/cli/search-setup.js';
import { DiagnosticError } from '../../../src/diagnostics/result.js';
import { retrainingLimits, searchLimits } from '../../../src/precision/search.js';

describe('searchLimit', () => {
  it('counts candidates for a named effort', () => {
    expect(searchLimit('high', () => 0)).toBe(searchLimits.high);
    expect(searchLimit('high', () => 0, true)).toBe(retrainingLimits.high);
  });

  it('counts a time from when it is first asked, and twice where no goal is met', () => {
    let clock = 5000;
    const { candidates, stop = () => true } = searchLimit('10s', () => clock);
    expect(candidates).toBe(Infinity);
    clock = 60_000;
    expect(stop(true)).toBe(false);
    clock = 70_000;
    expect([stop(true), stop(false)]).toEqual([false, false]);
    clock = 70_001;
    expect([stop(true), stop(false)]).toEqual([true, false]);
    clock = 80_001;
    expect(stop(false)).toBe(true);
  });

  it('is short up to 30 s: the search then begins near its goal', () => {
    const short = ['1s', '30s', '31s', '150s'].map((effort) => searchLimit(effort, () => 0).short);
    expect(short).toEqual([true, true, false, false]);
  });

  it('refuses what is no effort', () => {
    expect(() => searchLimit('soon', () => 0)).toThrow(DiagnosticError);
  });
});

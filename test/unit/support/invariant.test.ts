import { describe, expect, it } from 'vitest';
import { at, invariant, InvariantError, unreachable } from '../../../src/support/invariant.js';

describe('broken invariants', () => {
  it('throw an error of their own', () => {
    invariant(true, 'holds');
    expect(() => {
      invariant(false, 'broken');
    }).toThrow(new InvariantError('broken'));
    expect(() => unreachable('surprise' as never)).toThrow(InvariantError);
    expect(at([3, 4], 1)).toBe(4);
    expect(() => at([3, 4], 2)).toThrow('index 2 outside a list of 2');
    expect(() => at([3, 4], -1)).toThrow(InvariantError);
  });
});

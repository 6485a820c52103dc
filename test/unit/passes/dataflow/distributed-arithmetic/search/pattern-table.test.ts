import { describe, expect, it } from 'vitest';
import { PatternTable } from '../../../../../../src/passes/dataflow/distributed-arithmetic/pattern-table.js';
import { Random } from '../../../../../../src/support/random.js';

describe('PatternTable', () => {
  it('counts like a map, numbers patterns as they come, and gives back what they are made of', () => {
    const random = new Random(1);
    const [table, wanted] = [new PatternTable(), new Map<string, number>()];
    const wide = (1 << 22) - 1;
    for (let step = 0; step < 60_000; step++) {
      const values = random.integer(0, 1) === 0 ? 60 : wide;
      const [first, second] = [random.integer(0, values), random.integer(0, values)];
      const relation = random.integer(-254, 255);
      const key = `${first} ${second} ${relation}`;
      const change = random.integer(0, 1) === 0 ? 1 : -1;
      const isNew = !wanted.has(key);
      const pattern = table.adjust(first, second, relation, change);
      wanted.set(key, (wanted.get(key) ?? 0) + change);
      if (isNew && pattern !== wanted.size - 1) expect(pattern).toBe(wanted.size - 1);
      if (step % 7 === 0) {
        table.add(pattern, 3);
        wanted.set(key, (wanted.get(key) ?? 0) + 3);
      }
    }
    const counted = Array.from({ length: table.size }, (_, pattern): [string, number] => [
      `${table.first(pattern)} ${table.second(pattern)} ${table.relation(pattern)}`,
      table.count(pattern),
    ]);
    expect(counted).toEqual([...wanted]);
  });

  it('marks a pattern once', () => {
    const table = new PatternTable();
    const pattern = table.adjust(1, 2, 3, 1);
    expect([table.mark(pattern), table.mark(pattern)]).toEqual([true, false]);
    table.unmark(pattern);
    expect(table.mark(pattern)).toBe(true);
    expect(table.count(pattern)).toBe(1);
  });
});

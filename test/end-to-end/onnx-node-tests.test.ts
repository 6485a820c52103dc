import { beforeAll, describe, expect, it } from 'vitest';
import { standardOperators } from '../../src/importers/onnx/registry.js';
import type { NodeTestResult } from '../support/node-tests.js';
import { loadNodeTests, runNodeTest } from '../support/node-tests.js';
import { pythonOf } from '../support/python.js';

const missing = pythonOf('reference') === undefined;

function counts(
  results: readonly NodeTestResult[],
  of: (result: NodeTestResult) => string,
): ReadonlyMap<string, number> {
  const map = new Map<string, number>();
  for (const result of results) map.set(of(result), (map.get(of(result)) ?? 0) + 1);
  return new Map([...map].sort((left, right) => right[1] - left[1]));
}

describe.skipIf(missing)('backend node tests of the onnx package (skipped without build/python)', () => {
  let results: readonly NodeTestResult[] = [];

  beforeAll(async () => {
    results = (await loadNodeTests()).map(runNodeTest);
  });

  it('pass wherever the model is accepted', () => {
    const inState = (state: string): readonly NodeTestResult[] => results.filter((result) => result.state === state);
    const [passed, skipped, failed] = [inState('passed'), inState('skipped'), inState('failed')];
    const [constant] = [passed.filter(({ computed }) => !computed)];
    const lines = [
      `onnx node tests: ${passed.length} passed (${constant.length} of them on constants only), ${skipped.length} skipped, ${failed.length} failed`,
      ...[...counts(skipped, ({ reason }) => reason.split('\t')[0] ?? '')].map(
        ([reason, count]) => `  skipped ${count}: ${reason}`,
      ),
    ];
    if (process.env['TRIGC_NODE_TESTS'] === 'all') {
      for (const { test, reason } of skipped) lines.push(`    ${test.name}: ${reason.replace('\t', ': ')}`);
    }
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(failed.map(({ test, reason }) => `${test.name}: ${reason}`)).toEqual([]);
    expect(passed.length).toBeGreaterThan(300);
  });

  it('reach every operator of the registry that they test', () => {
    const tested = new Set(results.flatMap(({ test }) => (test.operators.length === 1 ? test.operators : [])));
    const reached = new Set(results.filter(({ state }) => state === 'passed').flatMap(({ test }) => test.operators));
    // The tests of Not are in operator set 1.
    const names = standardOperators
      .map(({ operator }) => operator)
      .filter((name) => tested.has(name) && name !== 'Not');
    expect(names.filter((name) => !reached.has(name))).toEqual([]);
  });
});

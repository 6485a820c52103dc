import { describe, expect, it } from 'vitest';
import { exactType, inferFormats } from '../../../src/model/formats.js';
import type { ModelGraph, ModelNodeId } from '../../../src/model/kinds.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { verifyModel } from '../../../src/model/verify.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { copyNode } from '../../../src/passes/model/copy-node.js';
import { modelPipeline } from '../../../src/passes/model/pipelines.js';
import { removeDeadModelNodes } from '../../../src/passes/model/remove-dead-nodes.js';
import { removeRedundantQuantizers } from '../../../src/passes/model/remove-redundant-quantizers.js';
import { runPipeline } from '../../../src/passes/pass.js';
import { InvariantError } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import { runOracle } from '../../support/evaluators.js';
import { allOverflows, allRoundings } from '../../support/random-types.js';
import { randomInputs, randomModel } from '../../support/random-model.js';
import { graphOf, linesOf } from './support.js';

const verify = (graph: ModelGraph): void => {
  verifyModel(graph, { typed: true });
};

/** A copy in which some tensors pass a quantiser that holds all of their values, and some nodes are read by nobody. */
function withSuperfluous(random: Random, graph: ModelGraph): { readonly graph: ModelGraph; readonly added: number } {
  const formats = inferFormats(graph);
  const builder = new ModelBuilder(graph.name);
  const mapped: ModelNodeId[] = [];
  const of = (id: ModelNodeId): ModelNodeId => mapped[id] ?? id;
  let added = 0;
  for (const node of graph.nodes) {
    let id = copyNode(builder, node, of);
    const format = formats[node.id];
    if (format !== undefined && node.kind !== 'input' && random.integer(0, 2) === 0) {
      const overflow = random.pick(allOverflows);
      const exact = exactType(format);
      // SAT_SYM has no lowest code: it changes nothing only where that is not reached.
      if (overflow !== 'SAT_SYM') {
        id = builder.add('quantize', { operand: id, types: [exact], rounding: random.pick(allRoundings), overflow });
        added++;
      }
    }
    if (random.integer(0, 4) === 0) {
      builder.add('negate', { operand: id });
      added++;
    }
    mapped.push(id);
  }
  for (const output of graph.outputs) builder.output(output.name, of(output.node), output.types);
  return { graph: builder.finish(), added };
}

describe('passes that preserve values', () => {
  it('do so on random graphs, with and without work for them', () => {
    const random = new Random(7_301);
    let removed = 0;
    let padded = 0;
    for (let round = 0; round < 150; round++) {
      const plain = randomModel(random, { promises: round % 3 === 0 ? 'anywhere' : 'inputs' });
      const superfluous = withSuperfluous(random, plain);
      // A quantiser has one LSB for all elements; a port that is coarser for some of them no longer fits behind it.
      const fits = keepsRules(superfluous.graph);
      if (fits) padded++;
      const events = randomInputs(random, plain, 12, { keepPromises: round % 2 === 0 });
      for (const graph of fits ? [plain, superfluous.graph] : [plain]) {
        const result = unwrap(
          runPipeline(
            graph,
            modelPipeline,
            {},
            {
              verify,
              compare: (before, after, pass) => {
                const [left, right] = [runOracle(before, events), runOracle(after, events)];
                for (const [index, { outputs, violations }] of left.entries()) {
                  // Where a promise is broken a range is, too, and with it what the ranges have proven.
                  if (violations.length > 0) continue;
                  expect(right[index]?.outputs, `${pass}, round ${round}, event ${index}`).toEqual(outputs);
                }
              },
            },
          ),
        );
        expect(linesOf(result).slice(-plain.outputs.length).map(afterColon)).toEqual(
          linesOf(plain).slice(-plain.outputs.length).map(afterColon),
        );
        // What was added must go again; moving factors may add nodes of its own.
        const cleaned = unwrap(runPipeline(graph, [removeRedundantQuantizers, removeDeadModelNodes], {}, { verify }));
        const gone = graph.nodes.length - cleaned.nodes.length;
        removed += gone;
        if (graph === superfluous.graph) expect(gone).toBeGreaterThanOrEqual(superfluous.added);
      }
    }
    expect(padded).toBeGreaterThan(100);
    expect(removed).toBeGreaterThan(500);
  });
});

function keepsRules(graph: ModelGraph): boolean {
  try {
    verify(graph);
    return true;
  } catch (error) {
    if (error instanceof InvariantError) return false;
    throw error;
  }
}

function afterColon(line: string): string {
  return line.slice(line.lastIndexOf(' : '));
}

const input = (type: string): string => `%0 = input {name: "x", types: [${type}], rounding: TRN, overflow: SAT} : [2]`;
const quantizer = (type: string, overflow = 'SAT'): string =>
  `%1 = quantize(%0) {types: [${type}], rounding: TRN, overflow: ${overflow}} : [2]`;

describe('remove-redundant-quantizers', () => {
  const run = (...lines: readonly string[]): readonly string[] => {
    const graph = graphOf(...lines);
    verify(graph);
    return linesOf(unwrap(removeRedundantQuantizers.run(graph, {})));
  };

  it.each([
    ['wider', 'ap_fixed<8,4>', 'ap_fixed<9,5>', 'SAT'],
    ['finer', 'ap_fixed<8,4>', 'ap_fixed<10,4>', 'SAT_ZERO'],
    ['equal', 'ap_fixed<8,4>', 'ap_fixed<8,4>', 'WRAP'],
    ['signed over unsigned', 'ap_ufixed<8,4>', 'ap_fixed<9,5>', 'SAT_SYM'],
  ])('drops a quantiser of a %s type', (_, from, to, overflow) => {
    expect(run(input(from), quantizer(to, overflow), `output "y" = %1 : [${to}]`)).toEqual([
      input(from),
      `output "y" = %0 : [${to}]`,
    ]);
  });

  it.each([
    ['coarser', 'ap_fixed<8,4>', 'ap_fixed<9,6>', 'SAT'],
    ['narrower', 'ap_fixed<8,4>', 'ap_fixed<7,3>', 'WRAP'],
    ['equal but symmetric', 'ap_fixed<8,4>', 'ap_fixed<8,4>', 'SAT_SYM'],
    ['unsigned over signed', 'ap_fixed<8,4>', 'ap_ufixed<8,4>', 'SAT'],
  ])('keeps a quantiser of a %s type', (_, from, to, overflow) => {
    const lines = [input(from), quantizer(to, overflow), `output "y" = %1 : [${to}]`];
    expect(run(...lines)).toEqual(lines);
  });

  it('looks at every element', () => {
    const lines = [
      input('ap_fixed<8,4>, ap_fixed<6,2>'),
      quantizer('ap_fixed<8,4>, ap_fixed<5,1>'),
      'output "y" = %1 : [ap_fixed<8,4>]',
    ];
    expect(run(...lines)).toEqual(lines);
    expect(
      run(
        input('ap_fixed<8,4>, ap_fixed<5,1>'),
        quantizer('ap_fixed<8,4>, ap_fixed<6,2>'),
        'output "y" = %1 : [ap_fixed<8,4>]',
      ),
    ).toHaveLength(2);
  });

  it('trusts promises about inputs', () => {
    const kept = run(
      input('ap_fixed<8,4>'),
      '%1 = assume(%0) {lsb: -4, ranges: [[0, 15]]} : [2]',
      '%2 = quantize(%1) {types: [ap_ufixed<4,0>], rounding: TRN, overflow: WRAP} : [2]',
      'output "y" = %2 : [ap_ufixed<4,0>]',
    );
    expect(kept.at(-1)).toBe('output "y" = %1 : [ap_ufixed<4,0>]');
  });

  it('gives back the same graph where there is nothing to do', () => {
    const graph = graphOf(input('ap_fixed<8,4>'), quantizer('ap_fixed<4,4>'), 'output "y" = %1 : [ap_fixed<4,4>]');
    expect(unwrap(removeRedundantQuantizers.run(graph, {}))).toBe(graph);
  });
});

describe('remove-dead-nodes', () => {
  it('drops what no output reads, but no port and no promise', () => {
    const graph = graphOf(
      input('ap_fixed<8,4>'),
      '%1 = input {name: "unused", types: [ap_fixed<3,3>], rounding: TRN, overflow: SAT} : [2]',
      '%2 = assume(%1) {lsb: 0, ranges: [[0, 1]]} : [2]',
      '%3 = constant {lsb: 0, codes: [1, 2], float: false} : [2]',
      '%4 = add(%0, %3) : [2]',
      '%5 = relu(%0) : [2]',
      'output "y" = %5 : [ap_fixed<8,4>]',
    );
    expect(linesOf(unwrap(removeDeadModelNodes.run(graph, {}))).map((line) => line.slice(0, 12))).toEqual([
      '%0 = input {',
      '%1 = input {',
      '%2 = assume(',
      '%3 = relu(%0',
      'output "y" =',
    ]);
  });

  it('gives back the same graph where there is nothing to do', () => {
    const graph = graphOf(input('ap_fixed<8,4>'), 'output "y" = %0 : [ap_fixed<8,4>]');
    expect(unwrap(removeDeadModelNodes.run(graph, {}))).toBe(graph);
  });
});

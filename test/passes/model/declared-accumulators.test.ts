import { describe, expect, it } from 'vitest';
import { evaluateProgram } from '../../../src/dataflow/evaluate.js';
import { typingCodes } from '../../../src/diagnostics/codes/typing.js';
import { unwrap } from '../../../src/diagnostics/result.js';
import { lowerModel } from '../../../src/lowering/model/lower-model.js';
import { ModelBuilder } from '../../../src/model/builder.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { printModel } from '../../../src/model/print.js';
import { verifyModel } from '../../../src/model/verify.js';
import { fixedPointType, parseQuantizer, printQuantizer } from '../../../src/numeric/fixed-point.js';
import { modelPipeline } from '../../../src/passes/model/pipelines.js';
import { runPipeline } from '../../../src/passes/pass.js';
import { at } from '../../../src/support/invariant.js';
import { Random } from '../../../src/support/random.js';
import {
  castValue,
  layerProvenance,
  randomAccumulator,
  randomLayer,
  sumInAccumulator,
  typedWith,
} from '../../support/declared-layer.js';
import { runBatched } from '../../support/evaluators.js';
import { randomInputs } from '../../support/random-model.js';
import { graphOf } from './support.js';

/** The same events in the oracle, the emulator and the lowered program. */
function expectEverywhere(
  graph: ModelGraph,
  random: Random,
  expected: (inputs: readonly bigint[]) => readonly number[],
): void {
  verifyModel(graph, { typed: true });
  const events = randomInputs(random, graph, 12);
  const oracle = modelEvaluator(graph);
  const reduced = unwrap(runPipeline(graph, modelPipeline, {}));
  const batched = runBatched(reduced, events).rows;
  const program = lowerModel(reduced);
  events.forEach((event, index) => {
    const { outputs, tensors } = oracle(event);
    const { lsb, codes } = at(tensors, at(graph.outputs, 0).node);
    expect(
      codes.map((code) => Number(code) * 2 ** lsb),
      printModel(graph),
    ).toEqual(expected(event.flat()));
    expect(at(batched, index)).toEqual(outputs.flat());
    expect(evaluateProgram(program, event.flat()).outputs).toEqual(outputs.flat());
  });
}

describe('declared accumulators', () => {
  it('matrix products: every cast and every partial sum, on 150 random layers', { timeout: 60_000 }, () => {
    const random = new Random(4001);
    for (let round = 0; round < 150; round++) {
      const { graph, expected } = randomLayer(random);
      const accumulator = randomAccumulator(random);
      const typed = unwrap(typedWith(graph, { layer: { accumulator } }));
      expectEverywhere(typed, random, (codes) => expected(codes, accumulator));
    }
  });

  it('reductions and additions, on 80 random graphs', { timeout: 60_000 }, () => {
    const random = new Random(4002);
    for (let round = 0; round < 80; round++) {
      const accumulator = randomAccumulator(random);
      const builder = new ModelBuilder('sums');
      const types = [fixedPointType(true, 5, 2)];
      const count = random.integer(1, 4);
      const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [count, 2]);
      const kind = random.pick(['reduce', 'add', 'subtract'] as const);
      if (kind === 'reduce') {
        const axes = random.pick([[0], [1], [0, 1]]);
        const fields = { operand: x, operation: 'sum', axes, keepDimensions: random.integer(0, 1) === 0 } as const;
        builder.output('y', builder.add('reduce', fields, layerProvenance));
        const typed = unwrap(typedWith(builder.finish(), { layer: { accumulator } }));
        expectEverywhere(typed, random, (codes) => {
          const [outer, inner] = [axes.includes(0) ? 1 : count, axes.includes(1) ? 1 : 2];
          return Array.from({ length: outer * inner }, (_, sum) => {
            const summands = codes.flatMap((code, index) => {
              const target = (outer === 1 ? 0 : Math.floor(index / 2)) * inner + (inner === 1 ? 0 : index % 2);
              return target === sum ? [Number(code) / 8] : [];
            });
            return sumInAccumulator(undefined, summands, accumulator);
          });
        });
      } else {
        const y = builder.input({ name: 'y', types, rounding: 'TRN', overflow: 'WRAP' }, [count, 2]);
        builder.output('z', builder.add(kind, { left: x, right: y }, layerProvenance));
        const typed = unwrap(typedWith(builder.finish(), { layer: { accumulator } }));
        const sign = kind === 'add' ? 1 : -1;
        expectEverywhere(typed, random, (codes) =>
          Array.from({ length: count * 2 }, (_, index) => {
            const [left, right] = [Number(at(codes, index)) / 8, Number(at(codes, index + count * 2)) / 8];
            return castValue(castValue(left, accumulator) + sign * castValue(right, accumulator), accumulator);
          }),
        );
      }
    }
  });

  it('a product of two computed matrices, and stacks of matrices', () => {
    const random = new Random(4003);
    const accumulator = parseQuantizer('ap_fixed<6,3>');
    const builder = new ModelBuilder('computed');
    const fields = { types: [fixedPointType(true, 4, 2)], rounding: 'TRN', overflow: 'WRAP' } as const;
    const a = builder.input({ name: 'a', ...fields }, [2, 1, 3]);
    const b = builder.input({ name: 'b', ...fields }, [3, 2]);
    builder.output('y', builder.add('matmul', { left: a, right: b }, layerProvenance));
    const typed = unwrap(typedWith(builder.finish(), { layer: { accumulator } }));
    expectEverywhere(typed, random, (codes) =>
      [0, 1].flatMap((batch) =>
        [0, 1].map((column) => {
          const products = [0, 1, 2].map(
            (k) => (Number(at(codes, batch * 3 + k)) / 4) * (Number(at(codes, 6 + k * 2 + column)) / 4),
          );
          return sumInAccumulator(undefined, products, accumulator);
        }),
      ),
    );
  });
});

const dense = (weights: string, after: string): ModelGraph =>
  graphOf(
    '%0 = input {name: "x", types: [ap_fixed<6,3>], rounding: TRN, overflow: WRAP} : [1, 3] @ "x" ""',
    `%1 = constant {lsb: -3, codes: [${weights}], float: false} : [3, 1] @ "w" ""`,
    '%2 = matmul(%0, %1) : [1, 1] @ "dense" "MatMul"',
    '%3 = constant {lsb: -1, codes: [5], float: false} : [1] @ "b" ""',
    '%4 = add(%2, %3) : [1, 1] @ "bias" "Add"',
    `%5 = relu(%4) : [1, 1] @ "relu" "Relu"`,
    after,
  );
const plain = dense('3, -5, 7', 'output "y" = %5 : []');
const kindsOf = (graph: ModelGraph): readonly string[] => graph.nodes.map(({ kind }) => kind);

describe('what is cheaper and equal', () => {
  it('keeps the matrix product whole where no product loses bits and the sum wraps', () => {
    const result = typedWith(plain, { dense: { accumulator: parseQuantizer('ap_fixed<8,2>') } });
    expect(kindsOf(unwrap(result)).filter((kind) => kind === 'matmul' || kind === 'multiply')).toEqual(['matmul']);
    expect(result.diagnostics).toEqual([]);
  });

  it('keeps it whole where a saturating accumulator is wide enough', () => {
    const result = typedWith(plain, { dense: { accumulator: parseQuantizer('ap_fixed<12,6,AP_TRN,AP_SAT>') } });
    expect(kindsOf(unwrap(result))).toContain('matmul');
    expect(result.diagnostics).toEqual([]);
  });

  it('says why there is no distributed arithmetic where products lose bits', () => {
    const result = typedWith(plain, { dense: { accumulator: parseQuantizer('ap_fixed<10,6>') } });
    expect(kindsOf(unwrap(result))).not.toContain('matmul');
    expect(result.diagnostics).toMatchObject([
      { code: typingCodes.productsCast.code, severity: 'note', location: { node: 'dense' } },
    ]);
    expect(at(result.diagnostics, 0).message).toContain(
      "'dense': ap_fixed<10,6,AP_TRN,AP_WRAP> cuts bits off 3 products",
    );
  });

  it('counts only products that can lose something', () => {
    const even = dense('0, 8, 7', 'output "y" = %5 : []');
    const result = typedWith(even, { dense: { accumulator: parseQuantizer('ap_fixed<9,6>') } });
    expect(at(result.diagnostics, 0).message).toContain('cuts bits off 1 products');
  });

  it('says that a sum which can saturate on the way is made in order', () => {
    const result = typedWith(plain, { dense: { accumulator: parseQuantizer('ap_fixed<8,2,AP_TRN,AP_SAT>') } });
    expect(result.diagnostics).toMatchObject([{ code: typingCodes.sumInOrder.code, severity: 'note' }]);
    expect(at(result.diagnostics, 0).message).toContain('3 summands are added one after the other');
  });
});

describe('declared types of a layer', () => {
  const codesOf = (graph: ModelGraph): readonly (readonly bigint[])[] =>
    graph.nodes.flatMap((node) => (node.kind === 'constant' ? [node.codes] : []));
  const castsOf = (graph: ModelGraph): readonly string[] =>
    graph.nodes.flatMap((node) =>
      node.kind === 'quantize'
        ? [`${node.provenance.name}: ${printQuantizer({ ...node, type: at(node.types, 0) })}`]
        : [],
    );

  it('cast weights and biases, and say when they change what was quantised', () => {
    const result = typedWith(plain, {
      dense: { weight: parseQuantizer('ap_fixed<4,2>'), bias: parseQuantizer('ap_fixed<8,4>') },
    });
    // 3/8, -5/8 and 7/8 on a grid of quarters, rounded down; 5/2 on sixteenths.
    expect(codesOf(unwrap(result))).toEqual([[1n, -3n, 3n], [40n]]);
    expect(result.diagnostics).toMatchObject([
      { code: typingCodes.quantisedConstantChanged.code, severity: 'warning' },
    ]);
    expect(at(result.diagnostics, 0).message).toContain('changes 3 of 3 weight values');
  });

  it('cast what leaves the layer, once, and the addition of a constant is part of it', () => {
    const result = unwrap(typedWith(plain, { dense: { result: parseQuantizer('ap_fixed<6,4,AP_RND,AP_SAT>') } }));
    expect(castsOf(result)).toEqual(['dense: ap_fixed<6,4,AP_RND,AP_SAT>']);
    expect(kindsOf(result).slice(-3)).toEqual(['add', 'quantize', 'relu']);
  });

  it('leave the addition alone where it is declared by itself', () => {
    const result = unwrap(
      typedWith(plain, {
        dense: { result: parseQuantizer('ap_fixed<6,4>') },
        bias: { accumulator: parseQuantizer('ap_fixed<7,4>'), result: parseQuantizer('ap_fixed<5,4>') },
      }),
    );
    expect(castsOf(result)).toEqual([
      'dense: ap_fixed<6,4,AP_TRN,AP_WRAP>',
      'bias: ap_fixed<7,4,AP_TRN,AP_WRAP>',
      'bias: ap_fixed<7,4,AP_TRN,AP_WRAP>',
      'bias: ap_fixed<7,4,AP_TRN,AP_WRAP>',
      'bias: ap_fixed<5,4,AP_TRN,AP_WRAP>',
    ]);
  });

  it('find a layer whose bias is made after other things', () => {
    const graph = graphOf(
      '%0 = input {name: "x", types: [ap_fixed<6,3>], rounding: TRN, overflow: WRAP} : [1, 2] @ "x" ""',
      '%1 = constant {lsb: -3, codes: [3, 5], float: false} : [2, 1] @ "w" ""',
      '%2 = matmul(%0, %1) : [1, 1] @ "dense" "MatMul"',
      '%3 = negate(%0) : [1, 2] @ "other" "Neg"',
      '%4 = constant {lsb: -1, codes: [5], float: false} : [1] @ "b" ""',
      '%5 = add(%4, %2) : [1, 1] @ "bias" "Add"',
      '%6 = matmul(%3, %1) : [1, 1] @ "next" "MatMul"',
      '%7 = add(%6, %5) : [1, 1] @ "sum" "Add"',
      'output "y" = %7 : []',
    );
    const type = parseQuantizer('ap_fixed<6,4>');
    const result = unwrap(typedWith(graph, { dense: { result: type }, next: { result: type, weight: type } }));
    expect(castsOf(result)).toEqual(['dense: ap_fixed<6,4,AP_TRN,AP_WRAP>', 'next: ap_fixed<6,4,AP_TRN,AP_WRAP>']);
  });

  it('keep float scales after the layer out of it', () => {
    const graph = graphOf(
      '%0 = input {name: "x", types: [ap_fixed<6,3>], rounding: TRN, overflow: WRAP} : [1, 2] @ "x" ""',
      '%1 = constant {lsb: -3, codes: [3, 5], float: true} : [2, 1] @ "w" ""',
      '%2 = matmul(%0, %1) : [1, 1] @ "dense" "MatMul"',
      '%3 = constant {lsb: -1, codes: [5], float: true} : [1] @ "s" ""',
      '%4 = multiply(%2, %3) : [1, 1] @ "scale" "Mul"',
      'output "y" = %4 : []',
    );
    expect(kindsOf(unwrap(typedWith(graph, {})))).not.toContain('multiply');
    const declared = unwrap(typedWith(graph, { dense: { result: parseQuantizer('ap_fixed<8,4>') } }));
    expect(kindsOf(declared)).toContain('multiply');
  });

  it('hand a declared table to the function, and cast what it gives', () => {
    const graph = graphOf(
      '%0 = input {name: "x", types: [ap_fixed<8,4>], rounding: TRN, overflow: WRAP} : [2] @ "x" ""',
      '%1 = function(%0) {function: sigmoid, parameters: [], scale: 1, offset: 0, fitted: false} : [2] @ "s" "Sigmoid"',
      'output "y" = %1 : []',
    );
    const table = { size: 16, type: parseQuantizer('ap_fixed<18,8>') };
    const result = unwrap(typedWith(graph, { s: { table, result: parseQuantizer('ap_ufixed<4,0,AP_TRN,AP_SAT>') } }));
    expect(result.nodes.flatMap((node) => (node.kind === 'table' ? [node.codes.length] : []))).toEqual([16]);
    expect(castsOf(result).at(-1)).toBe('s: ap_ufixed<4,0,AP_TRN,AP_SAT>');
  });

  it('are refused for nodes that are not there, with the closest name', () => {
    const result = typedWith(plain, { dens: { result: parseQuantizer('ap_fixed<6,4>') } });
    expect(result.ok).toBe(false);
    expect(result.diagnostics).toMatchObject([
      { code: typingCodes.unknownLayer.code, location: { configPath: 'layers.dens' } },
    ]);
    expect(at(result.diagnostics, 0).hint).toBe("did you mean 'dense'? nodes that compute: dense, bias, relu");
  });

  it('are refused where they apply to nothing', () => {
    const type = parseQuantizer('ap_fixed<6,4>');
    const result = typedWith(plain, {
      relu: { accumulator: type, weight: type, bias: type, result: type, table: { size: 4, type } },
    });
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map(({ code, location }) => [code, location?.configPath])).toEqual(
      ['accumulator', 'weight', 'bias', 'table'].map((key) => [typingCodes.layerKeyUnused.code, `layers.relu.${key}`]),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/diagnostics/result.js';
import { verifyProgram } from '../../src/dataflow/verify.js';
import { lowerModel } from '../../src/lowering/model/lower-model.js';
import { ModelBuilder } from '../../src/model/builder.js';
import { exactType, inferFormats } from '../../src/model/formats.js';
import type { ModelGraph } from '../../src/model/kinds.js';
import { verifyModel } from '../../src/model/verify.js';
import { fixedPointType } from '../../src/numeric/fixed-point.js';
import { defaultSolveOptions } from '../../src/passes/dataflow/distributed-arithmetic/options.js';
import { dataflowPipeline } from '../../src/passes/dataflow/pipelines.js';
import type { PackedElement, Unpacking } from '../../src/passes/model/unpack-words.js';
import { unpackWords } from '../../src/passes/model/unpack-words.js';
import { modelPipeline } from '../../src/passes/model/pipelines.js';
import { runPipeline } from '../../src/passes/pass.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { runBatched, runOracle } from '../support/evaluators.js';
import { randomInputs } from '../support/random-inputs.js';
import type { BundleMember } from '../support/verilog-bundle.js';
import { buildDesign, simulateBundle, variedChoices } from '../support/verilog-bundle.js';

const LAYOUTS = 24;
const EVENTS = 30;
const BASE_SEED = 70_000;

/** Words of two collections, of 1 to 130 bits, and what each of some elements is of them: fields overlap freely. */
function randomUnpacking(random: Random): Unpacking {
  const widths = new Map([
    ['a', random.integer(1, 130)],
    ['b', random.pick([8, 32, 64])],
  ]);
  const elements = Array.from({ length: random.integer(1, 8) }, (): PackedElement => {
    const lsb = random.integer(-3, 2);
    if (random.integer(0, 5) === 0) return { kind: 'constant', value: { code: random.bigint(-9n, 9n), lsb } };
    const collection = random.pick(['a', 'b']);
    const low = random.integer(0, (widths.get(collection) ?? 1) - 1);
    const width = random.integer(1, Math.min(20, (widths.get(collection) ?? 1) - low));
    const type = fixedPointType(random.integer(0, 1) === 0, width, width + lsb);
    return { kind: 'field', collection, word: random.integer(0, 3), low, type };
  });
  return { widths, inputs: new Map([['x', elements]]) };
}

/** The sum and the difference of neighbours, of an input whose elements have the types of the fields. */
function network(unpacking: Unpacking): ModelGraph {
  const elements = unpacking.inputs.get('x') ?? [];
  const types = elements.map((element) =>
    element.kind === 'field'
      ? element.type
      : exactType({ lsb: element.value.lsb, ranges: [{ low: element.value.code, high: element.value.code }] }),
  );
  const builder = new ModelBuilder('words');
  const x = builder.input({ name: 'x', types, rounding: 'TRN', overflow: 'WRAP' }, [1, elements.length]);
  const indices = elements.map((_, index) => (index + 1) % elements.length);
  const next = builder.add('gather', { operand: x, axis: 1, indices });
  const sum = builder.add('reduce', { operand: x, operation: 'sum', axes: [1], keepDimensions: false });
  const difference = builder.add('subtract', { left: x, right: next });
  const formats = inferFormats(builder.finish());
  for (const [name, node] of [
    ['sum', sum],
    ['difference', difference],
    ['same', x],
  ] as const) {
    builder.output(name, node, [exactType(at(formats, node))]);
  }
  return builder.finish();
}

/** The codes of the elements that the bits of an event's words are, cut out as text. */
function cut(unpacking: Unpacking, graph: ModelGraph, event: readonly (readonly bigint[])[]): readonly bigint[] {
  const names = graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : []));
  return (unpacking.inputs.get('x') ?? []).map((element) => {
    if (element.kind === 'constant') return element.value.code;
    const word = at(at(event, names.indexOf(element.collection)), element.word);
    const bits = word.toString(2).padStart(200, '0');
    const field = bits.slice(200 - element.low - element.type.width, 200 - element.low);
    const code = BigInt(`0b${field}`);
    return element.type.signed && field.startsWith('1') ? code - (1n << BigInt(element.type.width)) : code;
  });
}

describe('packed words', () => {
  it(
    'random layouts: oracle = the network on fields cut by hand, emulator = oracle = Verilog',
    { timeout: 120_000 },
    async () => {
      const members: BundleMember[] = [];
      for (let index = 0; index < LAYOUTS; index++) {
        const random = new Random(BASE_SEED + index);
        const unpacking = randomUnpacking(random);
        const plain = network(unpacking);
        const packed = unwrap(unpackWords(unpacking).run(plain, {}));
        verifyModel(packed, { typed: true });
        const events = randomInputs(random, packed, EVENTS);
        const expected = runOracle(packed, events).map(({ outputs }) => outputs.flat());
        const byHand = runOracle(
          plain,
          events.map((event) => [cut(unpacking, packed, event)]),
        );
        expect(expected, `seed ${BASE_SEED + index}`).toEqual(byHand.map(({ outputs }) => outputs.flat()));
        expect(runBatched(packed, events).rows).toEqual(expected);
        const solving = { ...defaultSolveOptions, effort: 'fast' } as const;
        const final = unwrap(runPipeline(packed, modelPipeline, {}));
        const program = unwrap(dataflowPipeline(lowerModel(final), {}, { verify: verifyProgram }, solving));
        const built = buildDesign(program, { ...variedChoices(BASE_SEED + index), name: `words_${index}` });
        members.push({ ...built, events: events.map((event) => event.flat()), expected });
      }
      expect(await simulateBundle(SIMULATION_ENGINES.yosys, members)).toEqual([]);
    },
  );
});

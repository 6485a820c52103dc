import { describe, expect, it } from 'vitest';
import { codeRange, fixedPointType, lsbExponent } from '../../../src/numeric/fixed-point.js';
import { contains, max, min } from '../../../src/numeric/interval.js';
import type { Interval } from '../../../src/numeric/interval.js';
import { quantizeCode } from '../../../src/numeric/rounding.js';
import { inferAlignments } from '../../../src/model/alignment.js';
import { modelEvaluator } from '../../../src/model/evaluate.js';
import { coarsestLsb, exactType, inferFormats, quantizeInterval } from '../../../src/model/formats.js';
import { parseModel } from '../../../src/model/parse.js';
import { printModel } from '../../../src/model/print.js';
import { modelSchema } from '../../../src/model/schema.js';
import type { ModelGraph } from '../../../src/model/kinds.js';
import { at } from '../../../src/support/invariant.js';
import { trailingZeros } from '../../../src/support/bits.js';
import { Random } from '../../../src/support/random.js';
import { randomMlp } from '../../support/random-mlp.js';
import { randomInputs, randomModel } from '../../support/random-model.js';
import { allOverflows, allRoundings, formatWidth } from '../../support/random-types.js';

/** The graphs that the properties below are checked on. */
function randomGraph(seed: number): { readonly graph: ModelGraph; readonly random: Random } {
  const random = new Random(50_000 + seed);
  return { graph: seed % 3 === 0 ? randomMlp(random) : randomModel(random), random };
}
const GRAPHS = 150;

describe('inferFormats', () => {
  it('holds for every value of every node of random graphs', { timeout: 60_000 }, () => {
    for (let seed = 0; seed < GRAPHS; seed++) {
      const { graph, random } = randomGraph(seed);
      const formats = inferFormats(graph);
      const alignments = inferAlignments(graph);
      const evaluate = modelEvaluator(graph);
      for (const event of randomInputs(random, graph, 16)) {
        const { tensors, violations } = evaluate(event);
        expect(violations).toEqual([]);
        tensors.forEach(({ lsb, codes }, id) => {
          const format = at(formats, id);
          const alignment = at(alignments, id);
          const sound = codes.every((code, index) => {
            const { low, high } = at(format.ranges, index);
            const aligned = code === 0n || lsb + trailingZeros(code) >= at(alignment, index);
            return code >= low && code <= high && aligned;
          });
          if (lsb !== format.lsb || !sound) expect.fail(`%${id} of seed ${seed}:\n${printModel(graph)}`);
        });
      }
    }
  });
});

describe('quantizeInterval', () => {
  it.each(allRoundings)('%s: sound on all small intervals, and tight where no bits are added below', (rounding) => {
    for (const overflow of allOverflows) {
      for (const signed of [true, false]) {
        for (let width = 1; width <= 3; width++) {
          for (let shift = -1; shift <= 3; shift++) {
            const type = fixedPointType(signed, width, width + shift);
            const images = Array.from({ length: 33 }, (_, index) =>
              quantizeCode(BigInt(index - 16), 0, type, rounding, overflow),
            );
            checkHulls(images, shift >= 0, (range) => quantizeInterval(range, 0, type, rounding, overflow));
          }
        }
      }
    }
  });
});

/** For every interval of -16 … 16: the images of its members against what the operation says. */
function checkHulls(images: readonly bigint[], tight: boolean, operation: (range: Interval) => Interval): void {
  for (let low = 0; low < images.length; low++) {
    let hull = { low: at(images, low), high: at(images, low) };
    for (let high = low; high < images.length; high++) {
      hull = { low: min(hull.low, at(images, high)), high: max(hull.high, at(images, high)) };
      const found = operation({ low: BigInt(low - 16), high: BigInt(high - 16) });
      const right = tight ? found.low === hull.low && found.high === hull.high : contains(found, hull);
      if (!right) expect.fail(`[${low - 16}, ${high - 16}] gives [${found.low}, ${found.high}]`);
    }
  }
}

describe('exactType', () => {
  it('is the narrowest type on the LSB of the format that holds all ranges', () => {
    expect(
      exactType({
        lsb: -3,
        ranges: [
          { low: 0n, high: 5n },
          { low: -1n, high: 0n },
        ],
      }),
    ).toEqual(fixedPointType(true, 4, 1));
    expect(exactType({ lsb: 2, ranges: [{ low: 0n, high: 8n }] })).toEqual(fixedPointType(false, 4, 6));
    expect(exactType({ lsb: 0, ranges: [{ low: 0n, high: 0n }] })).toEqual(fixedPointType(false, 1, 1));
    for (let seed = 0; seed < 30; seed++) {
      for (const format of inferFormats(randomGraph(seed).graph)) {
        const type = exactType(format);
        expect(lsbExponent(type)).toBe(format.lsb);
        expect(format.ranges.every((range) => contains(codeRange(type), range))).toBe(true);
      }
    }
  });
});

describe('coarsestLsb', () => {
  it('takes away the zeros that all codes share', () => {
    expect(coarsestLsb(-4, [12n, 0n, -8n])).toBe(-2);
    expect(coarsestLsb(-4, [0n, 0n])).toBe(-4);
    expect(coarsestLsb(3, [1n, 1n << 70n])).toBe(3);
  });
});

describe('the text form of random graphs', () => {
  it('reads back to the same graph and the same bytes', () => {
    for (let seed = 0; seed < GRAPHS; seed++) {
      const { graph } = randomGraph(seed);
      const text = printModel(graph);
      const read = parseModel(text);
      expect(read).toEqual(graph);
      expect(printModel(read)).toBe(text);
    }
  });
});

describe('the random graphs', () => {
  it('cover every kind, mode and class of width, and do wrap and saturate', () => {
    const kinds = new Set<string>();
    const modes = new Set<string>();
    const effects = new Set<string>();
    const widths = new Set<number>();
    for (let seed = 0; seed < GRAPHS; seed++) {
      const { graph } = randomGraph(seed);
      const formats = inferFormats(graph);
      for (const node of graph.nodes) {
        kinds.add(node.kind);
        const format = at(formats, node.id);
        widths.add(formatWidth(format));
        if ('types' in node && node.types.length > 1) effects.add(`${node.kind} with a type for each element`);
        if (node.kind !== 'quantize') continue;
        modes.add(`${node.rounding} ${node.overflow}`);
        const operand = at(formats, node.operand);
        operand.ranges.forEach((range, index) => {
          const type = at(node.types, node.types.length === 1 ? 0 : index);
          const high = quantizeCode(range.high, operand.lsb, type, node.rounding, 'SAT');
          const wide = quantizeCode(
            range.high,
            operand.lsb,
            fixedPointType(true, 400, 400 + lsbExponent(type)),
            node.rounding,
            'WRAP',
          );
          if (high !== wide) effects.add(node.overflow);
        });
      }
    }
    expect([...kinds].sort()).toEqual(
      Object.keys(modelSchema)
        .filter((kind) => kind !== 'function' && kind !== 'quantizeDefault')
        .sort(),
    );
    expect(modes.size).toBe(allRoundings.length * allOverflows.length);
    expect([...effects].sort()).toEqual(
      [
        ...allOverflows,
        'input with a type for each element',
        'quantize with a type for each element',
        'requantize with a type for each element',
        'bits with a type for each element',
      ].sort(),
    );
    for (const limit of [1, 16, 33, 54, 65]) expect(Math.max(...widths)).toBeGreaterThan(limit);
    expect(Math.max(...widths)).toBeLessThan(300);
  });
});

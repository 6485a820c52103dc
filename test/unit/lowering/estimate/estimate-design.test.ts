import { describe, expect, it } from 'vitest';
import { KernelBuilder } from '../../../../src/dataflow/builder.js';
import type { NodeId } from '../../../../src/dataflow/kinds.js';
import type { Program } from '../../../../src/dataflow/program.js';
import type { Design } from '../../../../src/design/design.js';
import { calibration, expectedError, printError } from '../../../../src/lowering/estimate/calibration.js';
import { dspBlocks } from '../../../../src/lowering/estimate/dsp-blocks.js';
import type { ResourceEstimate } from '../../../../src/lowering/estimate/estimate-design.js';
import { estimateDesign } from '../../../../src/lowering/estimate/estimate-design.js';
import { Random } from '../../../../src/support/random.js';
import { fixedPointType } from '../../../../src/numeric/fixed-point.js';

const byte = { low: 0n, high: 255n };

/** A design of one kernel of unsigned bytes; `cycleOf` places its nodes. */
function designOf(
  build: (builder: KernelBuilder) => void,
  latency = 0,
  cycleOf: (id: number) => number = () => 0,
  positions = 1,
): Design {
  const builder = new KernelBuilder('k');
  build(builder);
  const kernel = builder.finish();
  const inputs = kernel.inputs.length;
  const program: Program = {
    name: 'p',
    inputs: [{ name: 'x', types: Array.from({ length: inputs * positions }, () => fixedPointType(false, 8, 8)) }],
    kernels: [kernel],
    instances: [
      {
        name: 'k',
        kernel: 0,
        positions: Array.from({ length: positions }, (_, position) =>
          Array.from({ length: inputs }, (__, index) => ({ instance: -1, index: position * inputs + index })),
        ),
        origin: { name: 'layer', operator: 'Gemm' },
      },
    ],
    outputs: [
      {
        name: 'y',
        types: Array.from({ length: positions }, () => fixedPointType(true, 20, 20)),
        elements: Array.from({ length: positions }, (_, index) => ({ instance: 0, index })),
      },
    ],
  };
  const cycles = Int32Array.from(kernel.nodes, (node) => cycleOf(node.id));
  return {
    name: 'p',
    program,
    schedule: { latency, cycles: [Array.from({ length: positions }, () => cycles)] },
    interface: { ports: 'packed', registers: 'none', valid: false },
    initiationInterval: 1,
  };
}

const options = { family: '7-series', dsp: false, threeOperandAdders: false, mergedSums: false } as const;
const estimate = (design: Design, changed = {}): ResourceEstimate => estimateDesign(design, { ...options, ...changed });

/** Tables of one kernel in one segment. */
const tables = (build: (builder: KernelBuilder) => void): number => estimate(designOf(build)).total.lut;
const two = (builder: KernelBuilder): [NodeId, NodeId] => [builder.input(byte), builder.input(byte)];

describe('estimates by what is emitted', () => {
  it('takes nothing for wiring', () => {
    const { total } = estimate(
      designOf((b) => {
        const x = b.input(byte);
        b.output(b.concat(b.slice(b.shiftLeft(x, 3), 4, 5), b.floorShiftRight(x, 2), 3));
      }),
    );
    expect(total).toMatchObject({ lut: 0, lutSites: 0, carryBits: 0, flipFlops: 0, dsp: 0 });
  });

  it('merges small logic that one reader has, and keeps what several share', () => {
    const selection = (width: number): number =>
      tables((b) => {
        const [x, y] = two(b);
        const condition = b.and(b.slice(x, 0, 1), b.slice(y, 0, 1));
        b.output(b.select(condition, b.slice(x, 1, width), b.slice(y, 1, width)));
      });
    expect(selection(1)).toBe(1);
    expect(selection(7)).toBe(1 + 7);
  });

  it('rectifies with one table a bit less the sign, and saturates by the high bits', () => {
    const signed = { low: -128n, high: 127n };
    // Two bits of the value and the sign fit one table with two outputs, but are counted as synthesis counts them.
    expect(tables((b) => b.output(b.maximum(b.input(signed), b.constant(0n))))).toBe(7);
    // Overflow from four high bits, then one table a bit that knows the sign.
    const clamped = tables((b) => b.output(b.clamp(b.input(signed), { low: -8n, high: 7n })));
    expect(clamped).toBeGreaterThanOrEqual(4);
    expect(clamped).toBeLessThanOrEqual(6);
  });

  it('does not make the high bits that nobody reads', () => {
    const narrow = estimate(
      designOf((b) => {
        const [x, y] = two(b);
        b.output(b.wrap(b.add(x, y), 4, false));
      }),
    ).total;
    expect(narrow).toMatchObject({ lut: 4, carryBits: 4, carryBlocks: 1 });
  });

  it('reads a table of constants from one table a bit for six address bits, and shares equal parts', () => {
    const random = new Random(1);
    const values = Array.from({ length: 64 }, () => random.bigint(0n, 15n));
    const one = (shared: boolean): number =>
      tables((b) => {
        const x = b.input({ low: 0n, high: shared ? 127n : 63n });
        b.output(b.table(x, 0n, shared ? [...values, ...values] : values));
      });
    expect(one(false)).toBe(4);
    expect(one(true)).toBe(4);
  });

  it('counts registers by how long a value is held, and long chains as shift registers', () => {
    const held = (latency: number): Pick<ResourceEstimate['total'], 'flipFlops' | 'shiftRegisters'> =>
      estimate(
        designOf(
          (b) => {
            const [x, y] = two(b);
            b.output(b.xor(x, y));
          },
          latency,
          () => 0,
        ),
      ).total;
    expect(held(0)).toMatchObject({ flipFlops: 0, shiftRegisters: 0 });
    expect(held(2)).toMatchObject({ flipFlops: 16, shiftRegisters: 0 });
    expect(held(3)).toMatchObject({ flipFlops: 0, shiftRegisters: 8 });
  });

  it('gives the logic to the segment and the registers to the segment that they begin', () => {
    const design = designOf(
      (b) => {
        const [x, y] = two(b);
        b.output(b.add(b.add(x, y), y));
      },
      1,
      // The second addition stands behind the register.
      (id) => (id === 3 ? 1 : 0),
    );
    const { segments, total, layers } = estimate(design);
    expect(segments.map(({ flipFlops }) => flipFlops)).toEqual([0, 9 + 8]);
    expect(segments.map(({ carryBits }) => carryBits)).toEqual([9, 10]);
    expect(segments.reduce((sum, { lut }) => sum + lut, 0)).toBe(total.lut);
    expect(layers.map(({ name, operator }) => `${operator} ${name}`)).toEqual(['Gemm layer', 'input x']);
  });

  it('counts the registers of a value once, whoever reads them', () => {
    const design = designOf(
      (b) => {
        const [x, y] = two(b);
        b.output(b.add(b.add(x, y), y));
      },
      1,
      (id) => (id === 3 ? 1 : 0),
    );
    const { program, schedule } = design;
    const twice: Design = {
      ...design,
      program: { ...program, instances: [...program.instances, ...program.instances] },
      schedule: { ...schedule, cycles: [...schedule.cycles, ...schedule.cycles] },
    };
    expect(estimate(twice).total.flipFlops).toBe(9 + 9 + 8);
  });

  it('counts a mapped kernel once for each position', () => {
    const sum = (b: KernelBuilder): void => {
      const [x, y] = two(b);
      b.output(b.add(x, y));
    };
    const one = estimate(designOf(sum)).total;
    const many = estimate(designOf(sum, 0, () => 0, 7)).total;
    expect(one).toMatchObject({ lut: 8, carryBits: 9, carryBlocks: 3, lutSites: 9 });
    expect(many).toMatchObject({ lut: 56, carryBits: 63, carryBlocks: 21, lutSites: 63 });
  });

  it('takes one table a bit for a sum of three only where that is assumed', () => {
    const design = designOf((b) => {
      b.output(b.addThree(b.input(byte), b.input(byte), b.input(byte), false));
    });
    const width = 10;
    expect(estimate(design, { threeOperandAdders: true }).total).toMatchObject({ lutSites: width, carryBits: width });
    expect(estimate(design).total.lut).toBeGreaterThan(width);
  });

  it('moves products into multiplier blocks where they are allowed', () => {
    const product = (b: KernelBuilder): void => {
      const [x, y] = two(b);
      b.output(b.multiply(x, y));
    };
    const logic = estimate(designOf(product)).total;
    expect(logic.dsp).toBe(0);
    // 64 partial products; one full adder removes one bit for two tables.
    expect(logic.lut).toBeGreaterThan(60);
    expect(logic.lut).toBeLessThan(160);
    expect(estimate(designOf(product), { dsp: true }).total).toMatchObject({ dsp: 1, lut: 0, carryBits: 0 });
  });
});

describe('multiplier blocks of a product', () => {
  it.each([
    [25, true, 18, true, '7-series', 1],
    [26, true, 18, true, '7-series', 2],
    [27, true, 18, true, 'ultrascale+', 1],
    // An unsigned operand needs the place of the sign.
    [24, false, 17, false, '7-series', 1],
    [25, false, 17, false, '7-series', 2],
    [35, true, 35, true, '7-series', 4],
    [4, true, 4, true, '7-series', 0],
  ] as const)('%i bits (signed %s) by %i bits (signed %s), %s: %i', (a, aSigned, b, bSigned, family, blocks) => {
    const [left, right] = [
      { width: a, signed: aSigned },
      { width: b, signed: bSigned },
    ];
    expect(dspBlocks(left, right, family)).toBe(blocks);
    expect(dspBlocks(right, left, family)).toBe(blocks);
  });
});

describe('the error of estimates', () => {
  it('is stored with the flow and the number of designs that it was measured on', () => {
    expect(calibration.command).toContain('synth_xilinx');
    for (const band of [calibration.lut, calibration.flipFlops, calibration.carryBlocks]) {
      expect(band.designs).toBeGreaterThan(20);
      // One design far off moves the mean of exact ones beyond a quantile, so the two are not ordered.
      expect(band.low).toBeLessThanOrEqual(band.high);
      expect(band.low).toBeGreaterThan(0.8);
      expect(band.high).toBeLessThan(1.2);
      expect(Math.abs(band.mean - 1)).toBeLessThan(0.05);
    }
  });

  it('says where synthesis is expected, as parts of the estimate', () => {
    const band = { designs: 60, mean: 1, low: 0.8, high: 1.25 };
    expect(expectedError(band)).toEqual({ low: 1 / 1.25 - 1, high: 0.25 });
    expect(printError(band, { ...calibration, tool: 'Yosys 0.23' })).toBe(
      '-20 % … +25 % against Yosys 0.23 on 60 designs',
    );
  });
});

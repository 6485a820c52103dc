import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/support/random.js';
import { at } from '../../../src/support/invariant.js';
import { carryDelay, delayModels, lutDelay } from '../../../src/targets/delay-model.js';
import { readMappedNetlist } from '../../../src/synthesis/netlist.js';
import type { TimingReport } from '../../../src/synthesis/timing.js';
import { analyseTiming } from '../../../src/synthesis/timing.js';
import { NetlistBuilder } from './netlist-builder.js';

const model = delayModels['7-series'];

function analyse(builder: NetlistBuilder): TimingReport {
  return analyseTiming(readMappedNetlist(builder.json()), model);
}

/** The only segment's delay. */
function single(builder: NetlistBuilder): number {
  const { segments } = analyse(builder);
  expect(segments).toHaveLength(1);
  return at(segments, 0).delay;
}

describe('combinational paths', () => {
  it('a chain of tables is its levels, and the path names its nets', () => {
    const builder = new NetlistBuilder();
    const [a, b] = builder.input('a', 2);
    const middle = builder.net('middle');
    builder.cell('LUT2', { I0: '1', I1: b ?? 'x', O: middle });
    builder.output('y', [builder.lut(a ?? 'x', middle, '1')]);
    const { segments, latency, mixedEnds } = analyse(builder);
    expect({ latency, mixedEnds }).toEqual({ latency: 0, mixedEnds: 0 });
    const segment = at(segments, 0);
    expect(segment).toMatchObject({ rank: 0, from: 'input', to: 'output', end: 'y' });
    expect(segment.delay).toBeCloseTo(2 * (0.331 + 0.119), 9);
    expect(segment.path.map(({ net, through }) => `${through} ${net}`)).toEqual([' a[1]', 'LUT2 middle', 'LUT3 net 5']);
  });

  it.each([1, 4, 5, 8, 13])('an adder of %i bits takes what the delay model says', (width) => {
    const builder = new NetlistBuilder();
    builder.output('y', builder.add(builder.input('a', width), builder.input('b', width)));
    expect(single(builder)).toBeCloseTo(carryDelay(model, width), 9);
  });

  it('carries of two adders in a row overlap', () => {
    const builder = new NetlistBuilder();
    const sum = builder.add(builder.input('a', 8), builder.input('b', 8));
    builder.output('y', builder.add(sum, builder.input('c', 8)));
    // From bit k of the first sum on, k + 1 and 8 - k bits of carry: nine in all, whatever k is.
    expect(single(builder)).toBeCloseTo(carryDelay(model, 1) + carryDelay(model, 8), 9);
  });

  it('a carry output pays the way out of the chain', () => {
    const builder = new NetlistBuilder();
    const [a = 'x', b = 'x'] = builder.input('a', 2);
    const carry = builder.nets(4);
    const pins = { CI: '0', CYINIT: '0', DI: [a, '0', '0', '0'], S: [builder.lut(a, b), '0', '0', '0'] } as const;
    builder.cell('CARRY4', { ...pins, O: builder.nets(4), CO: carry });
    builder.output('y', [builder.lut(carry[1] ?? 'x')]);
    expect(single(builder)).toBeCloseTo(carryDelay(model, 2) + lutDelay(model, 1), 9);
  });

  it('a signal at S without a table of its own passes one that is a wire', () => {
    const twoSums = (lut: boolean): number => {
      const builder = new NetlistBuilder();
      const [a = 'x', b = 'x'] = builder.input('a', 2);
      const select = lut ? builder.lut(a, b) : a;
      for (const port of ['y', 'z']) {
        const [sum, carry] = [builder.nets(4), builder.nets(4)];
        const pins = { CI: '0', CYINIT: '0', DI: ['0', '0', '0', '0'], S: [select, '0', '0', '0'] } as const;
        builder.cell('CARRY4', { ...pins, O: sum, CO: carry });
        builder.output(port, sum.slice(0, 1));
      }
      return single(builder);
    };
    expect(twoSums(false)).toBeCloseTo(carryDelay(model, 1), 9);
    // One table cannot lie in front of two carry bits.
    expect(twoSums(true)).toBeCloseTo(lutDelay(model, 1) + carryDelay(model, 1), 9);
  });

  it('the fabric carry input and DI enter by the bypass of the slice', () => {
    for (const pinName of ['CYINIT', 'CI', 'DI'] as const) {
      const builder = new NetlistBuilder();
      const [a = 'x'] = builder.input('a');
      const [sum, carry] = [builder.nets(4), builder.nets(4)];
      const none = ['0', '0', '0', '0'] as const;
      const pins = { CI: '0', CYINIT: '0', DI: none, S: none, O: sum, CO: carry } as const;
      builder.cell('CARRY4', { ...pins, [pinName]: pinName === 'DI' ? [a, '0', '0', '0'] : a });
      builder.output('y', [sum[1] ?? 'x']);
      expect(single(builder), pinName).toBeCloseTo(carryDelay(model, 2) - model.lut, 9);
    }
  });

  it('multiplexers of a slice cost a table each, without routing between them', () => {
    const builder = new NetlistBuilder();
    const [a = 'x', b = 'x', c = 'x'] = builder.input('a', 3);
    const [wide, wider] = builder.nets(2);
    builder.cell('MUXF7', { I0: builder.lut(a, b), I1: builder.lut(b, c), S: c, O: wide ?? 'x' });
    builder.cell('MUXF8', { I0: wide ?? 'x', I1: wide ?? 'x', S: '0', O: wider ?? 'x' });
    builder.output('y', [wider ?? 'x']);
    expect(single(builder)).toBeCloseTo(model.routing + 3 * model.lut, 9);
  });

  it('an input that reaches a multiplexer of a slice passes a table that is a wire', () => {
    const builder = new NetlistBuilder();
    const [a = 'x', b = 'x'] = builder.input('a', 2);
    const y = builder.net();
    builder.cell('MUXF7', { I0: a, I1: '0', S: b, O: y });
    builder.output('y', [y]);
    expect(single(builder)).toBeCloseTo(model.routing + 2 * model.lut, 9);
  });

  it('inverters count like tables, pads and clock buffers like wires', () => {
    const builder = new NetlistBuilder();
    const [a = 'x'] = builder.input('a');
    const [inside, inverted, out] = builder.nets(3);
    builder.cell('IBUF', { I: a, O: inside ?? 'x' });
    builder.cell('INV', { I: inside ?? 'x', O: inverted ?? 'x' });
    builder.cell('OBUF', { I: inverted ?? 'x', O: out ?? 'x' });
    builder.output('y', [out ?? 'x']);
    expect(single(builder)).toBeCloseTo(lutDelay(model, 1), 9);
  });

  it('a wire through and constants make no path of their own', () => {
    const builder = new NetlistBuilder();
    const [one, zero] = builder.nets(2);
    builder.cell('VCC', { P: one ?? 'x' });
    builder.cell('GND', { G: zero ?? 'x' });
    builder.output('y', [builder.lut(one ?? 'x', zero ?? 'x'), '1']);
    expect(analyse(builder).segments).toEqual([]);
    builder.output('z', builder.input('a'));
    expect(single(builder)).toBe(0);
  });
});

describe('segments', () => {
  it('run from rank to rank', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 'x', b = 'x'] = builder.input('a', 2);
    const first = builder.flipFlop(clock, builder.lut(a, b));
    const second = builder.flipFlop(clock, builder.lut(builder.lut(first)));
    builder.output('y', [builder.lut(second)]);
    const { segments, latency, mixedEnds } = analyse(builder);
    expect({ latency, mixedEnds }).toEqual({ latency: 2, mixedEnds: 0 });
    expect(segments.map(({ rank, from, to }) => `${rank} ${from} ${to}`)).toEqual([
      '0 input register',
      '1 register register',
      '2 register output',
    ]);
    const hop = lutDelay(model, 1);
    const expected = [hop + model.routing, model.flipFlop + 2 * hop + model.routing, model.flipFlop + hop];
    segments.forEach(({ delay }, index) => expect(delay).toBeCloseTo(at(expected, index), 9));
  });

  it('a path between flip-flops loses what the delay model says', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 'x'] = builder.input('a');
    builder.output('y', [builder.flipFlop(clock, builder.flipFlop(clock, a))]);
    expect(at(analyse(builder).segments, 1).delay).toBeCloseTo(0.216 + 0.331, 9);
  });

  it('control pins end paths but give no rank', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 'x', reset = 'x'] = builder.input('a', 2);
    const [first, second] = builder.nets(2);
    builder.cell('FDCE', { C: clock, CE: '1', D: a, CLR: '0', Q: first ?? 'x' });
    builder.cell('FDSE', { C: clock, CE: '1', D: first ?? 'x', S: builder.lut(reset), Q: second ?? 'x' });
    builder.output('y', [second ?? 'x']);
    const { segments, latency, mixedEnds } = analyse(builder);
    expect({ latency, mixedEnds }).toEqual({ latency: 2, mixedEnds: 0 });
    expect(at(segments, 0).delay).toBeCloseTo(lutDelay(model, 1) + model.routing, 9);
  });

  it('a shift register counts its depth, and starts late', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 'x'] = builder.input('a');
    const q = builder.net();
    builder.cell('SRL16E', { CLK: clock, CE: '1', D: a, A0: '0', A1: '1', A2: '0', A3: '0', Q: q });
    builder.output('y', [builder.flipFlop(clock, q)]);
    const { segments, latency } = analyse(builder);
    expect(latency).toBe(4);
    expect(segments.map(({ rank }) => rank)).toEqual([0, 3, 4]);
    expect(at(segments, 1).delay).toBeCloseTo((0.216 * 1472) / 303 + 0.331, 9);
  });

  it('paths that skip a rank are kept apart and counted', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 'x'] = builder.input('a');
    const early = builder.flipFlop(clock, a);
    builder.output('y', [builder.lut(early, builder.lut(a))]);
    const { segments, mixedEnds } = analyse(builder);
    expect(mixedEnds).toBe(1);
    expect(at(segments, 0).delay).toBeCloseTo(lutDelay(model, 2), 9);
    expect(at(segments, 1).delay).toBeCloseTo(model.flipFlop + lutDelay(model, 1), 9);
  });

  it('a counter that reads itself is no combinational loop', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const q = builder.net('q');
    builder.cell('FDRE', { C: clock, CE: '1', D: builder.lut(q), R: '0', Q: q });
    builder.output('y', [q]);
    expect(analyse(builder).segments.map(({ rank }) => rank)).toEqual([1]);
  });
});

describe('refusals', () => {
  const refused = (edit: (builder: NetlistBuilder, a: number) => void): (() => unknown) => {
    const builder = new NetlistBuilder();
    const [a = 0] = builder.input('a');
    edit(builder, a);
    return () => analyse(builder);
  };

  it('unknown cells have no delay, not even zero', () => {
    const unknown = refused((builder, a) => builder.cell('RAM32X1D', { A0: a, DPO: builder.net() }));
    expect(unknown).toThrow('cell type RAM32X1D is not known');
    const memory = refused((builder, a) => builder.cell('RAMB36E1', { ADDRARDADDR: a, DOADO: builder.net() }));
    expect(memory).toThrow('ramb36e1_0: RAMB36E1 has no delay in the model');
  });

  it('loops, nets without driver or with two, missing pins, shift registers of variable depth', () => {
    const loop = refused((builder, a) => {
      const back = builder.net('back');
      builder.cell('LUT2', { I0: a, I1: back, O: back });
    });
    expect(loop).toThrow('combinational loop, through or before back');
    expect(refused((builder) => builder.lut(builder.net('nobody')))).toThrow(
      'net nobody at pin I0 of lut1_0 has no driver',
    );
    expect(refused((builder) => builder.output('y', [builder.net('open')]))).toThrow(
      'net open at output y has no driver',
    );
    expect(refused((builder, a) => builder.cell('LUT1', { I0: a, O: a }))).toThrow('net a has two drivers');
    expect(refused((builder, a) => builder.cell('LUT2', { I0: a, O: builder.net() }))).toThrow('has no pin I1');
    const shift = refused((builder, a) =>
      builder.cell('SRLC32E', { CLK: a, CE: '1', D: a, A: ['1', '0', a, '0', '0'], Q: builder.net() }),
    );
    expect(shift).toThrow('a shift register of variable depth');
  });

  it('what is no netlist', () => {
    expect(() => readMappedNetlist([])).toThrow('no netlist of Yosys');
    expect(() => readMappedNetlist({ modules: {} })).toThrow('0 modules');
    expect(() => readMappedNetlist(new NetlistBuilder().json(), 'other')).toThrow('no module other');
    const text = (ports: unknown, cells: unknown): unknown => ({ modules: { m: { ports, cells } } });
    expect(() => readMappedNetlist(text({ a: { direction: 'inout', bits: [2] } }, {}))).toThrow(
      'neither input nor output',
    );
    expect(() => readMappedNetlist(text({ a: { direction: 'input', bits: [1] } }, {}))).toThrow(
      'a bit that is no net: 1',
    );
    expect(() => readMappedNetlist(text({ a: { direction: 'input', bits: 2 } }, {}))).toThrow('no list of bits');
    expect(() => readMappedNetlist(text({}, { c: { connections: {} } }))).toThrow('cell c has no type');
  });
});

describe('any graph of tables', () => {
  it('has the depth that a plain recursion finds', () => {
    const random = new Random(7);
    for (let round = 0; round < 50; round++) {
      const builder = new NetlistBuilder();
      const nets = [...builder.input('a', 3)];
      const depth = new Map(nets.map((net) => [net, 0]));
      for (let cell = 0; cell < 40; cell++) {
        const count = random.integer(1, 6);
        const inputs = Array.from({ length: count }, () => at(nets, random.integer(0, nets.length - 1)));
        const output = builder.lut(...inputs);
        depth.set(output, 1 + Math.max(...inputs.map((net) => depth.get(net) ?? NaN)));
        nets.push(output);
      }
      const ends = [...nets.filter(() => random.integer(0, 3) === 0), at(nets, 5)];
      builder.output('y', ends);
      const deepest = Math.max(...ends.map((net) => depth.get(net) ?? NaN));
      expect(single(builder)).toBeCloseTo(lutDelay(model, deepest), 9);
    }
  });
});

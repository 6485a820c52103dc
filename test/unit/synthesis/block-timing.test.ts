import { describe, expect, it } from 'vitest';
import { at } from '../../../src/support/invariant.js';
import { measureNetlist } from '../../../src/synthesis/measure.js';
import { NetlistError, readMappedNetlist, UntimedCellError } from '../../../src/synthesis/netlist.js';
import type { TimingReport } from '../../../src/synthesis/timing.js';
import { analyseTiming } from '../../../src/synthesis/timing.js';
import { blockDelay, delayModels } from '../../../src/targets/delay-model.js';
import type { Bit, Pins } from './netlist-builder.js';
import { NetlistBuilder } from './netlist-builder.js';

/** Its flip-flop, table and net are 0.216, 0.119 and 0.331 ns; all other numbers here are of the block's table. */
const model = delayModels['7-series'];

/** What the adder sums, least significant bit first: the product, and C, PCIN or P. */
const opmode = (z: '000' | '001' | '010' | '011', w = ''): Bit[] =>
  Array.from(`${w}${z}0101`, (bit): Bit => (bit === '1' ? '1' : '0')).reverse();
const product = opmode('000');

type Registers = Readonly<Partial<Record<'AREG' | 'BREG' | 'CREG' | 'MREG' | 'PREG', number>>>;

/** Parameters as Yosys writes them. */
function parameters(registers: Registers): Record<string, string> {
  const all = { AREG: 0, BREG: 0, CREG: 0, MREG: 0, PREG: 0, ...registers };
  const bits = Object.entries(all).map(([name, value]): [string, string] => [
    name,
    value.toString(2).padStart(32, '0'),
  ]);
  return { ...Object.fromEntries(bits), USE_MULT: 'MULTIPLY', USE_DPORT: 'FALSE', USE_SIMD: 'ONE48' };
}

/** A block with two bits of P; returns them. */
function block(builder: NetlistBuilder, pins: Pins, registers: Registers): number[] {
  const P = builder.nets(2);
  builder.cell('DSP48E1', { A: '1', B: '1', OPMODE: product, ...pins, P }, parameters(registers));
  return P;
}

function analyse(builder: NetlistBuilder): TimingReport {
  return analyseTiming(readMappedNetlist(builder.json()), model);
}

/** Delays from rank to rank, of which none may be missing. */
function expectDelays({ segments }: TimingReport, expected: readonly number[]): void {
  expect(segments.map(({ rank }) => rank)).toEqual(expected.map((_, rank) => rank));
  segments.forEach(({ delay }, rank) => expect(delay, `rank ${rank}`).toBeCloseTo(at(expected, rank), 9));
}

/** Timing of one block with a signal at one pin and its output at a port. */
function alone(pin: 'A' | 'B' | 'C' | 'PCIN', registers: Registers): TimingReport {
  const builder = new NetlistBuilder();
  const pins = { [pin]: builder.input('x'), OPMODE: opmode(pin === 'C' ? '011' : pin === 'PCIN' ? '001' : '000') };
  builder.output('y', block(builder, pins, registers));
  return analyse(builder);
}

describe('a multiplier block', () => {
  it('without registers is one arc from each operand', () => {
    expectDelays(alone('A', {}), [0.331 + 2.823]);
    expectDelays(alone('B', {}), [0.331 + 2.69]);
    expectDelays(alone('C', {}), [0.331 + 1.325]);
    // A wire of its own.
    expectDelays(alone('PCIN', {}), [1.107]);
    const builder = new NetlistBuilder();
    builder.output('y', block(builder, { A: builder.input('a', 3), B: builder.input('b', 2) }, {}));
    const { segments, latency } = analyse(builder);
    expect(latency).toBe(0);
    expect(at(segments, 0)).toMatchObject({ rank: 0, from: 'input', to: 'output', end: 'y[0]' });
    expect(at(segments, 0).path.map(({ net, through }) => `${through} ${net}`)).toEqual([' a[2]', 'DSP48E1 net 7']);
  });

  it('with registers behind product and sum adds the sum of the block before', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 0, b = 0] = builder.input('a', 2);
    const registers = { MREG: 1, PREG: 1 };
    const first = block(builder, { A: a, B: b }, registers);
    const late = { A: builder.flipFlop(clock, a), B: builder.flipFlop(clock, b) };
    builder.output('y', block(builder, { ...late, C: first, OPMODE: opmode('011') }, registers));
    const report = analyse(builder);
    expect(report).toMatchObject({ latency: 3, mixedEnds: 0 });
    expectDelays(report, [0.331 + 1.416, 0.216 + 0.331 + 1.416, 0.329 + 0.331 + 1.244, 0.329]);
    expect(Math.max(...report.segments.map(({ delay }) => delay))).toBeCloseTo(blockDelay(model), 9);
    expect(report.segments.map(({ end }) => end)).toEqual([
      'dsp48e1_0 MREG',
      'dsp48e1_3 MREG',
      'dsp48e1_3 PREG',
      'y[0]',
    ]);
  });

  it('counts a rank for each register on the way', () => {
    const builder = new NetlistBuilder();
    const pins = { A: builder.input('a'), B: builder.input('b') };
    builder.output('y', block(builder, pins, { AREG: 1, BREG: 1, MREG: 1, PREG: 1 }));
    const report = analyse(builder);
    expect(report).toMatchObject({ latency: 3, mixedEnds: 0 });
    // B has the longer setup, A the longer way to the product.
    expectDelays(report, [0.331 + 0.324, 2.952 - 2.823 + 1.416, 1.671 - 0.081, 0.329]);
    expect(at(report.segments, 1)).toMatchObject({ from: 'register', to: 'register', end: 'dsp48e1_0 MREG' });
    expect(at(report.segments, 1).path).toEqual([{ net: 'dsp48e1_0 AREG', time: 2.952 - 2.823 + 1.416, through: '' }]);
    // Two in a row have nothing between them.
    const { segments, latency } = alone('A', { AREG: 2, MREG: 1, PREG: 1 });
    expect(latency).toBe(4);
    expect(segments.map(({ rank }) => rank)).toEqual([0, 2, 3, 4]);
  });

  it('with any one register', () => {
    expectDelays(alone('A', { AREG: 1 }), [0.331 + 0.254, 2.952]);
    expectDelays(alone('B', { BREG: 1 }), [0.331 + 0.324, 2.813]);
    expectDelays(alone('C', { CREG: 1 }), [0.331 + 0.168, 1.687]);
    expectDelays(alone('A', { MREG: 1 }), [0.331 + 1.416, 1.671]);
    expectDelays(alone('B', { MREG: 1 }), [0.331 + 1.285, 1.671]);
    expectDelays(alone('A', { PREG: 1 }), [0.331 + 2.739, 0.329]);
    expectDelays(alone('B', { PREG: 1 }), [0.331 + 2.608, 0.329]);
    expectDelays(alone('C', { PREG: 1 }), [0.331 + 1.244, 0.329]);
    expectDelays(alone('PCIN', { PREG: 1 }), [1.025, 0.329]);
  });

  it('has the sum of registered operands on its way where there is no register of the product', () => {
    expectDelays(alone('A', { AREG: 1, PREG: 1 }), [0.331 + 0.254, 2.952 - 2.823 + 2.739, 0.329]);
    expectDelays(alone('C', { CREG: 1, PREG: 1 }), [0.331 + 0.168, 1.687 - 1.325 + 1.244, 0.329]);
  });

  it('has a register wherever its parameters say nothing, and reads numbers too', () => {
    const withParameters = (own?: Readonly<Record<string, number>>): number => {
      const builder = new NetlistBuilder();
      const P = builder.net();
      builder.cell('DSP48E2', { A: builder.input('a'), B: '1', OPMODE: [...product, '0', '0'], P }, own);
      builder.output('y', [P]);
      return analyse(builder).latency;
    };
    expect(withParameters()).toBe(3);
    expect(withParameters({ AREG: 0, MREG: 0 })).toBe(1);
  });

  it('passes its sum to the next one without a net', () => {
    const chain = (registers: Registers): TimingReport => {
      const builder = new NetlistBuilder();
      const PCOUT = builder.nets(2);
      block(builder, { A: builder.input('a'), PCOUT }, registers);
      builder.output('y', block(builder, { PCIN: PCOUT, OPMODE: opmode('001') }, registers));
      return analyse(builder);
    };
    expectDelays(chain({}), [0.331 + 2.823 + 0.149 + 1.107]);
    expectDelays(chain({ PREG: 1 }), [0.331 + 2.739, 0.435 + 1.025, 0.329]);
  });

  it('leads its sum back inside', () => {
    const builder = new NetlistBuilder();
    builder.output('y', block(builder, { A: builder.input('a'), OPMODE: opmode('010') }, { PREG: 1 }));
    const report = analyse(builder);
    expectDelays(report, [0.331 + 2.739, 0.329 + 1.244]);
    expect(at(report.segments, 1).end).toBe('dsp48e1_0 PREG');
  });

  it('reads a word only where its mode says so', () => {
    const read = (OPMODE: readonly Bit[]): number => {
      const builder = new NetlistBuilder();
      const P = builder.net();
      const pins = { A: '1', B: '1', C: builder.input('c'), PCIN: '1', OPMODE, P } as const;
      builder.cell('DSP48E2', pins, parameters({ PREG: 1, CREG: 1 }));
      builder.output('y', [P]);
      return analyse(builder).segments.filter(({ from }) => from === 'input').length;
    };
    expect(read(opmode('000', '00'))).toBe(0);
    expect(read(opmode('011', '00'))).toBe(1);
    // The fourth word of the sum, of the E2.
    expect(read(opmode('001', '11'))).toBe(1);
  });

  it('ends paths at its clock enables and resets', () => {
    const builder = new NetlistBuilder();
    const CEA2 = builder.lut(builder.input('enable')[0] ?? 'x');
    builder.output('y', block(builder, { A: builder.input('a'), CEA2 }, { AREG: 1, PREG: 1 }));
    const { segments, mixedEnds } = analyse(builder);
    expect(mixedEnds).toBe(0);
    expect(at(segments, 0).delay).toBeCloseTo(0.331 + 0.119 + 0.331, 9);
    expect(at(segments, 0).end).toBe('dsp48e1_1 AREG');
  });
});

describe('refused is', () => {
  const netlist = (pins: Pins, own: Readonly<Record<string, unknown>>): unknown => {
    const builder = new NetlistBuilder();
    const P = builder.net();
    const [a = 0] = builder.input('a');
    builder.cell('DSP48E1', { A: a, B: a, OPMODE: product, ...pins, P }, { ...parameters({}), ...own });
    builder.output('y', [P]);
    return builder.json();
  };
  const refusal = (pins: Pins, own: Readonly<Record<string, unknown>> = {}): unknown => {
    try {
      return analyseTiming(readMappedNetlist(netlist(pins, own)), model);
    } catch (error) {
      return error;
    }
  };
  /** The first net of a netlist, which is that of P: a signal, whatever it is. */
  const signal = 2;

  it.each<[string, Pins, Readonly<Record<string, unknown>>]>([
    ['with USE_DPORT TRUE', {}, { USE_DPORT: 'TRUE' }],
    ['with USE_MULT NONE', {}, { USE_MULT: 'NONE' }],
    ['with AMULTSEL AD', {}, { AMULTSEL: 'AD' }],
    ['with A_INPUT CASCADE', {}, { A_INPUT: 'CASCADE' }],
    ['with USE_PATTERN_DETECT PATDET', {}, { USE_PATTERN_DETECT: 'PATDET' }],
    ['with IS_OPMODE_INVERTED 16', {}, { IS_OPMODE_INVERTED: '0010000' }],
    ['with MREG 2', {}, { MREG: '10' }],
    ['with AREG 3', {}, { AREG: 3 }],
    ['with PREG x', {}, { PREG: 'x' }],
    ['with OPMODE 0110011', { OPMODE: ['1', '1', '0', '0', '1', '1', '0'] }, {}],
    ['with OPMODE 1000101', { OPMODE: ['1', '0', '1', '0', '0', '0', '1'] }, {}],
    ['with a signal at OPMODE', { OPMODE: ['1', '0', '1', '0', signal, '1', '0'] }, {}],
    ['with ALUMODE that is no sum', { ALUMODE: ['0', '0', '1', '1'] }, {}],
    ['with INMODE that is not 0', { INMODE: ['1', '0', '0', '0', '0'] }, {}],
    ['with a signal at CARRYIN', { CARRYIN: signal }, {}],
    ['as a sum that reads itself without a register', { OPMODE: opmode('010') }, {}],
  ])('a block %s', (what, pins, own) => {
    const error = refusal(pins, own);
    expect(error).toBeInstanceOf(UntimedCellError);
    expect(error).toHaveProperty('kind', 'dsp');
    expect(String(error)).toContain(`dsp48e1_0: DSP48E1 ${what}`);
  });

  it('a block that lacks an operand, and parameters that are none', () => {
    const builder = new NetlistBuilder();
    builder.cell('DSP48E1', { A: builder.input('a'), OPMODE: product, P: builder.net() });
    expect(() => analyse(builder)).toThrow('has no pin B');
    const error = refusal({}, { MREG: [1] });
    expect(error).toBeInstanceOf(NetlistError);
    expect(error).not.toBeInstanceOf(UntimedCellError);
    expect(error).toMatchObject({ message: 'dsp48e1_0: parameter MREG is neither a number nor a text' });
  });

  it('no count: what has no delay is said beside it', () => {
    const { segments, untimed, resources } = measureNetlist(netlist({}, { USE_DPORT: 'TRUE' }), 'design', model);
    expect(segments).toBeUndefined();
    expect(untimed).toEqual({
      kind: 'dsp',
      reason: 'dsp48e1_0: DSP48E1 with USE_DPORT TRUE has no delay in the model',
    });
    expect(resources.dsp).toBe(1);
    const timed = measureNetlist(netlist({}, {}), 'design', model);
    expect(timed).not.toHaveProperty('untimed');
    expect(timed.segments).toMatchObject([{ rank: 0, levels: 1, from: 'input', to: 'output', end: 'y' }]);
  });

  it('no other error of a netlist kept from the caller of a measurement', () => {
    const builder = new NetlistBuilder();
    builder.output('y', [builder.lut(builder.net('nobody'))]);
    expect(() => measureNetlist(builder.json(), 'design', model)).toThrow('net nobody');
  });
});

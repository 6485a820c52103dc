import { describe, expect, it } from 'vitest';
import type { SimulationDesign, SimulationTrace } from '../../../src/simulation/engine.js';
import { compileProgram, runProgram } from '../../../src/simulation/yosys/machine.js';
import type { Netlist, NetlistBit, NetlistCell, NetlistPort } from '../../../src/simulation/yosys/netlist.js';
import { translate } from '../../../src/simulation/yosys/translate.js';

/** Netlists written by hand: cells that no expression of the engines test leads to, and netlists that are refused. */

interface Vector {
  readonly name: string;
  readonly bits: readonly NetlistBit[];
}

let nextNet = 2;
function vector(name: string, width: number): Vector {
  const first = nextNet;
  nextNet += width;
  return { name, bits: Array.from({ length: width }, (_, bit) => first + bit) };
}

function cell(
  type: string,
  parameters: Readonly<Record<string, number | string>>,
  connections: Readonly<Record<string, Vector>>,
): NetlistCell {
  return {
    name: `cell_${type}`,
    type,
    source: `test.v:${String(nextNet)}`,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, typeof value === 'string' ? value : value.toString(2)]),
    ),
    connections: Object.fromEntries(Object.entries(connections).map(([port, { bits }]) => [port, bits])),
  };
}

interface Circuit {
  readonly inputs: readonly Vector[];
  readonly outputs: readonly Vector[];
  readonly cells: readonly NetlistCell[];
  readonly clock?: Vector;
  readonly initial?: Readonly<Record<string, string>>;
}

function build(circuit: Circuit): { readonly design: SimulationDesign; readonly netlist: Netlist } {
  const { inputs, outputs, cells, clock, initial } = circuit;
  const netlist: Netlist = {
    ports: new Map<string, NetlistPort>([
      ...[...inputs, ...(clock === undefined ? [] : [clock])].map(
        ({ name, bits }) => [name, { direction: 'input' as const, bits }] as const,
      ),
      ...outputs.map(({ name, bits }) => [name, { direction: 'output' as const, bits }] as const),
    ]),
    cells,
    signals: new Map(
      [...inputs, ...outputs].map(({ name, bits }) => {
        const value = initial?.[name];
        return [name, value === undefined ? { bits } : { bits, initial: value }];
      }),
    ),
  };
  const design: SimulationDesign = {
    top: 'handmade',
    sources: [{ name: 'handmade.v', text: '' }],
    ...(clock === undefined ? {} : { clock: clock.name }),
    ports: [
      ...inputs.map(({ name, bits }) => ({ name, direction: 'input' as const, width: bits.length })),
      ...outputs.map(({ name, bits }) => ({ name, direction: 'output' as const, width: bits.length })),
    ],
  };
  return { design, netlist };
}

function simulate(circuit: Circuit, stimulus: readonly (readonly bigint[])[]): SimulationTrace {
  const { design, netlist } = build(circuit);
  const program = translate(design, netlist, []);
  return runProgram(program, compileProgram(program), { stimulus, drain: 0 });
}

function firstOutput(trace: SimulationTrace): readonly bigint[] {
  return trace.outputs.map((row) => row[0] ?? -1n);
}

/** A cell with operands A and B of the given widths, run over all rows. */
function binary(
  type: string,
  shape: {
    readonly a: number;
    readonly b: number;
    readonly y: number;
    readonly aSigned: boolean;
    readonly bSigned: boolean;
  },
  rows: readonly (readonly bigint[])[],
): SimulationTrace {
  const [a, b, y] = [vector('a', shape.a), vector('b', shape.b), vector('y', shape.y)];
  const parameters = { A_SIGNED: Number(shape.aSigned), B_SIGNED: Number(shape.bSigned) };
  return simulate({ inputs: [a, b], outputs: [y], cells: [cell(type, parameters, { A: a, B: b, Y: y })] }, rows);
}

const WIDE = 140;
const wideValues = [
  0n,
  1n,
  5n,
  (1n << 139n) + 12345678901234567890n,
  (1n << 140n) - 1n,
  (1n << 70n) - 3n,
  0x123456789abcdef0123456789abcdef01n,
  1n << 96n,
];
const widePairs = wideValues.flatMap((a) => wideValues.map((b) => [a, b] as const));

describe('cells', () => {
  for (const signed of [false, true]) {
    const read = (value: bigint): bigint => (signed ? BigInt.asIntN(WIDE, value) : value);
    const shape = { a: WIDE, b: WIDE, y: WIDE, aSigned: signed, bSigned: signed };
    it(`divides, multiplies and compares ${signed ? 'signed' : 'unsigned'} numbers of ${String(WIDE)} bits`, () => {
      const nonZero = widePairs.filter(([, b]) => b !== 0n);
      expect(firstOutput(binary('$div', shape, nonZero))).toEqual(
        nonZero.map(([a, b]) => BigInt.asUintN(WIDE, read(a) / read(b))),
      );
      expect(firstOutput(binary('$mod', shape, nonZero))).toEqual(
        nonZero.map(([a, b]) => BigInt.asUintN(WIDE, read(a) % read(b))),
      );
      expect(firstOutput(binary('$mul', { ...shape, y: 2 * WIDE }, widePairs))).toEqual(
        widePairs.map(([a, b]) => BigInt.asUintN(2 * WIDE, read(a) * read(b))),
      );
      expect(firstOutput(binary('$lt', { ...shape, y: 40 }, widePairs))).toEqual(
        widePairs.map(([a, b]) => (read(a) < read(b) ? 1n : 0n)),
      );
      expect(firstOutput(binary('$ge', { ...shape, y: 1 }, widePairs))).toEqual(
        widePairs.map(([a, b]) => (read(a) >= read(b) ? 1n : 0n)),
      );
    });
  }

  it('makes a division by zero unknown', () => {
    const shape = { a: 8, b: 8, y: 8, aSigned: false, bSigned: false };
    expect(
      binary('$div', shape, [
        [5n, 0n],
        [6n, 3n],
      ]).unknown,
    ).toEqual([true, false]);
  });

  it('shifts by signed amounts', () => {
    const shape = { a: 9, b: 6, y: 12, aSigned: false, bSigned: true };
    const rows = Array.from({ length: 64 }, (_, index) => [0b110101101n, BigInt(index)] as const);
    const amounts = rows.map(([, b]) => BigInt.asIntN(6, b));
    expect(firstOutput(binary('$shift', shape, rows))).toEqual(
      amounts.map((amount) => BigInt.asUintN(12, amount < 0n ? 0b110101101n << -amount : 0b110101101n >> amount)),
    );
    // A part select reads x wherever it leaves its operand.
    expect(binary('$shiftx', { ...shape, y: 4 }, rows).unknown).toEqual(
      amounts.map((amount) => amount < 0n || amount + 4n > 9n),
    );
  });

  it('selects with $bmux and $pmux', () => {
    const [a, s, y] = [vector('a', 40), vector('s', 3), vector('y', 5)];
    const choices = Array.from({ length: 8 }, (_, index) => BigInt((index * 11 + 3) & 31));
    const packed = choices.reduce((sum, choice, index) => sum | (choice << BigInt(5 * index)), 0n);
    const rows = choices.map((_, index) => [packed, BigInt(index)]);
    const bmux = { inputs: [a, s], outputs: [y], cells: [cell('$bmux', {}, { A: a, S: s, Y: y })] };
    expect(firstOutput(simulate(bmux, rows))).toEqual(choices);

    const [otherwise, branches, select, result] = [vector('o', 5), vector('b', 40), vector('t', 8), vector('r', 5)];
    const pmux = {
      inputs: [otherwise, branches, select],
      outputs: [result],
      cells: [cell('$pmux', {}, { A: otherwise, B: branches, S: select, Y: result })],
    };
    const selections = [...choices.map((_, index) => [30n, packed, 1n << BigInt(index)]), [30n, packed, 0n]];
    expect(firstOutput(simulate(pmux, selections))).toEqual([...choices, 30n]);
  });

  it('clocks every kind of flip-flop', () => {
    const rows = Array.from({ length: 64 }, (_, index) => [
      BigInt((index * 7) & 15),
      BigInt((index >> 1) & 1),
      BigInt(index % 5 === 0 ? 1 : 0),
    ]);
    const kinds: Readonly<Record<string, (q: bigint, d: bigint, en: bigint, rst: bigint) => bigint>> = {
      $dff: (_q, d) => d,
      $dffe: (q, d, en) => (en === 1n ? d : q),
      $sdff: (_q, d, _en, rst) => (rst === 1n ? 9n : d),
      $sdffe: (q, d, en, rst) => (rst === 1n ? 9n : en === 1n ? d : q),
      $sdffce: (q, d, en, rst) => (en === 1n ? (rst === 1n ? 9n : d) : q),
      $adff: (_q, d, _en, rst) => (rst === 1n ? 9n : d),
      $adffe: (q, d, en, rst) => (rst === 1n ? 9n : en === 1n ? d : q),
    };
    for (const [type, next] of Object.entries(kinds)) {
      const [clk, d, en, rst, q] = [
        vector('clk', 1),
        vector('d', 4),
        vector('en', 1),
        vector('rst', 1),
        vector('q', 4),
      ];
      const parameters = {
        CLK_POLARITY: 1,
        EN_POLARITY: 1,
        SRST_POLARITY: 1,
        ARST_POLARITY: 1,
        SRST_VALUE: '1001',
        ARST_VALUE: '1001',
      };
      const flipFlop = cell(type, parameters, { CLK: clk, D: d, EN: en, SRST: rst, ARST: rst, Q: q });
      const circuit = { inputs: [d, en, rst], outputs: [q], cells: [flipFlop], clock: clk, initial: { q: '0110' } };
      const trace = simulate(circuit, rows);
      let state = 6n;
      const expected = rows.map(([data = 0n, enable = 0n, reset = 0n]) => {
        const seen = type.startsWith('$adff') && reset === 1n ? 9n : state;
        state = next(seen, data, enable, reset);
        return seen;
      });
      expect(firstOutput(trace), type).toEqual(expected);
      expect(trace.unknown, type).not.toContain(true);
    }
  });

  it('keeps a state that nothing loads unknown', () => {
    const [clk, d, q, y] = [vector('clk', 1), vector('d', 3), vector('q', 3), vector('y', 3)];
    const cells = [
      cell('$dff', { CLK_POLARITY: 1 }, { CLK: clk, D: y, Q: q }),
      cell('$xor', { A_SIGNED: 0, B_SIGNED: 0 }, { A: d, B: q, Y: y }),
    ];
    const rows = Array.from({ length: 40 }, (_, index) => [BigInt(index & 7)]);
    expect(simulate({ inputs: [d], outputs: [y], cells, clock: clk }, rows).unknown).not.toContain(false);
  });
});

describe('netlists that cannot be simulated', () => {
  const a = vector('a', 2);
  const y = vector('y', 2);
  const clk = vector('clk', 1);
  const inverter = cell('$not', { A_SIGNED: 0 }, { A: a, Y: y });
  const refusal = (circuit: Circuit): (() => unknown) => {
    const { design, netlist } = build(circuit);
    return () => translate(design, netlist, []);
  };

  it('names an unknown cell', () => {
    const latch = cell('$dlatch', {}, { D: a, Q: y });
    expect(refusal({ inputs: [a], outputs: [y], cells: [latch] })).toThrow(/cell type \$dlatch \(\$dlatch at test\.v/);
  });

  it('names the cells of a combinational loop', () => {
    const b = vector('b', 2);
    const cells = [
      cell('$add', { A_SIGNED: 0, B_SIGNED: 0 }, { A: a, B: y, Y: b }),
      cell('$not', { A_SIGNED: 0 }, { A: b, Y: y }),
    ];
    expect(refusal({ inputs: [a], outputs: [y], cells })).toThrow(
      /combinational loop through .*\$(?:add|not) at test\.v/,
    );
  });

  it('refuses two drivers', () => {
    expect(refusal({ inputs: [a], outputs: [y], cells: [inverter, inverter] })).toThrow(/^y\[0\] is driven by/);
    expect(refusal({ inputs: [a, y], outputs: [], cells: [inverter] })).toThrow(/also driven inside/);
  });

  it('refuses other clocks, falling edges and a clock used as data', () => {
    const rising = { CLK_POLARITY: 1 };
    const slow = vector('slow', 1);
    const other = cell('$dff', rising, { CLK: slow, D: a, Q: y });
    expect(refusal({ inputs: [a, slow], outputs: [y], cells: [other], clock: clk })).toThrow(
      /not clocked by the clock/,
    );
    const falling = cell('$dff', { CLK_POLARITY: 0 }, { CLK: clk, D: a, Q: y });
    expect(refusal({ inputs: [a], outputs: [y], cells: [falling], clock: clk })).toThrow(/falling clock edge/);
    const data = cell('$not', { A_SIGNED: 0 }, { A: clk, Y: y });
    expect(refusal({ inputs: [a], outputs: [y], cells: [data], clock: clk })).toThrow(/clock is used as data/);
  });

  it('refuses a written memory', () => {
    const memory = cell('$mem_v2', { MEMID: 'store', WR_PORTS: 1, RD_PORTS: 1, WIDTH: 2, SIZE: 4, ABITS: 2 }, {});
    expect(refusal({ inputs: [a], outputs: [y], cells: [memory] })).toThrow(/memory store .* is written/);
  });

  it('reports nets without a driver and x constants where they are used, and only there', () => {
    const dangling = vector('dangling', 2);
    const b = vector('b', 2);
    const constant: Vector = { name: 'constant', bits: ['x', '1'] };
    const cells = [
      cell('$and', { A_SIGNED: 0, B_SIGNED: 0 }, { A: a, B: dangling, Y: y }),
      cell('$and', { A_SIGNED: 0, B_SIGNED: 0 }, { A: a, B: constant, Y: b }),
    ];
    const both = simulate({ inputs: [a], outputs: [y, b], cells }, [[0n], [1n], [2n]]);
    expect(both.warnings).toEqual([
      expect.stringMatching(/net \d+, used in \$and at test\.v:\d+, has no driver/),
      expect.stringMatching(/net \d+, used in \$and at test\.v:\d+, has no driver/),
      expect.stringMatching(/1 constant x bits are used in \$and/),
    ]);
    expect(both.unknown).toEqual([false, true, true]);
    expect(simulate({ inputs: [a], outputs: [b], cells }, [[2n]]).warnings).toHaveLength(1);
  });

  it('refuses ports that differ from their description', () => {
    const { design, netlist } = build({ inputs: [a], outputs: [y], cells: [inverter] });
    const withPorts = (ports: SimulationDesign['ports']): (() => unknown) => {
      return () => translate({ ...design, ports }, netlist, []);
    };
    const [input, output] = design.ports;
    if (input === undefined || output === undefined) throw new Error('the design has two ports');
    expect(withPorts([{ ...input, width: 3 }, output])).toThrow('port a has 2 bits in the text, not 3');
    expect(withPorts([{ ...input, direction: 'output' }, output])).toThrow('port a is an input, not an output');
    expect(withPorts([input, { ...output, name: 'z' }])).toThrow('module handmade has no port z');
    expect(withPorts([output])).toThrow('input a of handmade would not be driven');
    expect(() => translate(design, netlist, ['nowhere'])).toThrow('there is no signal nowhere to observe');
  });
});

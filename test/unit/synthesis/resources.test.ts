import { describe, expect, it } from 'vitest';
import { readMappedNetlist } from '../../../src/synthesis/netlist.js';
import type { Resources } from '../../../src/synthesis/resources.js';
import { countResources } from '../../../src/synthesis/resources.js';
import { NetlistBuilder } from './netlist-builder.js';

function count(builder: NetlistBuilder): Resources {
  return countResources(readMappedNetlist(builder.json()));
}

describe('counts', () => {
  it('cells by kind', () => {
    const builder = new NetlistBuilder();
    const [clock = 0] = builder.input('clk');
    const [a = 0, b = 0] = builder.input('a', 2);
    const one = builder.lut(a);
    const six = builder.lut(a, b, one, one, a, b);
    const nets = builder.nets(5);
    builder.cell('INV', { I: six, O: nets[0] ?? 'x' });
    builder.cell('MUXF7', { I0: six, I1: one, S: a, O: nets[1] ?? 'x' });
    builder.cell('SRL16E', { CLK: clock, CE: '1', D: a, A0: '1', A1: '1', A2: '0', A3: '0', Q: nets[2] ?? 'x' });
    builder.cell('DSP48E1', { A: a, P: nets[3] ?? 'x' });
    builder.output('y', [...nets.slice(0, 4), builder.flipFlop(clock, a)]);
    expect(count(builder)).toMatchObject({
      lut: [1, 0, 0, 0, 0, 1],
      lutSum: 2,
      inverters: 1,
      flipFlops: 1,
      shiftRegisters: 1,
      wideMultiplexers: 1,
      dsp: 1,
      carryBlocks: 0,
    });
  });

  it('carry bits are those below the highest one that is read', () => {
    const builder = new NetlistBuilder();
    const sum = builder.add(builder.input('a', 6), builder.input('b', 6));
    builder.output('y', [sum[5] ?? 'x']);
    // The second block goes up to its second bit; the tables in front of the six bits take no further site.
    expect(count(builder)).toMatchObject({ carryBlocks: 2, carryBits: 6, lutSum: 6, lutSites: 6 });
  });
});

describe('sites of tables', () => {
  const sites = (...tables: readonly (readonly number[])[]): number => {
    const builder = new NetlistBuilder();
    const inputs = builder.input('a', 8);
    const outputs = tables.map((table) => builder.lut(...table.map((index) => inputs[index] ?? 'x')));
    builder.output('y', outputs);
    return count(builder).lutSites;
  };

  it('two tables share one if they have at most five inputs together', () => {
    expect(sites([0, 1], [2, 3, 4])).toBe(1);
    expect(sites([0, 1, 2], [3, 4, 5])).toBe(2);
    expect(sites([0, 1, 2], [2, 3, 4])).toBe(1);
    expect(sites([0, 1, 2, 3, 4], [4, 3, 2, 1, 0])).toBe(1);
    expect(sites([0, 1, 2, 3, 4], [5])).toBe(2);
    expect(sites([0, 1, 2, 3, 4, 5], [0])).toBe(2);
    expect(sites([0, 1], [2, 3], [4, 5])).toBe(2);
  });

  it('a large table finds the small one that fits', () => {
    expect(sites([0, 1, 2, 3, 4], [0, 1], [5, 6], [0, 5, 6])).toBe(2);
  });

  it('a table that reads an input twice has it once', () => {
    expect(sites([0, 0, 0, 0, 0, 0], [1, 2, 3, 4])).toBe(1);
  });

  it('a table before two carry bits lies in front of one of them', () => {
    const builder = new NetlistBuilder();
    const [a = 0, b = 0] = builder.input('a', 2);
    const select = builder.lut(a, b);
    for (const port of ['y', 'z']) {
      const sum = builder.nets(4);
      const pins = { CI: '0', CYINIT: '0', DI: [a, '0', '0', '0'], S: [select, '0', '0', '0'] } as const;
      builder.cell('CARRY4', { ...pins, O: sum, CO: builder.nets(4) });
      builder.output(port, sum.slice(0, 1));
    }
    expect(count(builder)).toMatchObject({ carryBits: 2, lutSites: 2 });
  });

  it('a net that very many tables read takes no quadratic time', () => {
    const builder = new NetlistBuilder();
    const [shared = 0, ...others] = builder.input('a', 40_001);
    builder.output(
      'y',
      others.map((net, index) => builder.lut(shared, net, others[index - 1] ?? shared)),
    );
    const { lutSum, lutSites } = count(builder);
    expect(lutSum).toBe(40_000);
    expect(lutSites).toBe(20_000);
  });
});

import { describe, expect, it } from 'vitest';
import { synthesisCodes } from '../../../src/diagnostics/codes/synthesis.js';
import {
  addResources,
  compareLines,
  countFigures,
  designFigures,
  synthesisNotes,
} from '../../../src/report/synthesis-figures.js';
import { logicLevels } from '../../../src/synthesis/measure.js';
import type { Resources } from '../../../src/synthesis/resources.js';
import { findPart } from '../../../src/targets/parts.js';

const counts: Resources = {
  lut: [0, 100_000, 0, 0, 0, 400_000],
  lutSum: 500_000,
  inverters: 1,
  flipFlops: 7,
  shiftRegisters: 2,
  carryBlocks: 3,
  carryBits: 11,
  wideMultiplexers: 4,
  dsp: 0,
  blockRam: 0.5,
  lutSites: 430_000,
};

const found = findPart('xcvu13p');
if (!('part' in found)) throw new Error('the table lacks xcvu13p');
const { part } = found;

describe('figures of a netlist', () => {
  it('have shares of the part, and no timing where a block has no delay', () => {
    const figures = designFigures({ resources: counts, segments: undefined }, part.capacity);
    expect(figures['lut']).toEqual({ value: 500_000, unit: 'LUT', origin: 'yosys', share: 500_000 / 1_728_000 });
    expect(figures['bram']).toMatchObject({ value: 0.5, share: 0.5 / 2688 });
    expect(figures).not.toHaveProperty('critical_segment');
    expect(countFigures(addResources(counts, counts))['lut_sites']?.value).toBe(860_000);
  });

  it('name what one region has too little of', () => {
    const untimed = { kind: 'blockRam', reason: 'table_0: RAMB18E2 has no delay in the model' } as const;
    const [timing, region] = synthesisNotes({ resources: counts, segments: undefined, untimed }, part);
    expect(timing).toMatchObject({ code: synthesisCodes.timingUnknown.code, message: untimed.reason });
    expect(timing?.hint).toContain('memory blocks have no delay');
    expect(region?.code).toBe(synthesisCodes.regionExceeded.code);
    // A region of the VU13P has 432,000 LUT: more than the sites, fewer than the tables.
    expect(region?.message).toContain('lut 116 % of one of the 4 regions');
    expect(region?.message).not.toContain('lut_sites');
    expect(synthesisNotes({ resources: { ...counts, lutSum: 1 }, segments: [] }, part)).toEqual([]);
  });

  it('say which mode of a block has no delay, and what would have one', () => {
    const untimed = { kind: 'dsp', reason: 'mul: DSP48E1 with USE_DPORT TRUE has no delay in the model' } as const;
    const notes = synthesisNotes({ resources: { ...counts, lutSum: 1 }, segments: undefined, untimed }, part);
    expect(notes.map(({ message }) => message)).toEqual([untimed.reason]);
    expect(notes[0]?.hint).toContain('--no-dsp');
  });

  it('stand beside the estimate with the ratio', () => {
    const estimate = { value: 12_500, unit: 'LUT', origin: 'estimate' } as const;
    expect(compareLines({ lut: { value: 10_000, unit: 'LUT', origin: 'yosys' } }, { lut: estimate })).toEqual([
      'lut                10,000 LUT (yosys), estimate 12,500 (estimate/yosys 1.250)',
    ]);
    const none = compareLines({ dsp: { value: 0, unit: 'DSP', origin: 'yosys' } }, { dsp: { ...estimate, value: 0 } });
    expect(none).toEqual(['dsp                0 DSP (yosys), estimate 0']);
  });
});

describe('levels of logic', () => {
  it('count the blocks of a carry chain once', () => {
    const path = ['', 'LUT2', 'CARRY4', 'CARRY4', 'CARRY4', 'LUT6', 'MUXF7', 'CARRY8', 'DSP48E1'].map((through) => ({
      net: 'n',
      time: 0,
      through,
    }));
    expect(logicLevels({ path })).toBe(6);
  });
});

import { describe, expect, it } from 'vitest';
import { capabilities } from '../../../src/targets/capabilities.js';
import { carryDelay, delayModels, lutDelay, lutLevels, registerDelay } from '../../../src/targets/delay-model.js';
import { findPart, partNames } from '../../../src/targets/parts.js';
import { findTarget, NOMINAL_BUNCH_CROSSING, targets } from '../../../src/targets/targets.js';

function partOf(name: string) {
  const found = findPart(name);
  if (!('part' in found)) throw new Error(found.hint);
  return found.part;
}

describe('parts', () => {
  it.each([
    ['xc7vx690tffg1927-2', 433_200, 866_400, 3_600, 1],
    ['xcvu9p-flgc2104-2-e', 1_182_240, 2_364_480, 6_840, 3],
    ['xcvu13p-flga2577-2-e', 1_728_000, 3_456_000, 12_288, 4],
  ])('%s has the capacities of the data sheet', (name, lut, flipFlop, dsp, regions) => {
    const part = partOf(name);
    expect(part).toMatchObject({ name, superLogicRegions: regions, speedGrade: '-2' });
    expect(part.capacity).toMatchObject({ lut, flipFlop, dsp });
    for (const key of ['lut', 'flipFlop', 'dsp', 'blockRam', 'ultraRam'] as const) {
      expect(Number.isInteger(part.regionCapacity?.[key])).toBe(true);
      expect((part.regionCapacity?.[key] ?? 0) * regions).toBe(part.capacity?.[key]);
    }
  });

  it.each([
    ['VU13P', 'xcvu13p-flga2577-2-e', '-2'],
    ['xcvu13p', 'xcvu13p-flga2577-2-e', '-2'],
    ['7vx690t', 'xc7vx690tffg1927-2', '-2'],
    ['XC7VX690T-FFG1927-2', 'xc7vx690tffg1927-2', '-2'],
    ['xc7vx690tffg1761-3', 'xc7vx690tffg1761-3', '-3'],
    ['xcvu9p-flga2104-2L-e', 'xcvu9p-flga2104-2L-e', '-2L'],
    ['xcvu13p-fsga2577-1-i', 'xcvu13p-fsga2577-1-i', '-1'],
  ])('%s is read as %s', (given, name, speedGrade) => {
    expect(partOf(given)).toMatchObject({ name, speedGrade });
  });

  it.each([
    ['xcvu13p-flga2577-2-e; exec rm', "looks like 'xcvu13p-flga2577-2-e'"],
    ['xcvu13p-nonsense', "looks like 'xcvu13p-flga2577-2-e'"],
    ['xcvu31p', "did you mean 'xcvu13p'"],
    ['xc7vx690ffg1927-2', "did you mean 'xc7vx690tffg1927-2'"],
    ['10CX220', 'known devices: xc7vx690t, xcvu9p, xcvu13p, generic'],
    ['', 'known devices'],
  ])('%s is refused with a hint', (given, hint) => {
    const found = findPart(given);
    expect('hint' in found ? found.hint : found.part.name).toContain(hint);
  });

  it('finds every part that it lists, and has no capacities without a device', () => {
    for (const name of partNames()) expect(partOf(name).name).toBe(name);
    expect(partOf('generic').capacity).toBeUndefined();
  });
});

describe('capabilities', () => {
  it('sums of three take one LUT per bit on 7 series and UltraScale+, and are not assumed without a device', () => {
    const able = [...partNames(), 'xc7vx690t', 'xcvu9p'].filter((name) => partOf(name).capabilities.threeOperandAdders);
    expect(able).toEqual([...partNames().filter((name) => name !== 'generic'), 'xc7vx690t', 'xcvu9p']);
    for (const { source } of Object.values(capabilities)) expect(source).not.toBe('');
  });
});

describe('delay models', () => {
  it('one LUT hop on a Virtex-7 is 0.45 ns', () => {
    expect(lutDelay(delayModels['7-series'], 1)).toBeCloseTo(0.45, 6);
    expect(lutDelay(delayModels['7-series'], 10)).toBeCloseTo(4.5, 6);
  });

  it('adders reproduce the formulas that the figures come from', () => {
    // FloPoCo Kintex7: 0.543 + (size/4 - 1) × 0.049 + routing.
    const seven = delayModels['7-series'];
    for (const size of [4, 16, 64]) {
      expect(carryDelay(seven, size)).toBeCloseTo(0.543 + (size / 4 - 1) * 0.049 + seven.routing, 9);
    }
    // FloPoCo VirtexUltrascalePlus: nets (n-1) × 0.026, blocks (n-2) × 0.015, constant 0.292, routing 0.18.
    const ultra = delayModels['ultrascale+'];
    for (const size of [16, 32, 128]) {
      const blocks = size / 8;
      const theirs = 0.292 + (blocks - 1) * 0.026 + (blocks - 2) * 0.015 + 0.18;
      expect(carryDelay(ultra, size) - theirs).toBeGreaterThanOrEqual(0);
      expect(carryDelay(ultra, size) - theirs).toBeLessThan(0.06);
    }
  });

  it('the model without a part is never faster than a real one', () => {
    for (const family of ['7-series', 'ultrascale+'] as const) {
      for (const width of [1, 8, 64]) {
        expect(carryDelay(delayModels.generic, width)).toBeGreaterThanOrEqual(carryDelay(delayModels[family], width));
      }
      expect(registerDelay(delayModels.generic)).toBeGreaterThanOrEqual(registerDelay(delayModels[family]));
    }
  });

  it('counts levels of 6-input tables', () => {
    expect([0, 1, 2, 6, 7, 36, 37].map(lutLevels)).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });
});

describe('targets', () => {
  it('ugt-run3 is what the Global Trigger does today', () => {
    const found = findTarget('ugt-run3');
    expect('target' in found && found.target).toMatchObject({
      clockPeriod: 25,
      latency: 2,
      initiationInterval: 1,
      registers: 'none',
      dsp: false,
      part: { device: 'xc7vx690t' },
    });
  });

  it('every target can be found, has a source, and leaves time in every segment', () => {
    expect(targets.map((target) => target.name)).toEqual([
      'ugt-run3',
      'ctp7',
      'vu13p-240',
      'vu13p-360',
      'p2gt-480',
      'atlas-200',
      'generic',
    ]);
    for (const target of targets) {
      expect(findTarget(target.name.toUpperCase())).toEqual({ target });
      expect(target.source).not.toBe('');
      expect(target.inputDelay + target.outputDelay).toBeLessThan(target.clockPeriod);
      expect(registerDelay(target.part.delays)).toBeLessThan(target.clockPeriod);
    }
  });

  it('clocks divide the bunch crossing', () => {
    const clocks = targets.map((target) => NOMINAL_BUNCH_CROSSING / target.clockPeriod);
    expect(clocks.map((count) => Number(count.toFixed(9)))).toEqual([1, 4, 6, 9, 12, 5, 5]);
  });

  it('a misspelt target gets a hint', () => {
    const found = findTarget('ugt_run3');
    expect('hint' in found && found.hint).toContain("did you mean 'ugt-run3'?");
    expect(findTarget('x'.repeat(10_000))).toHaveProperty('hint');
  });
});

import { describe, expect, it } from 'vitest';
import { load, mean, sample } from './support.js';

interface Regions {
  readonly regionOf: (eta: number, phi: number) => number;
  readonly writeRegions: (random: unknown, truth: unknown, row: Uint16Array, offset: number) => void;
}
const quiet = { electrons: [], muons: [], jets: [], invisible: { x: 0, y: 0 }, pileup: 0 };

describe('calorimeter images', () => {
  it('number the regions by phi, then eta, periodic in phi and ending at |eta| = 3', async () => {
    const { regionOf } = await load<Regions>('calorimeter.mjs');
    expect(regionOf(0.01, 0.01)).toBe(7);
    expect(regionOf(-0.01, 0.01)).toBe(6);
    expect(regionOf(2.99, 0.01)).toBe(13);
    expect(regionOf(-2.99, 0.01)).toBe(0);
    expect(regionOf(3.01, 0.01)).toBe(-1);
    expect(regionOf(0.01, -0.01)).toBe(17 * 14 + 7);
    expect(regionOf(0.01, 2 * Math.PI + 0.01)).toBe(7);
  });

  it('hold the energy of an electron where it is, and saturate at ten bits', async () => {
    const { writeRegions } = await load<Regions>('calorimeter.mjs');
    const { Random } = await load<{ Random: new (...words: number[]) => unknown }>('random.mjs');
    const row = new Uint16Array(252);
    const electron = { px: 100 * Math.cos(0.17), py: 100 * Math.sin(0.17), pz: 17.5, e: 102 };
    writeRegions(new Random(3), { ...quiet, electrons: [electron] }, row, 0);
    expect(row[7]).toBeGreaterThan(170);
    expect(row[7]).toBeLessThan(230);
    expect(mean(Array.from(row).map((code, region) => (region === 7 ? 0 : code)))).toBe(0);
    const jet = { vector: { px: 3000, py: 500, pz: 500, e: 3083 }, electromagnetic: 0 };
    writeRegions(new Random(3), { ...quiet, jets: [jet] }, row, 0);
    expect(Math.max(...row)).toBe(1023);
  });

  it('are the images of the same events as the objects', async () => {
    const images = await sample('calorimeter', 'ttbar', 200);
    const objects = await sample('objects', 'ttbar', 200);
    let [together, central] = [0, 0];
    for (const [event, object] of objects.entries()) {
      const [pt = 0, eta = 0, phi = 0] = object.slice(27, 30);
      if (pt < 120 || Math.abs(eta) > 45) continue;
      central++;
      const hottest = (images[event] ?? []).reduce(
        (best, code, region, all) => (code > (all[best] ?? 0) ? region : best),
        0,
      );
      const turn = Math.abs(Math.floor(hottest / 14) - Math.floor(phi / 8));
      if (Math.min(turn, 18 - turn) <= 1) together++;
    }
    expect(central).toBeGreaterThan(20);
    // Where it is not the leading jet that is hottest, it is another one, or an electron.
    expect(together / central).toBeGreaterThan(0.5);
  });

  it('are unsigned codes of ten bits, mostly soft', async () => {
    const codes = (await sample('calorimeter', 'zero-bias', 300)).flat();
    expect(codes.every((code) => Number.isInteger(code) && code >= 0 && code <= 1023)).toBe(true);
    expect(mean(codes)).toBeGreaterThan(2.5);
    expect(mean(codes)).toBeLessThan(4.5);
    expect(mean(codes.map((code) => (code === 0 ? 1 : 0)))).toBeGreaterThan(0.3);
    expect(mean(codes.map((code) => (code === 0 ? 1 : 0)))).toBeLessThan(0.5);
  });
});

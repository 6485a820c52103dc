import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { column, load, mean, median, sample } from './support.js';

interface Particle {
  readonly pt: number;
  readonly eta: number;
  readonly phi: number;
}
interface Features {
  readonly featureNames: readonly string[];
  readonly groomed: (particles: readonly Particle[]) => readonly Particle[];
  readonly writeFeatures: (particles: readonly Particle[], row: Float64Array, offset: number) => void;
}

async function featuresOf(particles: readonly Particle[]): Promise<Readonly<Record<string, number>>> {
  const { featureNames, writeFeatures } = await load<Features>('jet-features.mjs');
  const row = new Float64Array(16);
  writeFeatures(particles, row, 0);
  return Object.fromEntries(featureNames.map((name, index) => [name, row[index] ?? NaN]));
}

describe('features of jets', () => {
  it('of three equal particles at equal angles are what the definitions say', async () => {
    const side = 0.1;
    const particles = [
      { pt: 50, eta: 0, phi: 0 },
      { pt: 50, eta: side, phi: 0 },
      { pt: 50, eta: side / 2, phi: (side * Math.sqrt(3)) / 2 },
    ];
    const found = await featuresOf(particles);
    const expected = {
      zlogz: -Math.log(3),
      c1_b0_mmdt: 1 / 3,
      c1_b1_mmdt: side / 3,
      c1_b2_mmdt: side ** 2 / 3,
      c2_b1_mmdt: side / 3,
      c2_b2_mmdt: side ** 2 / 3,
      d2_b1_mmdt: 1,
      d2_b2_mmdt: 1,
      d2_a1_b1_mmdt: 1,
      d2_a1_b2_mmdt: 3 ** 1.5 / 27,
      m2_b1_mmdt: 1 / 9,
      m2_b2_mmdt: 1 / 9,
      n2_b1_mmdt: 1 / 3,
      n2_b2_mmdt: 1 / 3,
      multiplicity: 3,
    };
    for (const [name, value] of Object.entries(expected)) expect(found[name], name).toBeCloseTo(value, 9);
    // Massless particles of 50 GeV, pairs at 0.1: m² = 3 · 50² · 0.1², to the order of the angle.
    expect(found['mass_mmdt']).toBeCloseTo(Math.sqrt(3) * 5, 1);
  });

  it('two particles have no three-point correlators, and no ratio becomes infinite', async () => {
    const found = await featuresOf([
      { pt: 60, eta: 0, phi: 0 },
      { pt: 40, eta: 0, phi: 0 },
    ]);
    expect(found['c1_b0_mmdt']).toBeCloseTo(0.24, 9);
    expect(Object.values(found).every(Number.isFinite)).toBe(true);
    expect(found['d2_b1_mmdt']).toBe(0);
  });

  it('grooming drops what is soft and wide, and keeps two hard prongs', async () => {
    const { groomed } = await load<Features>('jet-features.mjs');
    const prongs = [
      { pt: 300, eta: 0.1, phi: 0 },
      { pt: 20, eta: 0.11, phi: 0.01 },
      { pt: 200, eta: -0.1, phi: 0 },
    ];
    const soft = [
      { pt: 4, eta: 0.6, phi: 0.3 },
      { pt: 3, eta: -0.5, phi: -0.5 },
    ];
    const kept = groomed([...prongs, ...soft]);
    expect(kept.map(({ pt }) => pt).toSorted((left, right) => right - left)).toEqual([300, 200, 20]);
  });

  it('clusters in the order of the nearest pair, whatever the order of the particles', async () => {
    const { groomed } = await load<Features>('jet-features.mjs');
    const { makeJet } = await load<{
      makeJet: (name: string, seed: number, index: number) => readonly Particle[];
    }>('jets.mjs');
    const key = (particles: readonly Particle[]): readonly number[] =>
      particles.map(({ pt }) => pt).toSorted((left, right) => left - right);
    for (let index = 0; index < 20; index++) {
      const jet = makeJet('g', 9, index);
      expect(key(groomed(jet.toReversed()))).toEqual(key(groomed(jet)));
    }
  });
});

describe('jets', () => {
  it('are the same for a seed', async () => {
    const hash = (rows: unknown): string =>
      createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);
    const rows = await sample('jets-constituents', 'all', 1000);
    expect(hash(rows)).toBe('d68ad41f7310ba20');
    expect(await sample('jets-constituents', 'all', 5, { first: 800 })).toEqual(rows.slice(800, 805));
    expect(await sample('jets-constituents', 'w', 3)).not.toEqual(rows.slice(0, 3));
    // Event i of all is of class i mod 5: jet 2 is the first W of the mixture, and W number 2 of its class.
    expect((await sample('jets-constituents', 'w', 1, { first: 2 }))[0]).toEqual(rows[2]);
  });

  it('have constituents sorted by pt within the cone, then zeros', async () => {
    const wrong = (await sample('jets-constituents', 'all', 1000)).filter((row) => {
      for (let at = 0; at < 48; at += 3) {
        const [pt = NaN, eta = NaN, phi = NaN] = row.slice(at, at + 3);
        if (at > 0 && pt > (row[at - 3] ?? 0)) return true;
        if (pt === 0 ? eta !== 0 || phi !== 0 : pt < 1 || Math.hypot(eta, phi) > 0.8001) return true;
      }
      return (row[6] ?? 0) === 0;
    });
    expect(wrong).toEqual([]);
  });

  it('have the masses and the multiplicities of their classes', async () => {
    const medians: Record<string, number> = {};
    const multiplicities: Record<string, number> = {};
    for (const name of ['g', 'q', 'w', 'z', 't']) {
      const rows = await sample('jets-features', name, 300);
      expect(rows.flat().every(Number.isFinite)).toBe(true);
      medians[name] = median(column(rows, 14));
      multiplicities[name] = mean(column(rows, 15));
    }
    expect(medians['w']).toBeGreaterThan(78);
    expect(medians['w']).toBeLessThan(92);
    expect((medians['z'] ?? 0) - (medians['w'] ?? 0)).toBeGreaterThan(7);
    expect(medians['t']).toBeGreaterThan(150);
    expect(medians['q']).toBeLessThan(medians['g'] ?? 0);
    expect(multiplicities['g']).toBeGreaterThan(1.3 * (multiplicities['q'] ?? Infinity));
    expect(multiplicities['t']).toBeGreaterThan(multiplicities['w'] ?? Infinity);
  });
});

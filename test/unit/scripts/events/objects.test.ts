import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { column, load, mean, median, sample } from './support.js';

const crossings = ['zero-bias', 'qcd', 'w', 'z', 'ttbar', 'a-4l', 'lq-btau', 'h0-tautau', 'hpm-taunu'];
/** First column, objects, and limits of the codes of each kind. */
const layout = [
  { at: 0, count: 1, pt: 4095, eta: 0, phi: 143 },
  { at: 3, count: 4, pt: 511, eta: 64, phi: 143 },
  { at: 15, count: 4, pt: 511, eta: 225, phi: 575 },
  { at: 27, count: 10, pt: 2047, eta: 116, phi: 143 },
];
const hash = (rows: readonly (readonly number[])[]): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);

function problems(row: readonly number[]): readonly string[] {
  const found = row.length === 57 && row.every(Number.isInteger) && row[1] === 0 ? [] : ['not 57 integers'];
  for (const { at, count, pt, eta, phi } of layout) {
    let before = pt;
    for (let object = 0; object < count; object++) {
      const [momentum = NaN, place = NaN, angle = NaN] = row.slice(at + 3 * object, at + 3 * object + 3);
      if (!(momentum >= 0 && momentum <= before)) found.push(`pt ${momentum} after ${before}`);
      if (!(Math.abs(place) <= eta && angle >= 0 && angle <= phi)) found.push(`angles ${place}, ${angle}`);
      if (momentum === 0 && (place !== 0 || angle !== 0)) found.push('padding is not zero');
      before = momentum;
    }
  }
  return found;
}

describe('Level-1 objects', () => {
  it('are the same for a seed, whatever was made before, and others for another', async () => {
    const rows = await sample('objects', 'zero-bias', 1000);
    expect(hash(rows)).toBe('69378f21d72a57cb');
    expect(await sample('objects', 'zero-bias', 10, { first: 500 })).toEqual(rows.slice(500, 510));
    expect(hash(await sample('objects', 'zero-bias', 1000, { seed: 2 }))).not.toBe(hash(rows));
  });

  it.each(crossings)('%s: sorted by pt, zero-padded, within the codes of the hardware', async (process) => {
    const wrong = (await sample('objects', process, 600)).flatMap((row, event) =>
      problems(row).map((what) => `${event}: ${what}`),
    );
    expect(wrong).toEqual([]);
  });

  it('have pt in GeV and the same angles in real units', async () => {
    const codes = await sample('objects', 'ttbar', 50);
    const values = await sample('objects', 'ttbar', 50, { units: 'real' });
    expect(values).toEqual(codes.map((row) => row.map((value, index) => (index % 3 === 0 ? value / 2 : value))));
  });

  it('saturate at the largest code', async () => {
    const { writeObjects } = await load<{
      writeObjects: (random: unknown, truth: unknown, row: Int16Array, offset: number) => void;
    }>('objects.mjs');
    const { Random } = await load<{ Random: new (...words: number[]) => unknown }>('random.mjs');
    const along = { px: 3000, py: 0, pz: 0, e: 3000 };
    const truth = {
      electrons: [along],
      muons: [],
      jets: [{ vector: { px: -100, py: 1500, pz: 0, e: 1504 }, electromagnetic: 0 }],
      invisible: { x: 5000, y: 0 },
      pileup: 0,
    };
    const row = new Int16Array(57);
    writeObjects(new Random(1), truth, row, 0);
    expect([row[0], row[3], row[27], row[30]]).toEqual([4095, 511, 2047, 2047]);
  });

  it('look like zero bias: few muons, soft jets, modest MET', async () => {
    const rows = await sample('objects', 'zero-bias', 4000);
    const fraction = (index: number, above: number): number =>
      mean(column(rows, index).map((code) => (code > above ? 1 : 0)));
    const jets = mean(rows.map((row) => row.slice(27).filter((code, index) => index % 3 === 0 && code > 0).length));
    expect(fraction(15, 0)).toBeGreaterThan(0.03);
    expect(fraction(15, 0)).toBeLessThan(0.06);
    expect(fraction(3, 0)).toBeGreaterThan(0.9);
    expect(median(column(rows, 0)) / 2).toBeGreaterThan(18);
    expect(median(column(rows, 0)) / 2).toBeLessThan(28);
    expect(jets).toBeGreaterThan(5);
    expect(jets).toBeLessThan(7.5);
    expect(fraction(27, 200)).toBeLessThan(0.005);
    // More collisions, more jets.
    const quiet = await sample('objects', 'zero-bias', 1000, { pileup: 20 });
    const loud = (list: readonly (readonly number[])[]): number =>
      mean(list.map((row) => row.slice(27).filter((code, index) => index % 3 === 0 && code > 0).length));
    expect(loud(quiet)).toBeLessThan(0.6 * jets);
  });

  it('see electrons as e/gamma and as jets', async () => {
    const rows = await sample('objects', 'z', 2000);
    const electrons = rows.filter((row) => (row[3] ?? 0) > 70);
    expect(electrons.length).toBeGreaterThan(200);
    const alsoJet = electrons.filter((row) =>
      Array.from({ length: 10 }, (_, jet) => 27 + 3 * jet).some((at) => {
        const turn = Math.abs((row[at + 2] ?? 0) - (row[5] ?? 0));
        return (
          (row[at] ?? 0) > 40 && Math.abs((row[at + 1] ?? 0) - (row[4] ?? 0)) < 10 && Math.min(turn, 144 - turn) < 10
        );
      }),
    );
    expect(alsoJet.length / electrons.length).toBeGreaterThan(0.9);
  });

  it('tell signals from zero bias by what defines them', async () => {
    const share = async (process: string, passes: (row: readonly number[]) => boolean): Promise<number> =>
      mean((await sample('objects', process, 1500)).map((row) => (passes(row) ? 1 : 0)));
    const twoMuons = (row: readonly number[]): boolean => (row[18] ?? 0) > 0;
    expect(await share('a-4l', twoMuons)).toBeGreaterThan(0.3);
    expect(await share('zero-bias', twoMuons)).toBeLessThan(0.01);
    const hardJet = (row: readonly number[]): boolean => (row[27] ?? 0) > 120;
    expect(await share('ttbar', hardJet)).toBeGreaterThan(0.7);
    expect(await share('lq-btau', hardJet)).toBeGreaterThan(0.4);
    const missing = (row: readonly number[]): boolean => (row[0] ?? 0) > 100;
    expect(await share('w', missing)).toBeGreaterThan(2 * (await share('z', missing)) - 0.05);
  });
});

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataCodes } from '../../src/diagnostics/codes/data.js';
import { precisionCodes } from '../../src/diagnostics/codes/precision.js';
import type { CalibrationDetails } from '../../src/report/calibration-details.js';
import { parseFigureFile } from '../../src/report/figure-file.js';
import { at } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const scratch = scratchFolder();
const EVENTS = 400;

/** Codes of a trigger: a transverse momentum in half GeV and an angle, which a network scales. */
const network = new OnnxBuilder(13)
  .input('x', ['N', 2])
  .initializer('w', [2, 2], [0.3, -0.7, 0.1, 0.25])
  .node('MatMul', ['x', 'w'], ['m'], {}, { name: 'dense' })
  .node('Relu', ['m'], ['r'], {}, { name: 'act' })
  .initializer('v', [2, 1], [0.5, -1.3])
  .node('MatMul', ['r', 'v'], ['y'], {}, { name: 'last' })
  .output('y', ['N', 1])
  .bytes();

const random = new Random(17);
const rows = Array.from({ length: EVENTS }, () => [random.integer(0, 127) / 2, random.integer(-72, 71)]);
let [model, data] = ['', ''];
beforeAll(() => {
  model = scratch.write('float.onnx', network);
  data = scratch.write('events.csv', rows.map((row) => `${row.join()}\n`).join(''));
});

function outcomes(): { dense: number[]; last: number }[] {
  return rows.map(([pt = 0, phi = 0]) => {
    const dense = [
      Math.max(0, Math.fround(0.3) * pt + Math.fround(0.1) * phi),
      Math.max(0, -Math.fround(0.7) * pt + 0.25 * phi),
    ];
    return { dense, last: 0.5 * at(dense, 0) - Math.fround(1.3) * at(dense, 1) };
  });
}

function detailsOf(folder: string): CalibrationDetails {
  const file = parseFigureFile(readFileSync(`${folder}/figures/calibration.json`, 'utf8'));
  return file.details as unknown as CalibrationDetails;
}

describe('trigc compile --data', { timeout: 60_000 }, () => {
  it('takes integer bits, signs and the grid of the inputs from the data, and records what it saw', async () => {
    const out = scratch.path('calibrated');
    const run = await trigc('compile', model, '-o', out, '--data', data);
    expect(run.stderr).toContain(precisionCodes.typesFromData.code);
    expect(run.code).toBe(0);
    expect(run.stderr).not.toContain(precisionCodes.dataOverflow.code);

    const details = detailsOf(out);
    expect(details.data.events).toBe(EVENTS);
    const [x, act, last, ...others] = details.tensors;
    expect(others).toEqual([]);
    const { dense, y } = {
      dense: outcomes().flatMap((event) => event.dense),
      y: outcomes().map((event) => event.last),
    };
    // -72 … 71.5 in halves, once more on either side.
    expect(x).toMatchObject({ name: 'x', role: 'input', lsb: -1, types: ['ap_fixed<10,9>'], calibrated: true });
    expect(x?.channels?.ranges).toEqual(
      [0, 1].map((column) => {
        const own = rows.map((row) => at(row, column));
        return { low: Math.min(...own), high: Math.max(...own) };
      }),
    );
    const integer = Math.ceil(Math.log2(2 * Math.max(...dense)));
    expect(act).toMatchObject({ name: 'act', role: 'result', types: [`ap_ufixed<16,${integer}>`] });
    expect(act?.range.high).toBeCloseTo(Math.max(...dense), 9);
    expect(act?.zeros).toBeCloseTo(dense.filter((value) => value === 0).length / dense.length, 9);
    expect(last).toMatchObject({ name: 'last', role: 'output' });
    expect(last?.range.low).toBeCloseTo(Math.min(...y), 9);
    expect(last?.range.high).toBeCloseTo(Math.max(...y), 9);
    for (const tensor of details.tensors) {
      expect(tensor.histogram.counts.reduce((sum, count) => sum + count)).toBe(tensor.elements * EVENTS);
    }
    expect(details.quantizers.map(({ tensor, origin, values }) => [tensor, origin, values])).toEqual([
      ['x', 'calibrated', 2 * EVENTS],
      ['act', 'calibrated', 2 * EVENTS],
      ['last', 'calibrated', EVENTS],
    ]);
    const verified = await trigc('verify', out, '--engine', 'yosys', '--input', data);
    expect(verified.code).toBe(0);
  });

  it('gives the same files again, and the same RTL from precision.json without the data', async () => {
    const [first, second, third] = ['a', 'b', 'c'].map((name) => scratch.path(name));
    expect((await trigc('compile', model, '-o', first ?? '', '--data', data)).code).toBe(0);
    expect((await trigc('compile', model, '-o', second ?? '', '--data', data)).code).toBe(0);
    expect(readTree(second ?? '')).toEqual(readTree(first ?? ''));
    const precision = `${first ?? ''}/precision.json`;
    expect((await trigc('compile', model, '-o', third ?? '', '--precision', precision)).code).toBe(0);
    const rtl = (folder: string): ReadonlyMap<string, unknown> =>
      new Map([...readTree(folder)].filter(([name]) => name.startsWith('rtl')));
    expect(rtl(third ?? '').size).toBeGreaterThan(0);
    expect(rtl(third ?? '')).toEqual(rtl(first ?? ''));
  });

  it('follows --margin, --fraction-bits and --integer-bits', async () => {
    const typesWith = async (name: string, ...options: readonly string[]): Promise<readonly string[]> => {
      const out = scratch.path(name);
      const run = await trigc('compile', model, '-o', out, '--data', data, ...options);
      expect(run.code).toBe(0);
      return detailsOf(out).tensors.flatMap(({ types }) => types);
    };
    const largest = Math.max(...outcomes().flatMap(({ dense }) => dense));
    const integer = Math.ceil(Math.log2(largest));
    const [x, act] = await typesWith('tight', '--margin', '0', '--fraction-bits', '3');
    expect(x).toBe('ap_fixed<9,8>');
    expect(act).toBe(`ap_ufixed<${integer + 3},${integer}>`);
    // 0.3 × 127.5 + 0.1 × 127.5 = 51, and 0.7 × 128 + 0.25 × 127.5 = 121.5 for the port of 8 integer bits.
    const [, byInterval] = await typesWith('interval', '--margin', '0', '--integer-bits', 'interval');
    expect(byInterval).toBe('ap_ufixed<16,7>');
  });

  it('dataOverflow: reports the tensor, the count and the worst value of a declared type that the data overflow', async () => {
    const config = scratch.write(
      'narrow.yaml',
      'inputs:\n  x: { type: "ap_fixed<8,7,AP_RND,AP_SAT>" }\nlayers:\n  act: { result: "ap_ufixed<6,3,AP_RND,AP_SAT>" }\n',
    );
    const out = scratch.path('narrow');
    const run = await trigc('compile', model, '-o', out, '--config', config, '--data', data);
    expect(run.code).toBe(0);
    const details = detailsOf(out);
    // The port holds -64 … 63.5, and the tensor behind it 0 … 7.875.
    const ported = rows.map((row) => row.map((value) => Math.min(Math.max(value, -64), 63.5)));
    const beyond = rows.flat().filter((value) => value > 63.5 || value < -64);
    expect(details.quantizers[0]).toMatchObject({ tensor: 'x', origin: 'declared' });
    expect((details.quantizers[0]?.saturatedHigh ?? 0) + (details.quantizers[0]?.saturatedLow ?? 0)).toBe(
      beyond.length,
    );
    const act = details.quantizers.find(({ tensor }) => tensor === 'act');
    expect(act).toMatchObject({ origin: 'declared', types: ['ap_ufixed<6,3>'], saturatedLow: 0, wrapped: 0 });
    // The weights are those of ap_fixed<16,6>.
    const values = ported.map(([pt = 0, phi = 0]) =>
      [Math.round(0.3 * 1024) * pt + Math.round(0.1 * 1024) * phi, Math.round(-0.7 * 1024) * pt + 256 * phi].map(
        (code) => Math.max(0, Math.floor(code / 128 + 0.5) / 8),
      ),
    );
    const over = values.flat().filter((value) => value > 7.875);
    expect(over.length).toBeGreaterThan(10);
    expect(act?.saturatedHigh).toBe(over.length);
    expect(act?.worst?.value).toBe(Math.max(...over));
    expect(at(at(values, act?.worst?.event ?? -1), act?.worst?.element ?? -1)).toBe(Math.max(...over));
    expect(act?.firstEvent).toBe(values.findIndex((event) => event.some((value) => value > 7.875)));
    expect(run.stderr).toContain(`${precisionCodes.dataOverflow.code} [events.csv, node 'act']`);
    expect(run.stderr).toContain(`${over.length} of ${2 * EVENTS} values`);
    expect(run.stderr).toContain(`the worst is ${Math.max(...over)} in event ${(act?.worst?.event ?? -1) + 1}`);

    const strict = await trigc(
      'compile',
      model,
      '-o',
      scratch.path('no'),
      '--config',
      config,
      '--data',
      data,
      '--strict',
    );
    expect(strict.code).toBe(2);
    expect(() => readTree(scratch.path('no'))).toThrow();
  });

  it('refuses data of another width, with NaN, of no events, of text, and files that are something else', async () => {
    const refused = async (path: string): Promise<string> => {
      const run = await trigc('compile', model, '-o', scratch.path('none'), '--data', path);
      expect(run.code).toBe(2);
      expect(() => readTree(scratch.path('none'))).toThrow();
      return run.stderr;
    };
    expect(await refused(scratch.write('wide.csv', '1,2,3\n'))).toContain(dataCodes.columnCount.code);
    expect(await refused(scratch.write('nan.csv', '1,2\n3,nan\n'))).toContain("event 2, column 2 ('x' element 1)");
    expect(await refused(scratch.write('empty.csv', 'a,b\n'))).toContain(dataCodes.emptyFile.code);
    expect(await refused(scratch.write('text.csv', '1,2\nx,4\n'))).toContain(dataCodes.notNumber.code);
    expect(await refused(model)).toContain('is a model; events are');
    expect(await refused(scratch.path('missing.npy'))).toContain(dataCodes.unreadableFile.code);
    const swapped = await trigc('compile', data, '-o', scratch.path('none'), '--data', model);
    expect(swapped.code).toBe(2);
    expect(swapped.stderr).toMatch(/TRG1\d{3}/u);
  });

  it('refuses options that mean nothing', async () => {
    const alone = await trigc('compile', model, '-o', scratch.path('none'), '--margin', '2');
    expect(alone.code).toBe(2);
    const negative = await trigc('compile', model, '-o', scratch.path('none'), '--data', data, '--margin', 'x');
    expect(negative.code).toBe(2);
    expect(negative.stderr).toContain('--margin x is not a whole number');
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReuseRow } from '../../src/report/reuse-table.js';
import { SIMULATION_ENGINES } from '../../src/simulation/choose-engine.js';
import { Random } from '../../src/support/random.js';
import { int, ints } from '../support/onnx-builder.js';
import { precisionConfig } from '../support/precision-config.js';
import { hasReference, readCodes, referenceFile } from '../support/reference-set.js';
import { runCommand, withFolder } from '../support/run-command.js';
import { QonnxBuilder, smallModel } from '../support/small-model.js';

const full = process.env['TRIGC_TEST_TIER'] === 'full';
const noVerilator = await SIMULATION_ENGINES.verilator.unavailable();
const fastest = noVerilator === undefined ? 'verilator' : 'yosys';
const absent = 'the reference set is absent';

interface Report {
  readonly figures: Readonly<Record<string, { readonly value: number }>>;
  readonly reuse?: readonly ReuseRow[];
}

const readReport = (folder: string): Report => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;

describe('compile --ii', { timeout: 900_000 }, () => {
  it('says how often it takes an event, in the report, in both languages, and to every engine', async () => {
    await withFolder(async (folder) => {
      const [model, out] = [join(folder, 'small.onnx'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      const compiled = await runCommand('compile', model, '-o', out, '--ii', '1 BX', '--clock', '240MHz');
      expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
      expect(compiled.stdout).toMatch(/II 6, clock 4\.1667 ns/u);
      const report = readReport(out);
      expect(report.figures['ii']?.value).toBe(6);
      expect(report.reuse?.length).toBeGreaterThan(0);
      expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('## Reuse of hardware');
      for (const engine of ['yosys', 'icarus', 'ghdl', 'verilator', 'verilator-wasm'] as const) {
        const reason = await SIMULATION_ENGINES[engine].unavailable();
        if (reason !== undefined) {
          console.warn(`not run here: engine ${engine} at II 6 (${reason})`);
          continue;
        }
        const verify = await runCommand('verify', out, '--engine', engine, '--vectors', '200');
        expect(verify.stdout, verify.stderr).toMatch(
          new RegExp(`^verified 200 vectors, 0 mismatches, latency \\d+ cycles, II 6 \\(engine ${engine}\\)\\n$`, 'u'),
        );
        expect(verify.stderr).toContain('early 200');
      }
    });
  });

  it('folds matrices into as many multiplier blocks as are allowed and worth it, to every engine', async () => {
    await withFolder(async (folder) => {
      const [model, config] = [join(folder, 'dense.onnx'), join(folder, 'trigc.yaml')];
      writeFileSync(model, denseModel().bytes());
      writeFileSync(config, 'layers: { dense_1: { form: folded, reuse_factor: 4 } }\n');
      const figuresOf = async (...words: string[]): Promise<Report> => {
        const out = join(folder, words.join('').replace(/\W/gu, ''));
        const part = ['--target', 'vu13p-360', '--ii', '8'];
        const compiled = await runCommand('compile', model, '-o', out, ...part, ...words);
        expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
        return readReport(out);
      };
      const formsOf = ({ reuse = [] }: Report): readonly string[] => reuse.map(({ form }) => form);
      const [none, few, many] = [
        await figuresOf('--dsp', '0'),
        await figuresOf('--dsp', '20'),
        await figuresOf('--dsp', '2%'),
      ];
      const figure = (report: Report, name: string): number => report.figures[name]?.value ?? NaN;
      expect(formsOf(none)).not.toContain('folded');
      expect(figure(none, 'dsp')).toBe(0);
      expect(figure(few, 'dsp')).toBeGreaterThan(0);
      expect(figure(few, 'dsp')).toBeLessThanOrEqual(20);
      expect(figure(many, 'dsp')).toBeGreaterThan(20);
      expect(figure(many, 'lut')).toBeLessThan(figure(few, 'lut'));
      expect(figure(few, 'lut')).toBeLessThan(figure(none, 'lut'));
      const byUnit = (many.reuse ?? []).reduce((sum, { dsp }) => sum + dsp, 0);
      expect(byUnit).toBe(figure(many, 'dsp'));
      const curve = ['explore', model, '--target', 'vu13p-360', '--ii', '1,8', '--dsp', '20', '--json'];
      const explored = await runCommand(...curve, '-o', join(folder, 'curve'));
      expect(explored, explored.stderr).toMatchObject({ code: 0 });
      const { points } = JSON.parse(explored.stdout) as { readonly points: readonly { readonly dsp: number }[] };
      expect(points.map(({ dsp }) => dsp)).toEqual([0, figure(few, 'dsp')]);
      const declared = await figuresOf('--config', config);
      expect(declared.reuse?.filter(({ form }) => form === 'folded').map(({ digits }) => digits)).toEqual([4]);

      const out = join(folder, 'dsp2');
      for (const engine of ['yosys', 'icarus', 'ghdl', 'verilator', 'verilator-wasm'] as const) {
        const reason = await SIMULATION_ENGINES[engine].unavailable();
        if (reason !== undefined) {
          console.warn(`not run here: engine ${engine} with multiplier blocks (${reason})`);
          continue;
        }
        const verify = await runCommand('verify', out, '--engine', engine, '--vectors', '200');
        expect(verify.stdout, verify.stderr).toMatch(/^verified 200 vectors, 0 mismatches, latency \d+ cycles, II 8 /u);
      }
      // Synthesis finds the blocks that were meant, with their registers and sums.
      const synthesised = await runCommand('synth', out, '--json');
      expect(synthesised.code, synthesised.stderr).toBe(0);
      const counted = JSON.parse(synthesised.stdout) as Report;
      expect(figure(counted, 'dsp')).toBe(figure(many, 'dsp'));
      expect(figure(counted, 'lut') / figure(many, 'lut')).toBeLessThan(1.3);
      expect(figure(counted, 'lut') / figure(many, 'lut')).toBeGreaterThan(0.7);
    });
  });

  it('refuses multiplier blocks that are none, or more than the part has', async () => {
    await withFolder(async (folder) => {
      const [model, out] = [join(folder, 'dense.onnx'), join(folder, 'out')];
      writeFileSync(model, denseModel().bytes());
      const refused = async (...words: string[]): Promise<string> => {
        const run = await runCommand('compile', model, '-o', out, '--ii', '8', '--target', 'vu13p-360', ...words);
        expect(run.code, words.join(' ')).toBe(2);
        return run.stderr;
      };
      expect(await refused('--dsp', 'some')).toMatch(
        /TRG3009 \[--dsp\].*neither a whole number nor a share[^]*--dsp 5%/u,
      );
      expect(await refused('--dsp', '20000')).toMatch(/\[--dsp\].*20000 multiplier blocks.*has 12288/u);
      expect(await refused('--dsp', '3%', '--part', 'generic')).toMatch(/\[--dsp\].*has no known number of them/u);
      writeFileSync(join(folder, 'trigc.yaml'), 'layers: { dense_3: { form: folded } }\n');
      expect(await refused('--config', join(folder, 'trigc.yaml'))).toMatch(/TRG1407.*matrix of several results/u);
    });
  });

  it('builds layers as they are declared', async () => {
    await withFolder(async (folder) => {
      const [model, out, config] = ['small.onnx', 'out', 'trigc.yaml'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(model, smallModel().bytes());
      const compile = (layer: string) => {
        writeFileSync(config, `target: { ii: 9 }\nlayers: { dense_1: ${layer} }\n`);
        return runCommand('compile', model, '-o', out, '--config', config);
      };
      const busyOf = (): readonly number[] =>
        (readReport(out).reuse ?? [])
          .filter(({ name }) => name.startsWith('dense_1'))
          .map(({ occupancy }) => 9 * occupancy);
      expect((await compile('{ form: parallel }')).code).toBe(0);
      expect(busyOf()).toEqual([1]);
      const refused = await compile('{ form: serial, reuse_factor: 8 }');
      expect(refused.code).toBe(2);
      const [, below] = /TRG1408[^]*the nearest legal values are (\d+)/u.exec(refused.stderr) ?? [];
      expect(Number(below), refused.stderr).toBeGreaterThan(1);
      expect((await compile(`{ form: serial, reuse_factor: ${below} }`)).code).toBe(0);
      expect(busyOf().map(Math.round)).toContain(Number(below));
      const verify = await runCommand('verify', out, '--engine', 'yosys', '--vectors', '200');
      expect(verify.stdout, verify.stderr).toMatch(/^verified 200 vectors, 0 mismatches/u);
    });
  });

  it('finds a fault in the netlist, and the node that it lies in', async () => {
    await withFolder(async (folder) => {
      const [model, out] = [join(folder, 'small.onnx'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      const compiled = await runCommand('compile', model, '-o', out, '--ii', '9', '--name', 'tiny');
      expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
      const top = join(out, 'rtl', 'tiny.v');
      const text = readFileSync(top, 'utf8');
      // A word is taken a clock late.
      const late = text.replace('= w_accept ? ', '= w_token_d1 ? ');
      expect(late).not.toBe(text);
      writeFileSync(top, late);
      const verify = await runCommand('verify', out, '--engine', 'yosys', '--vectors', '100');
      expect(verify.code).toBe(1);
      expect(verify.stderr).toMatch(/it begins in .*dense_1/u);
    });
  });

  it('refuses intervals and latencies that cannot be, with the nearest that can', async () => {
    await withFolder(async (folder) => {
      const [model, out] = [join(folder, 'small.onnx'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      const refused = async (...words: string[]): Promise<string> => {
        const run = await runCommand('compile', model, '-o', out, ...words);
        expect(run.code, words.join(' ')).toBe(2);
        return run.stderr;
      };
      expect(await refused('--ii', '0')).toContain('TRG3019');
      expect(await refused('--ii', '10ns', '--clock', '25ns')).toMatch(/TRG3019 \[--ii\].*not 1 to 4096 clocks/u);
      expect(await refused('--ii', '6', '--latency', '3')).toMatch(/TRG1406.*of which this design takes \d+/u);
      writeFileSync(join(folder, 'trigc.yaml'), 'target: { ii: 6 }\ninterface: { valid: false }\n');
      expect(await refused('--config', join(folder, 'trigc.yaml'))).toMatch(
        /interface\.valid.*valid ports are refused/u,
      );
    });
  });

  it('refuses what is beyond the resources, with an interval that meets them and none shorter', async () => {
    await withFolder(async (folder) => {
      const [model, config, out] = [join(folder, 'small.onnx'), join(folder, 'trigc.yaml'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      const compile = (resources: string, ...words: string[]) => {
        writeFileSync(config, `target: { resources: ${resources} }\n`);
        return runCommand('compile', model, '-o', out, '--config', config, ...words);
      };
      const luts = async (...words: string[]): Promise<number> => {
        const compiled = await compile('{}', ...words);
        expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
        return readReport(out).figures['lut']?.value ?? 0;
      };
      // Less than it takes with an event each clock, and more than with one every nine.
      const [each, ninth] = [await luts(), await luts('--ii', '9')];
      const limit = `{ lut: ${Math.floor((each + ninth) / 2)} }`;
      const refused = await compile(limit);
      expect(refused.code, refused.stderr).toBe(2);
      const [, interval = '', latency] =
        /TRG1410 \[target\.resources\.lut\]: estimated at \d+ LUT, and the limit is \d+\n +hint: an event every \d+ clocks \(--ii (\d+)\), estimated at \d+ LUT and (\d+) clocks of latency/u.exec(
          refused.stderr,
        ) ?? [];
      expect(Number(interval), refused.stderr).toBeGreaterThan(1);
      // Nothing was written in place of what was there.
      expect(readReport(out).figures['ii']?.value).toBe(9);
      const met = await compile(limit, '--ii', interval);
      expect(met, met.stderr).toMatchObject({ code: 0 });
      expect(met.stdout).toContain(`latency ${latency} cycles`);
      if (interval !== '2') {
        const shorter = await compile(limit, '--ii', String(Number(interval) - 1));
        expect(shorter.stderr).toContain('TRG1410');
      }
      const none = await compile('{ lut: 1, flip_flops: 1 }');
      expect(none.stderr).toMatch(/\.lut\][^]*no longer interval meets the limits: the closest is an event every/u);
      expect(none.stderr).toMatch(/\.flip_flops\]: estimated at \d+ FF, and the limit is 1/u);
    });
  });

  it('names an interval at which a latency can be met', async () => {
    await withFolder(async (folder) => {
      const [model, out] = [join(folder, 'small.onnx'), join(folder, 'out')];
      writeFileSync(model, smallModel().bytes());
      const compile = (interval: string, latency: string) =>
        runCommand('compile', model, '-o', out, '--clock', '360MHz', '--ii', interval, '--latency', latency);
      const fewest = async (interval: string): Promise<number> =>
        Number(/of which this design takes (\d+)/u.exec((await compile(interval, '1')).stderr)?.[1]);
      // Between what this interval takes and what a shorter one does.
      const latency = String(Math.floor(((await fewest('9')) + (await fewest('4'))) / 2));
      const refused = await compile('9', latency);
      const [, interval = ''] = /TRG1406[^]*an event every \d+ clocks \(--ii (\d+)\)/u.exec(refused.stderr) ?? [];
      expect(Number(interval), refused.stderr).toBeGreaterThan(1);
      const met = await compile(interval, latency);
      expect(met, met.stderr).toMatchObject({ code: 0 });
      expect((await compile(String(Number(interval) + 1), latency)).stderr).toContain('TRG1406');
      expect((await compile('9', '0')).stderr).toMatch(/TRG1406[^]*no shorter interval \(--ii\) has this one/u);
    });
  });

  it('compiles a convolution of a million products by walking over its positions', async () => {
    await withFolder(async (folder) => {
      const [model, out] = [join(folder, 'large.onnx'), join(folder, 'out')];
      writeFileSync(model, largeConvolution().bytes());
      const unrolled = await runCommand('compile', model, '-o', out);
      expect(unrolled.stderr).toMatch(/scalar operations, and the limit is/u);
      const words = ['--ii', '4096', '--clock', '240MHz', '--effort', 'fast'];
      const compiled = await runCommand('compile', model, '-o', out, ...words);
      expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
      expect(readReport(out).reuse?.some(({ form, slots }) => form === 'shared' && slots === 4096)).toBe(true);
      if (!full) return;
      const verify = await runCommand('verify', out, '--engine', fastest, '--vectors', '3');
      expect(verify.stdout, verify.stderr).toMatch(/^verified 3 vectors, 0 mismatches, .* II 4096 /u);
    });
  });
});

/** Two convolutions of 72 × 4,096 and 576 × 961 products, a pool and a dense layer. */
function largeConvolution(): QonnxBuilder {
  const random = new Random(5);
  const drawn = (count: number): number[] => Array.from({ length: count }, () => random.integer(-3, 3) / 4);
  const model = new QonnxBuilder();
  const weights = (name: string, shape: readonly number[]): void => {
    model
      .initializer(name, shape, drawn(shape.reduce((product, size) => product * size, 1)))
      .quant(name, `${name}q`, { lsb: -2, bits: 3, name: `quant_${name}` });
  };
  const rectified = (from: string, to: string, lsb: number): void => {
    model.node('Relu', [from], [`${to}_r`], {}, { name: `relu_${to}` });
    model.quant(`${to}_r`, to, { lsb, bits: 4, signed: false, name: `quant_${to}` });
  };
  model.input('x', [1, 1, 66, 66]).quant('x', 'xq', { lsb: 0, bits: 4, signed: false, name: 'quant_x' });
  weights('w1', [8, 1, 3, 3]);
  model.node('Conv', ['xq', 'w1q'], ['c1'], { kernel_shape: ints([3, 3]) }, { name: 'conv_1' });
  rectified('c1', 'h1', 1);
  weights('w2', [8, 8, 3, 3]);
  model.node('Conv', ['h1', 'w2q'], ['c2'], { kernel_shape: ints([3, 3]), strides: ints([2, 2]) }, { name: 'conv_2' });
  rectified('c2', 'h2', 2);
  model.node('MaxPool', ['h2'], ['p'], { kernel_shape: ints([4, 4]), strides: ints([4, 4]) }, { name: 'pool' });
  model.node('Flatten', ['p'], ['f'], { axis: int(1) });
  weights('w3', [8 * 49, 1]);
  return model.node('MatMul', ['f', 'w3q'], ['y'], {}, { name: 'dense' }).output('y');
}

/** Three dense layers: 12 to 16 to 10 to 1. */
function denseModel(): QonnxBuilder {
  const random = new Random(77);
  const model = new QonnxBuilder();
  model.input('x', [1, 12]).quant('x', 'h0', { lsb: -3, bits: 8, name: 'quant_x' });
  const sizes = [12, 16, 10, 1];
  for (const layer of [1, 2, 3]) {
    const [from = 1, to = 1] = sizes.slice(layer - 1);
    const values = Array.from({ length: from * to }, () => random.integer(-31, 31) / 16);
    model
      .initializer(`w${layer}`, [from, to], values)
      .quant(`w${layer}`, `w${layer}q`, { lsb: -4, bits: 6, name: `quant_w${layer}` });
    const last = layer === 3;
    model.node('MatMul', [`h${layer - 1}`, `w${layer}q`], [last ? 'y' : `m${layer}`], {}, { name: `dense_${layer}` });
    if (last) break;
    model.node('Relu', [`m${layer}`], [`r${layer}`], {}, { name: `relu_${layer}` });
    model.quant(`r${layer}`, `h${layer}`, { lsb: -2, bits: 7, signed: false, name: `quant_h${layer}` });
  }
  return model.output('y');
}

/** Deployed networks at intervals of whole bunch crossings, on the reference vectors. */
const deployed = [
  { name: 'AXOL1TL_v5', columns: 1, config: '', intervals: full ? [6, 9, 12, 18, 54] : [9] },
  { name: 'AXOL1TL_v5', columns: 1, config: '', blocks: 400, intervals: full ? [6, 9, 12, 18, 54] : [9] },
  {
    name: 'CICADA_v1',
    columns: 1,
    config: 'outputs: { result: { type: "ap_fixed<11,5>" } }\n',
    intervals: full ? [6, 9, 12, 18, 54] : [54],
  },
  {
    name: 'CICADA_v2',
    columns: 1,
    config: hasReference ? `${precisionConfig('CICADA_v2').yaml}effort: fast\n` : '',
    intervals: full ? [6, 9, 12, 18, 54] : [],
  },
] as const;

describe.skipIf(!hasReference)(`deployed networks that reuse hardware (${absent})`, { timeout: 1_800_000 }, () => {
  for (const { name, columns, config, intervals, ...rest } of deployed) {
    const blocks = 'blocks' in rest ? rest.blocks : 0;
    for (const interval of intervals) {
      const allowed = blocks > 0 ? ` with ${blocks} multiplier blocks` : '';
      it(`${name} at II ${interval}${allowed}: all vectors, events back to back`, async () => {
        await withFolder(async (folder) => {
          const [out, configPath] = [join(folder, 'out'), join(folder, 'trigc.yaml')];
          writeFileSync(configPath, config === '' ? '{}\n' : config);
          const model = referenceFile('deployed', name, 'model.onnx');
          const words = [
            '--config',
            configPath,
            '--ii',
            String(interval),
            '--clock',
            '360MHz',
            '--dsp',
            String(blocks),
          ];
          const compiled = await runCommand('compile', model, '-o', out, ...words);
          expect(compiled, compiled.stderr).toMatchObject({ code: 0 });
          const folded = (readReport(out).reuse ?? []).filter(({ form }) => form === 'folded');
          expect(folded.length > 0).toBe(blocks > 0);
          const expected = join(folder, 'expected.csv');
          const rows = readCodes(referenceFile('deployed', name, 'outputs.csv.gz'));
          writeFileSync(expected, `${rows.map((row) => row.slice(0, columns).join(',')).join('\n')}\n`);
          const inputs = referenceFile('deployed', name, 'inputs.csv.gz');
          const checked = ['--input', inputs, '--codes', '--expect', expected, '--engine', fastest];
          const verify = await runCommand('verify', out, ...checked);
          expect(verify.stdout, verify.stderr).toMatch(
            new RegExp(`^verified 2000 vectors, 0 mismatches, latency \\d+ cycles, II ${interval} `, 'u'),
          );
        });
      });
    }
  }
});

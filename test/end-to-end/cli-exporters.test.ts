import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { standardOperators } from '../../src/importers/onnx/registry.js';
import { scratchFolder, trigc } from '../support/command-line.js';

const scratch = scratchFolder();
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const exporters = join(process.env['TRIGC_REFERENCE'] ?? resolve(root, '../shared/reference'), 'exporters');
const present = existsSync(exporters);

const files = present
  ? readdirSync(exporters, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.onnx'))
      .toSorted()
  : [];

const full = process.env['TRIGC_TEST_TIER'] === 'full';

/** Whether a file compiles does not depend on the search, which for many weights is nine tenths of the time. */
const effortFor = (file: string): string =>
  /^(?:brevitas_TFC|conv\d|three_layer|two_layer)/u.test(file) && !full ? 'fast' : 'default';

/** Files that are read, and then refused for their size: what their largest layer is called. */
const tooLarge: Readonly<Record<string, string>> = {
  'mnist-conv/model.onnx': 'Convolution110',
  'residual_block_clean.onnx': 'Conv_1',
  'separable_conv_model_ch_last.onnx': 'Conv_3',
};

/** Operator types of a file that are not in our registry, read from the protobuf alone. */
function unknownTo(path: string): readonly string[] {
  const { graph } = onnxProto.onnx.ModelProto.decode(readFileSync(path));
  const known: ReadonlySet<string> = new Set(standardOperators.map(({ operator }) => operator));
  const types = (graph?.node ?? []).filter(({ domain }) => (domain ?? '') === '').map(({ opType }) => opType ?? '');
  return [...new Set(types)].filter((type) => !known.has(type));
}

describe.skipIf(!present)('files of other exporters (skipped where the reference set is absent)', () => {
  it('are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(12);
  });

  it.each(files)(
    '%s compiles, or is refused with all of the reasons',
    async (file) => {
      const path = join(exporters, file);
      const inspected = await trigc('inspect', path);
      const out = scratch.path(file.replace(/\W/gu, '_'));
      const compiled = await trigc('compile', path, '-o', out, '--effort', effortFor(file));
      const unknown = unknownTo(path);
      expect([0, 2]).toContain(inspected.code);
      const largest = tooLarge[file];
      if (largest !== undefined) {
        expect(inspected.code).toBe(0);
        expect(compiled.code).toBe(2);
        expect(compiled.stderr).toMatch(
          new RegExp(`error TRG1510: the model has [\\d ]+ scalar operations.*: Conv '${largest}' `, 'u'),
        );
        expect(existsSync(out)).toBe(false);
        return;
      }
      expect(compiled.code).toBe(inspected.code);
      if (inspected.code === 0) {
        expect(unknown).toEqual([]);
        expect(existsSync(join(out, 'trigc.json'))).toBe(true);
        return;
      }
      expect(existsSync(out)).toBe(false);
      const listed = inspected.stdout.slice(inspected.stdout.indexOf('unsupported ('));
      for (const operator of unknown) {
        expect(listed).toMatch(new RegExp(`^ {2}${operator} '`, 'mu'));
        expect(compiled.stderr).toMatch(new RegExp(`error TRG10\\d\\d .*${operator}`, 'u'));
      }
      expect(compiled.stderr).toContain('hint: ');
      expect(compiled.stderr).not.toContain('internal error');
    },
    600_000,
  );

  const verifiedBy = async (engine: string, file: string): Promise<void> => {
    const out = scratch.path(file.replace(/\W/gu, '_'));
    const run = await trigc('verify', out, '--engine', engine, '--vectors', '50');
    expect(run.stdout).toMatch(/^verified 50 vectors, 0 mismatches, latency \d+ cycles, II 1 \(engine \w+\)$/u);
    expect(run.code).toBe(0);
  };
  const verifies = (file: string): Promise<void> => verifiedBy('yosys', file);

  it.each(['bnn_model_fc_1layer.onnx', 'conv1d_small_keras.onnx', 'two_layer_keras.onnx'])(
    '%s is verified',
    verifies,
    600_000,
  );

  // Up to a million LUTs: minutes in the default engine.
  it
    .skipIf(!full)
    .each([
      'brevitas_TFC_2W2A.onnx',
      'qkeras_jettagging.onnx',
      'three_layer_bn_pytorch.onnx',
      'three_layer_keras.onnx',
      'three_layer_pytorch.onnx',
    ])('%s is verified (skipped outside the full tier)', verifies, 3_600_000);

  // A million LUTs: Verilator and Yosys make one module of all, and take gigabytes for it.
  const hasIcarus = spawnSync('iverilog', ['-V']).status === 0;
  it.skipIf(!full || !hasIcarus)(
    'conv2d_small_mp_keras.onnx is verified (skipped outside the full tier or without iverilog)',
    () => verifiedBy('icarus', 'conv2d_small_mp_keras.onnx'),
    3_600_000,
  );
});

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileEmulator } from '../../src/backends/emulator/emulator.js';
import { openCompiledFolder, readDesign } from '../../src/cli/compiled-folder.js';
import { simulationDesign } from '../../src/cli/simulation-design.js';
import { drawFor } from '../../src/cli/vectors.js';
import { DiagnosticError } from '../../src/diagnostics/result.js';
import { buildNetlist } from '../../src/lowering/rtl/netlist.js';
import { inputColumns } from '../../src/report/manifest.js';
import { splitPorts } from '../../src/simulation/check-design.js';
import { InvariantError } from '../../src/support/invariant.js';
import { Random } from '../../src/support/random.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { smallModel } from '../support/small-model.js';
import { budget, mutateText } from './support.js';

const scratch = scratchFolder();
let folder = '';
const originals = new Map<string, string>();

beforeAll(async () => {
  const config = scratch.write('trigc.yaml', 'inputs: { x: { ranges: { 1: [-2, 3] } } }\n');
  const run = await trigc(
    'compile',
    scratch.write('net.onnx', smallModel().bytes()),
    '-o',
    scratch.path('right'),
    '--config',
    config,
  );
  expect(run.code).toBe(0);
  folder = scratch.path('mutated');
  cpSync(scratch.path('right'), folder, { recursive: true });
  for (const name of ['trigc.json', 'model.trigc', 'design.trigc'])
    originals.set(name, readFileSync(join(folder, name), 'utf8'));
});

/** Everything that `trigc verify` does before an engine starts; true where nothing was refused. */
function readFolder(): boolean {
  try {
    const compiled = openCompiledFolder(folder);
    splitPorts(simulationDesign(compiled));
    const emulator = compileEmulator(compiled.graph);
    expect(emulator.inputTypes.length).toBe(inputColumns(compiled.graph).length);
    return true;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const { code, message, location, hint } of error.diagnostics) {
      expect(code).toMatch(/^TRG400[45]$/u);
      expect(message).not.toBe('');
      expect(message.length).toBeLessThan(400);
      expect(location?.model).toContain('mutated');
      expect(hint ?? '').not.toBe('');
    }
    return false;
  }
}

describe.each(['trigc.json', 'model.trigc'])('a damaged %s', (name) => {
  it('is read or refused with a code', () => {
    const random = new Random(name.length * 1_000 + 17);
    const original = originals.get(name) ?? '';
    const outcomes = { read: 0, refused: 0 };
    const slowest = budget(4_000, 1_500, () => {
      writeFileSync(join(folder, name), mutateText(random, original));
      outcomes[readFolder() ? 'read' : 'refused']++;
    });
    writeFileSync(join(folder, name), original);
    expect(readFolder()).toBe(true);
    expect(slowest).toBeLessThan(5_000);
    expect(outcomes.read).toBeGreaterThan(10);
    expect(outcomes.refused).toBeGreaterThan(10);
  });
});

describe('a damaged design.trigc', () => {
  it('is read or refused with a code, and what is read is sound or a broken invariant', () => {
    const random = new Random(4_711);
    const original = originals.get('design.trigc') ?? '';
    const outcomes = { read: 0, refused: 0 };
    const slowest = budget(4_000, 1_500, () => {
      writeFileSync(join(folder, 'design.trigc'), mutateText(random, original));
      try {
        const design = readDesign(folder);
        outcomes.read++;
        buildNetlist(design, { model: '', modelHash: '', configHash: '', version: '' });
      } catch (error) {
        // Verify catches both: the node of a mismatch cannot be named then.
        if (error instanceof InvariantError || error instanceof RangeError) return;
        if (!(error instanceof DiagnosticError)) throw error;
        expect(error.diagnostics.map(({ code }) => code)).toEqual(['TRG4005']);
        outcomes.refused++;
      }
    });
    writeFileSync(join(folder, 'design.trigc'), original);
    expect(slowest).toBeLessThan(5_000);
    expect(outcomes.read).toBeGreaterThan(10);
    expect(outcomes.refused).toBeGreaterThan(10);
  });
});

describe('vectors', () => {
  it('are drawn for what was read, within types and promises', async () => {
    const columns = inputColumns(openCompiledFolder(scratch.path('right')).graph);
    const { matrix } = await drawFor(columns, 50, 3, undefined);
    expect(matrix.rows).toBe(50);
    expect(columns[1]?.promised).toEqual({ low: -8n, high: 12n });
  });
});

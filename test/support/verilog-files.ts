import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EmittedFile, VerilogOptions } from '../../src/backends/verilog/emit.js';
import { emitVerilog } from '../../src/backends/verilog/emit.js';
import { EXPECTED_FILE, formatVectors, STIMULUS_FILE } from '../../src/backends/verilog/testbench.js';
import { loadTemplate } from '../../src/cli/template-loader.js';
import { evaluateProgram } from '../../src/dataflow/evaluate.js';
import { findExecutable, runProcess } from '../../src/system/process.js';
import type { BuiltDesign } from './verilog-bundle.js';

export const provenance = { version: '0.0.0', model: 'model.onnx', modelHash: 'ab12', configHash: 'cd34' };

/** Everything the back end writes for a design. */
export function emitFiles(built: BuiltDesign, options: Partial<VerilogOptions> = {}): readonly EmittedFile[] {
  return emitVerilog(
    built.modules,
    {
      design: built.design,
      provenance,
      promises: [],
      clockPeriod: 5,
      inputDelay: 0.5,
      outputDelay: 0.25,
      dsp: true,
      ...options,
    },
    { template: loadTemplate },
  );
}

/** The vector files of the testbench. */
export function vectorFiles({ design, modules }: BuiltDesign, events: readonly (readonly bigint[])[]): EmittedFile[] {
  const answers = events.map((event) => evaluateProgram(design.program, event).outputs);
  return [
    { path: STIMULUS_FILE, text: formatVectors(events, modules.inputs) },
    { path: EXPECTED_FILE, text: formatVectors(answers, modules.outputs) },
  ];
}

/** Run `body` in a folder that holds the files. */
export async function withFiles<T>(files: readonly EmittedFile[], body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trigc-test-'));
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a tool prints, both streams; the test fails if it cannot be started. */
export async function runInFolder(folder: string, program: string, list: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runProcess(program, list, { cwd: folder, timeout: 170_000 });
  return stdout + stderr;
}

export async function isMissing(...programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => findExecutable(program)));
  return found.includes(undefined);
}

/** Verilator's remarks with everything switched on, apart from bits and parameters that nobody reads. */
export async function lint(folder: string, top: string): Promise<readonly string[]> {
  const log = await runInFolder(folder, 'verilator', [
    ...['--lint-only', '-Wall', '-Wno-UNUSED', '--default-language', '1364-2005'],
    ...['-f', 'rtl/files.f', '--top-module', top],
  ]);
  return log.split('\n').filter((line) => line.startsWith('%'));
}

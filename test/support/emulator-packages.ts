import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { emitEmulatorPackage, PACKAGE_FOLDER } from '../../src/backends/cpp-emulator/emit.js';
import { passedPorts } from '../../src/backends/cpp-emulator/passed-types.js';
import { codeWords, wordsCode, wordsOf } from '../../src/backends/cpp-emulator/words.js';
import { loadTemplate } from '../../src/cli/template-loader.js';
import type { Program } from '../../src/dataflow/program.js';
import { inputTypes } from '../../src/dataflow/program.js';
import { unwrap } from '../../src/diagnostics/result.js';
import { missingPrograms } from '../../src/simulation/native/tool.js';
import { findExecutable, runProcess } from '../../src/system/process.js';

/** Why packages cannot be built here; undefined where they can. */
export const compilerMissing = await missingPrograms(['g++', 'make', 'nm']);

export interface PackageMember {
  readonly program: Program;
  /** Codes of the inputs, flattened, one row an event. */
  readonly events: readonly (readonly bigint[])[];
}

export interface PackageRun {
  /** Codes of the outputs, flattened. */
  readonly outputs: readonly (readonly bigint[])[];
  /** Events that the package says mean nothing. */
  readonly violations: number;
}

const provenance = { version: 'test', model: 'test', modelHash: 'none', configHash: 'none' };

/** Standard output of a program that must succeed; a name without a slash is looked up. */
export async function run(program: string, argumentList: readonly string[], cwd: string, input = ''): Promise<string> {
  const path = program.includes('/') ? program : await findExecutable(program);
  if (path === undefined) throw new Error(`${program} is not on PATH`);
  const result = await runProcess(path, argumentList, { cwd, timeout: 300_000, input });
  if (result.code !== 0) throw new Error(`${program} failed: ${result.stderr.slice(0, 4000)}`);
  return result.stdout;
}

/** A folder that is gone afterwards. */
export async function withScratch<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'trigc-test-package-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function writePackage(folder: string, name: string, program: Program): Promise<void> {
  const passed = unwrap(passedPorts(program, new Map()));
  const options = { provenance, vectors: [], passed };
  const files = emitEmulatorPackage({ name, program }, options, { template: loadTemplate });
  for (const { path, text } of files) {
    const target = join(folder, path.replace(`${PACKAGE_FOLDER}/`, ''));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

/**
 * Evaluate programs with their packages, all of them compiled into one executable: every package is a namespace. Blocks
 * of events are as they come, so that a few more events than a block holds are worth having.
 */
export async function runPackages(members: readonly PackageMember[]): Promise<readonly PackageRun[]> {
  return withScratch(async (folder) => {
    const names = members.map((_, index) => `p${index}`);
    const sources: string[] = ['#include <cstdio>', '#include <cstring>', '#include <vector>'];
    for (const [index, { program, events }] of members.entries()) {
      const name = names[index] ?? '';
      await writePackage(join(folder, name), name, program);
      const inputs = inputTypes(program);
      const rows = events.map((event) => inputs.flatMap((type, element) => codeWords(event[element] ?? 0n, type)));
      await writeFile(join(folder, `${name}.in`), Buffer.from(BigInt64Array.from(rows.flat()).buffer));
      const makefile = await readFile(join(folder, name, 'Makefile'), 'utf8');
      for (const [, unit] of makefile.matchAll(/(kernels_\d+)\b/gu)) {
        const line = `#include "${name}/${unit ?? ''}.cc"`;
        if (!sources.includes(line)) sources.push(line);
      }
      sources.push(`#include "${name}/block.cc"`, `#include "${name}/model.cc"`);
    }
    sources.push(
      'template <class Model> void evaluate(const char *in, const char *out, std::size_t events, std::size_t inputs, std::size_t outputs) {',
      '  std::vector<std::int64_t> rows(events * inputs), results(events * outputs);',
      '  std::FILE *file = std::fopen(in, "rb");',
      '  if (std::fread(rows.data(), 8, rows.size(), file) != rows.size()) std::puts("short");',
      '  std::fclose(file);',
      '  Model model;',
      '  std::printf("%zu\\n", model.predict_many(rows.data(), results.data(), events));',
      '  file = std::fopen(out, "wb");',
      '  std::fwrite(results.data(), 8, results.size(), file);',
      '  std::fclose(file);',
      '}',
      'int main() {',
      ...members.map(
        ({ events }, index) =>
          `  evaluate<p${index}_emulator::Model>("p${index}.in", "p${index}.out", ${events.length}, p${index}_emulator::kInputWords, p${index}_emulator::kOutputWords);`,
      ),
      '}',
    );
    await writeFile(join(folder, 'all.cc'), `${sources.join('\n')}\n`);
    const warnings = ['-Wall', '-Wextra', '-Werror', '-Wno-psabi'];
    await run('g++', ['-std=c++17', '-O1', '-fwrapv', ...warnings, '-o', 'all', 'all.cc'], folder);
    const violations = (await run(join(folder, 'all'), [], folder)).trim().split('\n').map(Number);
    return Promise.all(
      members.map(async ({ program, events }, index) => {
        const types = program.outputs.flatMap((port) => port.types);
        const bytes = await readFile(join(folder, `p${index}.out`));
        const words = new BigInt64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
        let next = 0;
        const outputs = events.map(() =>
          types.map((type) => wordsCode([...words.slice(next, (next += wordsOf(type)))], type)),
        );
        return { outputs, violations: violations[index] ?? Number.NaN };
      }),
    );
  });
}

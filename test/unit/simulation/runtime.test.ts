import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileCpp, runtimeFiles } from '../../../src/simulation/verilator-wasm/compile-units.js';
import { firmwareSimulationFile } from '../../../src/system/temporary-folder.js';
import { findExecutable } from '../../../src/system/process.js';
import { Random } from '../../../src/support/random.js';
import {
  OPERAND_WORDS,
  PARTS_OF_OTHERS,
  RESULT_WORDS,
  RUNTIME_CASES,
  runtimeTestSource,
  type RuntimeCase,
} from './runtime-cases.js';

const TIMEOUT = 600_000;
const VECTORS = 64;
const POISON = 0xa5a5a5a5;

/** Operands of a case: corners of both with each other, then random ones. */
function operandPairs({ widths: [left, right], amounts }: RuntimeCase, random: Random): [bigint, bigint][] {
  const top = (width: number): bigint => (1n << BigInt(width)) - 1n;
  const corners = (width: number): bigint[] => [
    0n,
    1n & top(width),
    top(width),
    1n << BigInt(width - 1),
    top(width) >> 1n,
  ];
  const draw = (width: number): bigint => random.bigint(0n, top(width)) >> BigInt(random.integer(0, width - 1));
  const pairs: [bigint, bigint][] = [];
  if (amounts !== undefined) {
    for (const amount of amounts) for (const a of [...corners(left), draw(left), draw(left)]) pairs.push([a, amount]);
    return pairs;
  }
  for (const a of corners(left)) for (const b of corners(right)) pairs.push([a, b]);
  while (pairs.length < VECTORS) {
    const a = draw(left);
    // Equal operands are what comparisons turn on.
    pairs.push([a, random.integer(0, 3) === 0 && left === right ? a : draw(right)]);
  }
  return pairs;
}

function toWords(target: Uint32Array, offset: number, value: bigint): void {
  for (let word = 0; word < OPERAND_WORDS; word++)
    target[offset + word] = Number((value >> BigInt(32 * word)) & 0xffffffffn);
}

const random = new Random(20260522);
const PAIRS = RUNTIME_CASES.map((runtimeCase) => operandPairs(runtimeCase, random));
const OPERANDS = PAIRS.map((pairs) => {
  const operands = new Uint32Array(pairs.length * 2 * OPERAND_WORDS);
  pairs.forEach(([a, b], index) => {
    toWords(operands, index * 2 * OPERAND_WORDS, a);
    toWords(operands, (index * 2 + 1) * OPERAND_WORDS, b);
  });
  return operands;
});

/** Results of one case against its model: what differs first, or undefined. */
function firstDifference(
  runtimeCase: RuntimeCase,
  pairs: readonly [bigint, bigint][],
  results: Uint32Array,
): string | undefined {
  const { width, clean, model } = runtimeCase;
  const used = width <= 32 ? 1 : width <= 64 ? 2 : Math.ceil(width / 32);
  for (const [index, [a, b]] of pairs.entries()) {
    const row = results.subarray(index * RESULT_WORDS, (index + 1) * RESULT_WORDS);
    let value = 0n;
    for (let word = used - 1; word >= 0; word--) value = (value << 32n) | BigInt(row[word] ?? 0);
    const expected = BigInt.asUintN(width, model(a, b));
    const actual = clean ? value : BigInt.asUintN(width, value);
    const where = `${runtimeCase.call} with a = 0x${a.toString(16)}, b = 0x${b.toString(16)}`;
    if (actual !== expected) return `${where}: 0x${actual.toString(16)} instead of 0x${expected.toString(16)}`;
    if (row.subarray(used).some((word) => word !== POISON)) return `${where}: writes beyond its words`;
  }
  return undefined;
}

function compare(run: (index: number, operands: Uint32Array, count: number) => Uint32Array): void {
  const differences = RUNTIME_CASES.map((runtimeCase, index) => {
    const pairs = PAIRS[index] ?? [];
    return firstDifference(runtimeCase, pairs, run(index, OPERANDS[index] ?? new Uint32Array(), pairs.length));
  }).filter((difference) => difference !== undefined);
  expect(differences.slice(0, 10)).toEqual([]);
}

describe('the runtime of generated C++', () => {
  it('has a case for every operation', () => {
    const calls = RUNTIME_CASES.map((runtimeCase) => runtimeCase.call).join('\n');
    const defined = runtimeFiles()
      .filter(({ name }) => ['values.h', 'words.h', 'shifts.h', 'joins.h', 'model.h'].includes(name))
      .flatMap(({ text }) => [
        ...text.matchAll(/^[^/\n]*?(?:inline|TRIGC_WIDE|constexpr|void) [^(\n]*?\b(VL_\w+)\(/gmu),
      ])
      .map((match) => match[1] ?? '');
    expect(defined.length).toBeGreaterThan(150);
    const untested = defined.filter(
      (name) => !PARTS_OF_OTHERS.has(name) && !new RegExp(`\\b${name}\\(`, 'u').test(calls),
    );
    expect(untested).toEqual([]);
    expect(PAIRS.reduce((sum, pairs) => sum + pairs.length, 0)).toBeGreaterThan(20_000);
  });

  it('computes what bigints say, as WebAssembly', { timeout: TIMEOUT }, async () => {
    const harness = [
      'void trigcFail(const char*) { __builtin_trap(); }',
      `static uint32_t operands[${String(2 * OPERAND_WORDS * 4096)}];`,
      `static uint32_t results[${String(RESULT_WORDS * 4096)}];`,
      '#define EXPORT(name) extern "C" __attribute__((export_name(#name)))',
      'EXPORT(operandsAt) uint32_t* operandsAt() { return operands; }',
      'EXPORT(resultsAt) uint32_t* resultsAt() { return results; }',
      'EXPORT(run) void run(uint32_t index, uint32_t count) { runCase(index, operands, results, count); }',
    ];
    const unit = { name: 'cases', text: [runtimeTestSource(), ...harness, ''].join('\n') };
    const bytes = await compileCpp([unit], [], TIMEOUT);
    const { exports } = await instantiate(bytes);
    compare((index, operands, count) => {
      new Uint32Array(exports.memory.buffer, exports.operandsAt(), operands.length).set(operands);
      exports.run(index, count);
      return new Uint32Array(exports.memory.buffer, exports.resultsAt(), count * RESULT_WORDS);
    });
  });

  it('names an operation that it lacks', { timeout: TIMEOUT }, async () => {
    const unit = {
      name: 'lacking',
      text: '#include "verilated.h"\nIData use(IData x) { return VL_STREAML_FAST_III(8, x, 2); }\n',
    };
    await expect(compileCpp([unit], [], TIMEOUT)).rejects.toThrow(/clang failed: .*'VL_STREAML_FAST_III'/u);
  });
});

const noCompiler = (await findExecutable('g++')) === undefined;
describe.skipIf(noCompiler)('the runtime of generated C++, by g++', () => {
  it('computes what bigints say', { timeout: TIMEOUT }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'trigc-test-runtime-'));
    try {
      const main = [
        '#include <cstdio>',
        '#include <vector>',
        'void trigcFail(const char* message) { std::puts(message); __builtin_trap(); }',
        'int main() {',
        '  uint32_t head[2];',
        '  while (std::fread(head, 4, 2, stdin) == 2) {',
        `    std::vector<uint32_t> operands(head[1] * ${String(2 * OPERAND_WORDS)}), results(head[1] * ${String(RESULT_WORDS)});`,
        '    if (std::fread(operands.data(), 4, operands.size(), stdin) != operands.size()) return 1;',
        '    runCase(head[0], operands.data(), results.data(), head[1]);',
        '    std::fwrite(results.data(), 4, results.size(), stdout);',
        '  }',
        '}',
      ];
      writeFileSync(join(folder, 'cases.cpp'), [runtimeTestSource(), ...main, ''].join('\n'));
      const include = firmwareSimulationFile('runtime');
      // Warnings are errors and shifts out of range traps: what generated code meets there is not undefined.
      const flags = [
        '-std=c++17',
        '-O1',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-fsanitize=undefined',
        '-fsanitize-undefined-trap-on-error',
      ];
      const compilation = spawnSync('g++', [...flags, `-I${include}`, 'cases.cpp', '-o', 'cases'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(compilation.stderr.slice(0, 2000)).toBe('');
      const input = Buffer.concat(
        OPERANDS.flatMap((operands, index) => [
          Buffer.from(Uint32Array.of(index, PAIRS[index]?.length ?? 0).buffer),
          Buffer.from(operands.buffer),
        ]),
      );
      const { stdout, status, signal } = spawnSync(join(folder, 'cases'), { input, maxBuffer: 1 << 28 });
      expect([status, signal]).toEqual([0, null]);
      const words = new Uint32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
      let position = 0;
      compare((_index, _operands, count) => words.subarray(position, (position += count * RESULT_WORDS)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

interface CaseExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  operandsAt(): number;
  resultsAt(): number;
  run(index: number, count: number): void;
}

/** The library of types that this project uses does not know WebAssembly, Node does. */
async function instantiate(bytes: Uint8Array): Promise<{ exports: CaseExports }> {
  const { WebAssembly } = globalThis as unknown as {
    readonly WebAssembly: { instantiate(bytes: Uint8Array): Promise<{ instance: { exports: CaseExports } }> };
  };
  return (await WebAssembly.instantiate(bytes)).instance;
}

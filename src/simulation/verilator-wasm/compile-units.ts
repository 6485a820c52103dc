import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firmwareSimulationFile } from '../../system/temporary-folder.js';
import { runProcess } from '../../system/process.js';
import { logExcerpt, SimulationError } from '../simulation-error.js';
import type { PackedLayout } from '../packed.js';
import type { TextFile } from './translate.js';

/** Clang for a freestanding wasm32: nothing of a system is included, so that a missing operation is an error here. */
export const CLANG_ARGUMENTS: readonly string[] = [
  ...['-cc1', '-triple', 'wasm32-unknown-unknown', '-emit-obj', '-O1', '-std=c++17', '-ffreestanding'],
  ...['-target-feature', '+bulk-memory', '-fno-rtti', '-fvisibility=hidden', '-nostdsysteminc', '-w'],
  ...['-ferror-limit', '5', '-I', 'runtime', '-I', 'generated'],
];
/** The stack comes first, so that overflowing it is a trap and not a changed value. */
export const LINK_ARGUMENTS: readonly string[] = [
  ...['--no-entry', '--strip-all', '--gc-sections', '--stack-first', '-z', 'stack-size=8388608'],
];

/** Each instance of Clang takes some 400 MB. */
const MAXIMUM_UNITS = 4;
/** A unit takes about a second to start. */
const BYTES_PER_UNIT = 200_000;
/** What runs once is not optimised, so that a byte of it costs less. */
const COLD_SHARE = 0.5;

/** The runtime that generated code is compiled against, by file name. */
export function runtimeFiles(): readonly TextFile[] {
  const folder = join(firmwareSimulationFile('runtime'));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.h'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/** The last lines of the unit that holds the bench; `harness` names the file for the platform. */
export function benchLines(layout: PackedLayout, clocked: boolean, harness: string): readonly string[] {
  return [
    `#define TRIGC_STIMULUS_LIMBS ${String(layout.stimulusLimbs)}`,
    `#define TRIGC_RESPONSE_LIMBS ${String(layout.responseLimbs)}`,
    `#define TRIGC_CLOCKED ${clocked ? '1' : '0'}`,
    '#include "VDesign.h"',
    '#include "VDesign__Syms.h"',
    '#include "bench.h"',
    `#include "${harness}"`,
  ];
}

/**
 * Generated C++ files in up to `count` units of about equal cost. One unit parses the headers once, several compile at
 * the same time.
 */
export function balanceUnits(generated: readonly TextFile[], count: number): readonly (readonly string[])[] {
  const sources = generated
    .filter(({ name }) => name.endsWith('.cpp'))
    .map(({ name, text }) => ({ name, cost: text.length * (name.includes('__Slow') ? COLD_SHARE : 1) }))
    .sort((left, right) => right.cost - left.cost || (left.name < right.name ? -1 : 1));
  const total = sources.reduce((sum, { cost }) => sum + cost, 0);
  const units = Array.from({ length: Math.max(1, Math.min(count, Math.ceil(total / BYTES_PER_UNIT))) }, () => ({
    cost: 0,
    names: [] as string[],
  }));
  for (const { name, cost } of sources) {
    const lightest = units.reduce((best, unit) => (unit.cost < best.cost ? unit : best));
    lightest.cost += cost;
    lightest.names.push(name);
  }
  return units.map(({ names }) => names);
}

/**
 * Verilator's C++ (files `VDesign*`) with the runtime and the bench, as one WebAssembly module. Throws
 * `SimulationError` with the compiler's message where it refuses the code, which names an operation that the runtime
 * lacks.
 */
export async function compileToWasm(
  generated: readonly TextFile[],
  layout: PackedLayout,
  clocked: boolean,
  timeout: number,
): Promise<Uint8Array> {
  const groups = balanceUnits(generated, Math.min(availableParallelism(), MAXIMUM_UNITS));
  const bench = { name: 'bench', text: benchLines(layout, clocked, 'wasm-harness.h') };
  const units = groups.map((names, index) => ({
    name: `unit${String(index)}`,
    text: [
      '#include "verilated.h"',
      ...names.map((name) => `#include "${name}"`),
      // Harness and model in one unit: the last one is the lightest.
      ...(index === groups.length - 1 ? bench.text : []),
      '',
    ].join('\n'),
  }));
  return compileCpp(units, generated, timeout);
}

/**
 * C++ units against the runtime, linked to one WebAssembly module; `generated` are files that they include. Throws
 * `SimulationError` with the compiler's message.
 */
export async function compileCpp(
  units: readonly TextFile[],
  generated: readonly TextFile[],
  timeout: number,
): Promise<Uint8Array> {
  const folderOf = (files: readonly TextFile[]): Record<string, string> =>
    Object.fromEntries(files.map(({ name, text }) => [name, text]));
  const input = JSON.stringify({
    arguments: CLANG_ARGUMENTS,
    units,
    files: { generated: folderOf(generated), runtime: folderOf(runtimeFiles()) },
    link: LINK_ARGUMENTS,
  });
  const child = firmwareSimulationFile('clang-child.mjs');
  const result = await runProcess(process.execPath, ['--liftoff-only', child], { timeout, input });
  if (result.timedOut) {
    const seconds = String(timeout / 1000);
    throw new SimulationError('verilator-wasm', `clang did not finish in ${seconds} s`, result.stderr);
  }
  const answer = parseAnswer(result.stdout);
  if (answer?.ok !== true || answer.module === undefined) {
    const log = (answer?.log ?? '') + result.stderr;
    const ending = result.signal ?? `exit code ${String(result.code)}`;
    const reason = /^.*\berror: .*$/m.exec(log)?.[0].trim() ?? (answer === undefined ? ending : logExcerpt(log));
    throw new SimulationError('verilator-wasm', `clang failed: ${reason}`, log);
  }
  return Buffer.from(answer.module, 'base64');
}

function parseAnswer(
  text: string,
): { readonly ok: boolean; readonly log: string; readonly module?: string } | undefined {
  try {
    return JSON.parse(text) as { ok: boolean; log: string; module?: string };
  } catch {
    // It crashed or was killed before it could answer.
    return undefined;
  }
}

/** The version of the installed Clang package, undefined where there is none. */
export function clangPackageVersion(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve('@yowasp/clang');
    // The package exports no package.json; its entry point lies in gen/ beside it.
    const manifest = require(entry.replace(/gen[\\/][^\\/]*$/, 'package.json')) as { readonly version?: unknown };
    return typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined;
  }
}

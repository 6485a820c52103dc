import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HlsForm } from '../../src/backends/vitis-hls/emit.js';
import { testbenchFile } from '../../src/backends/vitis-hls/testbench.js';
import { cppPorts } from '../../src/backends/vitis-hls/emit.js';

/** One design of a bundle: compiled with others, as a tool run costs more than a design. */
export interface HlsMember {
  readonly top: string;
  readonly form: HlsForm;
  readonly stream: boolean;
  /** Codes of all input elements, by event; and of all outputs. */
  readonly events: readonly (readonly bigint[])[];
  readonly expected: readonly (readonly bigint[])[];
}

/** Warnings as in `trigc verify`; without optimisation, which costs more than it saves here. */
const suppressed = ['unknown-pragmas', 'unused-label', 'uninitialized', 'maybe-uninitialized'];
const flags = ['-std=c++17', '-O0', '-Wall', '-Wextra', '-Werror', ...suppressed.map((name) => `-Wno-${name}`)];

/** Compile all members into one program and run each on its events: what it said, by member. */
export async function simulateHlsBundle(
  folder: string,
  members: readonly HlsMember[],
  apTypes: string,
): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  cpSync(resolve('hls', 'trigc'), join(folder, 'trigc'), { recursive: true });
  const includes: string[] = [];
  for (const { top, form, stream, events, expected } of members) {
    for (const [name, text] of form.files) writeFileSync(join(folder, name), text);
    const bench = testbenchFile({
      top,
      header: '// test',
      inputs: cppPorts(top, form.inputs, stream),
      outputs: cppPorts(top, form.outputs, stream),
    });
    writeFileSync(join(folder, `${top}_test.cpp`), bench.replace('int main(', `int main_${top}(`));
    writeFileSync(join(folder, `${top}.in`), lines(events));
    writeFileSync(join(folder, `${top}.out`), lines(expected));
    includes.push(`#include "${top}.cpp"`, `#include "${top}_test.cpp"`);
  }
  const calls = members.map(
    ({ top }) => `    { char *a[] = {name, (char *)"${top}.in", (char *)"${top}.out"}; failed |= main_${top}(3, a); }`,
  );
  const main = `${includes.join('\n')}\nint main(int, char **argv) {\n    char *name = argv[0];\n    int failed = 0;\n${calls.join('\n')}\n    return failed;\n}\n`;
  writeFileSync(join(folder, 'main.cpp'), main);
  const run = promisify(execFile);
  await run('g++', [...flags, '-isystem', apTypes, '-I.', 'main.cpp', '-o', 'simulate'], {
    cwd: folder,
    maxBuffer: 1 << 26,
  });
  const outcome = await run('./simulate', [], { cwd: folder, maxBuffer: 1 << 26 }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  return `${outcome.stdout}${outcome.stderr}`.trim().split('\n');
}

function lines(rows: readonly (readonly bigint[])[]): string {
  return rows.map((row) => `${row.join(' ')}\n`).join('');
}

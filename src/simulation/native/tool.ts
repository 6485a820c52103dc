import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sourceFileNames } from '../check-design.js';
import type { SimulationDesign, SimulationEngineName } from '../engine.js';
import { findExecutable, runProcess, type ProcessResult } from '../../system/process.js';
import { SimulationError } from '../simulation-error.js';

/** Runs one step of a native engine; anything but exit code 0 is a `SimulationError` that quotes the tool. */
export async function runTool(
  engine: SimulationEngineName,
  program: string,
  argumentList: readonly string[],
  cwd: string,
  timeout: number,
): Promise<ProcessResult> {
  const path = await findExecutable(program);
  if (path === undefined) throw new SimulationError(engine, `${program} is not on PATH`);
  const result = await runProcess(path, argumentList, { cwd, timeout });
  const log = result.stdout + result.stderr;
  if (result.timedOut) {
    throw new SimulationError(engine, `${program} did not finish in ${String(timeout / 1000)} s`, log);
  }
  if (result.code !== 0) {
    // The first line that mentions an error, or names a place in VHDL, tells what to mend; later ones often follow.
    const reason =
      /^.*(?:\berror\b|\.vhd:\d+:\d+: ).*$/im.exec(log)?.[0].trim() ??
      result.signal ??
      `exit code ${String(result.code)}`;
    throw new SimulationError(engine, `${program} failed: ${reason}`, log);
  }
  return result;
}

/** The first line a tool prints about its version. */
export async function toolVersion(engine: SimulationEngineName, program: string, flag: string): Promise<string> {
  const { stdout } = await runTool(engine, program, [flag], '.', 60_000);
  return stdout.split('\n')[0]?.trim() ?? program;
}

/** Which of the programs are missing from PATH, as a reason, or undefined. */
export async function missingPrograms(programs: readonly string[]): Promise<string | undefined> {
  const found = await Promise.all(programs.map((program) => findExecutable(program)));
  const missing = programs.filter((_, index) => found[index] === undefined);
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not found on PATH`;
}

/** Writes the design's sources into a folder; returns their file names. */
export async function writeSources(folder: string, design: SimulationDesign): Promise<readonly string[]> {
  const names = sourceFileNames(design);
  await Promise.all(
    design.sources.map((source, index) => writeFile(join(folder, names[index] ?? 'source.v'), source.text)),
  );
  return names;
}

/** Throws if the tool warned about the file that instantiates the design: its ports are not what we were told. */
export function refuseBenchWarnings(
  engine: SimulationEngineName,
  design: SimulationDesign,
  log: string,
  benchFile: string,
): void {
  const line = log.split('\n').find((text) => text.includes(benchFile) && /warning/i.test(text));
  if (line !== undefined) {
    throw new SimulationError(engine, `the ports of ${design.top} differ from their description: ${line.trim()}`, log);
  }
}

/** The distinct warning lines of a log. */
export function warningLines(log: string): readonly string[] {
  return [
    ...new Set(
      log
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => /(?:^%|: )warning\b/i.test(line)),
    ),
  ];
}

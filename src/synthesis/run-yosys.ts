import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ProcessResult } from '../system/process.js';
import { findExecutable, runProcess } from '../system/process.js';
import { createTemporaryFolder, firmwareSimulationFile } from '../system/temporary-folder.js';
import type { FlowRequest } from './flow.js';
import { ADDER_MAP, yosysScript } from './flow.js';
import { SynthesisError } from './synthesis-error.js';

/** `wasm`: the pinned npm package, alike on every machine. `native`: the `yosys` on PATH, whatever its version. */
export const yosysEngines = ['wasm', 'native'] as const;
export type YosysEngine = (typeof yosysEngines)[number];

export interface YosysRun {
  readonly engine: YosysEngine;
  readonly request: Omit<FlowRequest, 'sources' | 'adderMap' | 'netlist'>;
  readonly sources: readonly { readonly name: string; readonly text: string }[];
  /** Milliseconds. */
  readonly timeout: number;
  /** Called with the title of each larger step of Yosys. */
  readonly onStep?: (step: string) => void;
}

/** `0.55`: the version of an engine. Throws SynthesisError where it is missing. */
export async function yosysVersion(engine: YosysEngine): Promise<string> {
  if (engine === 'wasm') return packageVersion();
  const { stdout } = await runProcess(await nativePath(), ['-V'], { timeout: 60_000 });
  const version = /^Yosys (\S+)/u.exec(stdout)?.[1];
  if (version === undefined) throw new SynthesisError('toolMissing', 'yosys does not tell its version');
  return version;
}

function packageVersion(): string {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve('@yowasp/yosys');
    // The package exports no package.json; its entry point lies in gen/ beside it.
    const manifest = require(entry.replace(/gen[\\/][^\\/]*$/u, 'package.json')) as { readonly version?: unknown };
    if (typeof manifest.version === 'string') return manifest.version;
  } catch {
    // Said below.
  }
  throw new SynthesisError('toolMissing', 'the npm package @yowasp/yosys is not installed');
}

async function nativePath(): Promise<string> {
  const path = await findExecutable('yosys');
  if (path === undefined) throw new SynthesisError('toolMissing', 'yosys is not on PATH');
  return path;
}

const ADDERS = 'trigc_adders.v';
const SCRIPT = 'trigc_script.ys';
const NETLIST = 'trigc_netlist.json';
/** Titles of steps, without the rest of the log, on standard error. */
const QUIET = ['-v', '2', '-s', SCRIPT];

/** The mapped netlist of a design, as parsed JSON of `write_json`. Throws SynthesisError. */
export async function runYosys(run: YosysRun): Promise<unknown> {
  const names = run.sources.map(({ name }) => name);
  // On standard output: the file system of the WebAssembly build copies a file at every write to it.
  const netlist = run.engine === 'wasm' ? '-' : NETLIST;
  const script = yosysScript({ ...run.request, sources: names, adderMap: ADDERS, netlist });
  const files = new Map(run.sources.map(({ name, text }) => [name, text]));
  files.set(ADDERS, ADDER_MAP).set(SCRIPT, script);
  const text = await (run.engine === 'wasm' ? runWebAssembly(run, files) : runNative(run, files));
  try {
    return JSON.parse(text);
  } catch {
    throw new SynthesisError('failed', 'Yosys ended without a netlist');
  }
}

async function runWebAssembly(run: YosysRun, files: ReadonlyMap<string, string>): Promise<string> {
  const request = { arguments: QUIET, files: Object.fromEntries(files), output: '-', progress: true };
  const result = await runProcess(process.execPath, [firmwareSimulationFile('yosys-child.mjs')], {
    timeout: run.timeout,
    input: JSON.stringify(request),
    onStandardError: stepReader(run.onStep),
  });
  refuseEnding(run, result);
  const answer = parseAnswer(result);
  if (answer.ok && answer.output !== undefined) return answer.output;
  // The linear memory of WebAssembly ends at 4 GiB: then an allocation fails or a trap ends the run.
  if (/bad_alloc|out of memory|memory access out of bounds|Invalid array length/iu.test(answer.log)) {
    throw new SynthesisError('outOfMemory', 'Yosys (WebAssembly) could not get more memory');
  }
  throw new SynthesisError('failed', reason(answer.log));
}

function parseAnswer(result: ProcessResult): { readonly ok: boolean; readonly log: string; readonly output?: string } {
  try {
    return JSON.parse(result.stdout) as { readonly ok: boolean; readonly log: string; readonly output?: string };
  } catch {
    if (result.stderr.includes('heap out of memory')) {
      throw new SynthesisError('outOfMemory', 'the process of Yosys (WebAssembly) ran out of memory');
    }
    throw new SynthesisError('failed', `the Yosys process ended without an answer (exit code ${String(result.code)})`);
  }
}

async function runNative(run: YosysRun, files: ReadonlyMap<string, string>): Promise<string> {
  const path = await nativePath();
  const folder = await createTemporaryFolder();
  try {
    for (const [name, text] of files) await writeFile(join(folder.path, name), text);
    const { timeout } = run;
    const options = { cwd: folder.path, timeout, onStandardError: stepReader(run.onStep) };
    const result = await runProcess(path, QUIET, options);
    refuseEnding(run, result);
    if (/bad_alloc|out of memory/iu.test(result.stderr)) {
      throw new SynthesisError('outOfMemory', 'Yosys could not get more memory');
    }
    if (result.code !== 0) throw new SynthesisError('failed', reason(result.stderr));
    return await readFile(join(folder.path, NETLIST), 'utf8');
  } finally {
    await folder.remove();
  }
}

function refuseEnding(run: YosysRun, result: ProcessResult): void {
  if (result.timedOut) throw new SynthesisError('timedOut', `Yosys did not finish in ${run.timeout / 1000} s`);
  if (result.signal === 'SIGKILL') {
    throw new SynthesisError('outOfMemory', 'Yosys was killed (SIGKILL), as systems do when memory runs out');
  }
  if (result.signal !== undefined) throw new SynthesisError('failed', `Yosys was ended by ${result.signal}`);
}

function reason(log: string): string {
  return (/^.*\bERROR:.*$/mu.exec(log)?.[0] ?? log.trim().split('\n').at(-1) ?? '').trim();
}

/** Passes lines such as `3.21. Executing ABC pass (…).` on, once each. */
function stepReader(onStep: YosysRun['onStep']): (text: string) => void {
  let rest = '';
  let last = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const step = /^[\d.]+\. (?:Executing )?(.{1,80})/u.exec(line)?.[1];
      if (step === undefined || step === last) continue;
      last = step;
      onStep?.(step);
    }
  };
}

import { codeRow } from '../backends/emulator/code-matrix.js';
import type { CodeMatrix } from '../backends/emulator/code-matrix.js';
import type { Emulator } from '../backends/emulator/emulator.js';
import { compileEmulator } from '../backends/emulator/emulator.js';
import type { InputPolicy } from '../data/event-port.js';
import { readEvents } from '../data/read-events.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { evaluateModel } from '../model/evaluate.js';
import type { ModelNodeOf } from '../model/kinds.js';
import { elementCount } from '../model/kinds.js';
import type { PortColumn } from '../report/manifest.js';
import { inputColumns } from '../report/manifest.js';
import { chooseEngine } from '../simulation/choose-engine.js';
import type { SimulationEngineName } from '../simulation/engine.js';
import { SimulationError } from '../simulation/simulation-error.js';
import { verifyDesign } from '../simulation/verify-design.js';
import type { CompiledFolder } from './compiled-folder.js';
import { openCompiledFolder } from './compiled-folder.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { describeMismatch, locateMismatch } from './locate-mismatch.js';
import { findSample } from './sample.js';
import { manifestHash, writeFigures } from './figure-folder.js';
import { progress } from './progress.js';
import { simulationDesign, sourcePaths, wiredElements } from './simulation-design.js';
import { coverageWarnings } from './verify-coverage.js';
import type { VerifyOutcome } from './verify-report.js';
import { describeProtocol, isRight, jsonResult, measuredFigures, summary } from './verify-report.js';
import { drawFor } from './vectors.js';
import type { WaveArguments } from './write-waves.js';
import { writeWaves } from './write-waves.js';

export interface VerifyArguments {
  readonly folder: string;
  readonly input?: string | undefined;
  readonly codes: boolean;
  readonly policy: InputPolicy;
  readonly expect?: string | undefined;
  readonly vectors: number;
  readonly seed: number;
  /** hls: C simulation of the C++, and no RTL. */
  readonly engine: 'auto' | 'hls' | SimulationEngineName;
  /** Folder with the vendor's headers of ap_fixed, for C simulation. */
  readonly apTypes?: string | undefined;
  readonly json: boolean;
  readonly waves?: WaveArguments | undefined;
}

/** Events that are also evaluated by the BigInt oracle, so that the fast evaluator is checked in every run. */
const ORACLE_EVENTS = 64;

/** `trigc verify`: the Verilog or VHDL of a compiled folder against the emulator of its final ModelGraph, bit for bit. */
export async function verifyCommand(arguments_: VerifyArguments, console: Console): Promise<number> {
  const compiled = openCompiledFolder(arguments_.folder);
  showDiagnostics(console, compiled.diagnostics);
  // Early: a folder without Verilog has none to show.
  const waves =
    arguments_.waves === undefined ? undefined : { ...arguments_.waves, design: simulationDesign(compiled) };
  const measured = manifestHash(compiled.folder);
  const columns = inputColumns(compiled.graph);
  const stimulus = await readStimulus(arguments_, columns, console);
  if (stimulus.rows === 0) fail(commandCodes.noVectors, 'there are no input events');

  const emulator = compileEmulator(compiled.graph, { countBranches: true });
  const run = emulator.run(stimulus);
  if (run.violations.length > 0) reportViolations(run.violations, compiled, arguments_);
  checkOracle(compiled, stimulus, run.output);
  const expectedMismatches = await compareExpected(arguments_, emulator, run.output, console);

  if (arguments_.engine === 'hls') {
    const { verifyHls } = await import('./verify-hls.js');
    const { apTypes, json } = arguments_;
    const hls = { compiled, stimulus, expected: run.output, expectedMismatches, apTypes, manifest: measured, json };
    return verifyHls(hls, console);
  }
  const { engine, passedOver } = await choose(preferredEngine(arguments_.engine, compiled));
  for (const { name, reason } of passedOver) console.note(`engine ${name} is not used: ${reason}`);
  const design = simulationDesign(compiled, engine.language);
  const { latency, initiationInterval: interval } = compiled.manifest;
  const [inputs, outputs] = [wiredElements(compiled.manifest.inputs), wiredElements(compiled.manifest.outputs)];
  const shown = progress(`engine ${engine.name}: preparing`, undefined);
  const result = await simulate(async () => {
    const prepared = await engine.prepare(design);
    try {
      shown.at(`engine ${engine.name}: simulating ${stimulus.rows.toLocaleString('en')} vectors`);
      return await verifyDesign(
        { design, inputs, outputs, stimulus, expected: run.output, latency, interval },
        prepared,
      );
    } finally {
      await prepared.close();
    }
  }).finally(shown.done);

  for (const warning of result.warnings.slice(0, 5)) console.note(`engine ${engine.name}: ${printable(warning)}`);
  if (result.first !== undefined) {
    console.note(describeMismatch(result.first));
    console.note(await locateMismatch(compiled, codeRow(stimulus, result.first.vector)));
  }
  for (const line of describeProtocol(result, latency)) console.note(line);
  const coverage = { events: stimulus.rows, branches: run.branches };
  showDiagnostics(console, coverageWarnings(coverage));
  const outcome: VerifyOutcome = {
    coverage,
    result,
    mismatches: Math.max(result.mismatches, expectedMismatches),
    claimedLatency: latency,
    claimedInterval: interval,
    engine: { name: engine.name, version: await engine.version() },
  };
  console.result(arguments_.json ? jsonResult(outcome) : summary(outcome));
  writeFigures(compiled.folder, 'verify', measuredFigures(outcome), measured);
  if (waves !== undefined) {
    await choose('yosys');
    console.note(await simulate(() => writeWaves(waves, compiled, waves.design, result)));
    if (engine.language === 'vhdl') console.note(`the waveform is of the Verilog; ${engine.name} read the VHDL`);
  }
  return isRight(outcome) ? exitCode.ok : exitCode.checkFailed;
}

async function readStimulus(
  arguments_: VerifyArguments,
  columns: readonly PortColumn[],
  console: Console,
): Promise<CodeMatrix> {
  if (arguments_.input !== undefined) {
    const { codes, policy } = arguments_;
    return unwrap(await readEvents(arguments_.input, columns, { codes, policy }));
  }
  const sample = findSample(arguments_.folder);
  const drawn = await drawFor(columns, arguments_.vectors, arguments_.seed, sample);
  showDiagnostics(console, drawn.diagnostics);
  console.note(`no --input: ${arguments_.vectors} vectors drawn, ${drawn.description}`);
  return drawn.matrix;
}

function reportViolations(
  violations: readonly { readonly count: number; readonly firstEvent: number; readonly firstElement: number }[],
  compiled: CompiledFolder,
  arguments_: VerifyArguments,
): never {
  const count = violations.reduce((sum, violation) => sum + violation.count, 0);
  const [first] = violations;
  const where = first === undefined ? '' : `, first in event ${first.firstEvent}, element ${first.firstElement}`;
  return fail(commandCodes.promiseViolated, `${count} values break a promise about the inputs${where}`, {
    model: printable(arguments_.input ?? compiled.folder),
  });
}

/** The fast evaluator against the oracle on the first events. */
function checkOracle(compiled: CompiledFolder, stimulus: CodeMatrix, output: CodeMatrix): void {
  const sizes = compiled.graph.nodes
    .filter((node): node is ModelNodeOf<'input'> => node.kind === 'input')
    .map((node) => elementCount(node.shape));
  for (let row = 0; row < Math.min(ORACLE_EVENTS, stimulus.rows); row++) {
    const codes = codeRow(stimulus, row);
    let start = 0;
    const inputs = sizes.map((size) => codes.slice(start, (start += size)));
    const exact = evaluateModel(compiled.graph, inputs).outputs.flat();
    const fast = codeRow(output, row);
    const wrong = exact.findIndex((code, index) => code !== fast[index]);
    if (wrong < 0) continue;
    const message = `event ${row}, output element ${wrong}: ${exact[wrong] ?? ''} by the oracle, ${fast[wrong] ?? ''} by the emulator`;
    fail(commandCodes.evaluatorsDisagree, message, { model: printable(compiled.folder) });
  }
}

/** Events whose emulated outputs differ from the codes of `--expect`. */
async function compareExpected(
  arguments_: VerifyArguments,
  emulator: Emulator,
  output: CodeMatrix,
  console: Console,
): Promise<number> {
  if (arguments_.expect === undefined) return 0;
  const columns = emulator.outputTypes.map((type, element) => ({
    name: 'expected',
    element,
    type,
    rounding: 'TRN' as const,
    overflow: 'WRAP' as const,
  }));
  const given = unwrap(await readEvents(arguments_.expect, columns, { codes: true, policy: 'exact' }));
  if (given.rows !== output.rows) {
    const message = `${given.rows} rows of expected outputs for ${output.rows} events`;
    fail(commandCodes.expectedShape, message, { model: printable(arguments_.expect) });
  }
  let mismatches = 0;
  for (let row = 0; row < given.rows; row++) {
    const wanted = codeRow(given, row);
    const actual = codeRow(output, row);
    const wrong = wanted.findIndex((code, index) => code !== actual[index]);
    if (wrong < 0) continue;
    if (mismatches++ > 0) continue;
    console.note(
      `emulator and ${printable(arguments_.expect)} differ first in event ${row}, element ${wrong}: ` +
        `expected ${wanted[wrong] ?? ''}, emulated ${actual[wrong] ?? ''}`,
    );
  }
  if (mismatches > 0) console.note(`${mismatches} of ${given.rows} events differ from the expected outputs`);
  return mismatches;
}

type RtlEngine = 'auto' | SimulationEngineName;

/** A folder of VHDL alone leaves one choice. */
function preferredEngine(preference: RtlEngine, compiled: CompiledFolder): RtlEngine {
  return preference === 'auto' && sourcePaths(compiled, 'verilog').length === 0 ? 'ghdl' : preference;
}

async function choose(preference: RtlEngine): ReturnType<typeof chooseEngine> {
  try {
    return await chooseEngine(preference);
  } catch (error) {
    if (error instanceof SimulationError) fail(commandCodes.toolMissing, printable(error.message));
    throw error;
  }
}

/** A tool that refuses or fails on the emitted text. */
async function simulate<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    const log = error.log.trim().split('\n').slice(0, 6).map(printable).join('\n    ');
    return fail(
      commandCodes.designRefused,
      `${error.engine}: ${printable(error.message)}${log === '' ? '' : `\n    ${log}`}`,
    );
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { codeRow } from '../backends/emulator/code-matrix.js';
import { compileEmulator } from '../backends/emulator/emulator.js';
import { emitEmulatorPackage } from '../backends/cpp-emulator/emit.js';
import { passedPorts } from '../backends/cpp-emulator/passed-types.js';
import { emitVerilog } from '../backends/verilog/emit.js';
import type { InputPromise } from '../backends/verilog/testbench.js';
import { emitVhdl } from '../backends/vhdl/emit.js';
import { EXPECTED_FILE, formatVectors, STIMULUS_FILE } from '../backends/verilog/testbench.js';
import type { Compilation, CompileRequest } from '../compiler.js';
import { compile } from '../compiler.js';
import type { Config } from '../config/config.js';
import { unpackingOf } from '../config/apply-input.js';
import { emptyConfig } from '../config/config.js';
import type { CommandLine, Settings } from '../config/settings.js';
import { resolveSettings } from '../config/settings.js';
import { printDesign } from '../design/print.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { DiagnosticError, fail, unwrap } from '../diagnostics/result.js';
import { loadModelFile } from '../importers/onnx/load.js';
import type { DesignModules } from '../lowering/rtl/modules.js';
import type { NetlistProvenance } from '../lowering/rtl/netlist.js';
import { buildNetlist } from '../lowering/rtl/netlist.js';
import type { ResourceEstimate } from '../lowering/estimate/estimate-design.js';
import { countOperations } from '../model/count-operations.js';
import type { ModelGraph } from '../model/kinds.js';
import { printModel } from '../model/print.js';
import { printEffort, SOLVER_VERSION } from '../passes/dataflow/distributed-arithmetic/options.js';
import { emptyPlan } from '../passes/model/precision/plan.js';
import type { Unpacking } from '../passes/model/unpack-words.js';
import type { CalibrationOptions } from '../precision/calibration/choose-types.js';
import type { PrunedLayer } from '../precision/pruning/prune-graph.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import type { MeasuredFigures } from '../report/figure-file.js';
import { printFigureFile } from '../report/figure-file.js';
import type { Manifest } from '../report/manifest.js';
import { inputColumns, MANIFEST_VERSION, manifestDecisions, manifestPorts } from '../report/manifest.js';
import type { Report } from '../report/report.js';
import { buildReport, printReport } from '../report/report.js';
import { describeReuse, reuseRows } from '../report/reuse-table.js';
import { resourceSummary } from '../report/resource-report.js';
import { cacheFolder } from '../system/content-cache.js';
import { isSystemError } from '../system/system-error.js';
import { version } from '../version.js';
import { adjustedWeights } from './adjust-weights.js';
import { DESIGN_TEXT_FILE, FLOAT_TEXT_FILE, MODEL_TEXT_FILE, sha256, TYPED_TEXT_FILE } from './compiled-folder.js';
import { compileRequest, importerOf, modelName } from './compile-request.js';
import type { HlsOutput } from './write-hls.js';
import type { CalibratedData, MeasuredData } from './calibrate-data.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { CALIBRATION_FIGURES, FIGURES_FOLDER } from './figure-folder.js';
import { HLS_FIGURES, hlsSummary } from './hls-summary.js';
import { htmlReport } from './compiled-report.js';
import { HTML_REPORT_FILE } from './html-report.js';
import type { OutputFile } from './output-folder.js';
import { checkOutputFolder, MANIFEST_FILE, writeOutputFolder } from './output-folder.js';
import type { PruningArguments } from './prune-on-data.js';
import { samplePacking } from './pack-sample.js';
import { precisionOf, withGoals } from './choose-precision.js';
import { PRECISION_FILE, printedPrecision } from './precision-source.js';
import { progress } from './progress.js';
import { beyondResources, estimateResources } from './resource-limits.js';
import { sampleBeside } from './sample.js';
import type { SearchArguments } from './search-setup.js';
import { SolutionStore } from './solution-store.js';
import { SolveThreads } from './solve-threads.js';
import { loadTemplate } from './template-loader.js';
import { drawFor } from './vectors.js';

export interface CompileArguments extends CommandLine {
  readonly model: string;
  readonly output: string;
  readonly config?: string | undefined;
  /** File with types that an earlier search has found. */
  readonly precision?: string | undefined;
  /** Part of the LUTs of constant products that pruning is to save, with the events that say what matters. */
  readonly prune?: PruningArguments | undefined;
  /** Goals, and the events that they are measured on. */
  readonly search?: SearchArguments | undefined;
  /** Events that types are chosen from, and that the compiled model is tried on. */
  readonly calibration?: { readonly path: string; readonly options: CalibrationOptions } | undefined;
  readonly strict: boolean;
  /** One line of JSON instead of one for people. */
  readonly json: boolean;
  /** Threads of the search, this one included; as many as there are processors where not given. */
  readonly threads?: number | undefined;
  /** Scalar operations beyond which a model is refused; the default limit where not given. */
  readonly maximumOperations?: number | undefined;
  /** Whether solutions of earlier compilations are read, and new ones kept. */
  readonly cache: boolean;
}

/** Vectors of the emitted testbench, and scalar operations that all of them together may take: some seconds. */
const TESTBENCH_VECTORS = 1000;
const TESTBENCH_OPERATIONS = 3e8;
const FEWEST_VECTORS = 20;

function testbenchVectors(graph: ModelGraph): number {
  const operations = countOperations(graph).reduce((sum, layer) => sum + layer.operations, 1);
  return Math.max(FEWEST_VECTORS, Math.min(TESTBENCH_VECTORS, Math.floor(TESTBENCH_OPERATIONS / operations)));
}

/** `trigc compile`: one ONNX file to a folder of Verilog with everything that verifies it. */
export async function compileCommand(arguments_: CompileArguments, console: Console): Promise<number> {
  const started = performance.now();
  checkOutputFolder(arguments_.output);
  const { config, configBytes } = await readConfig(arguments_.config);
  await checkBudgets([...config.goals, ...config.budgets]);
  const settings = unwrap(resolveSettings(config, arguments_, modelName(arguments_.model)));
  const loaded = unwrap(loadModelFile(arguments_.model));
  const modelHash = sha256(loaded.bytes);
  const plain = {
    ...compileRequest(arguments_.model, loaded, config, settings),
    importer: await importerOf(arguments_.model),
  };
  const search = withGoals(arguments_.search, config.goals);
  const precision = await precisionOf({ ...arguments_, search }, plain, settings, modelHash, console);
  const { prune, precision: precisionPath = '' } = arguments_;
  const weights = await adjustedWeights(prune, precision, precisionPath, plain, settings.seed);
  const floating: CompileRequest = {
    ...plain,
    ...(precision === undefined ? {} : { typing: { ...plain.typing, precision: precision.plan } }),
    ...(weights === undefined ? {} : { adjust: weights.adjust }),
    ...(arguments_.maximumOperations === undefined ? {} : { maximumOperations: arguments_.maximumOperations }),
  };
  const data = await calibratedData(floating, arguments_);
  const plan = data?.calibration.plan ?? precision?.plan;
  const request = plan === undefined ? floating : { ...floating, typing: { ...floating.typing, precision: plan } };
  const { compiled, cacheNotes } = await compileHere(request, arguments_);
  const measured = compiled.ok ? await measuredOnData(data, compiled.value) : undefined;
  const diagnostics = [...(data?.diagnostics ?? []), ...compiled.diagnostics, ...(measured?.diagnostics ?? [])];
  showDiagnostics(console, [...diagnostics, ...cacheNotes]);
  if (!compiled.ok) return exitCode.badInput;
  if (arguments_.strict) refuseWarnings(diagnostics);
  const resources = estimateResources(compiled.value.design, settings);
  const beyond = beyondResources(compiled.value, resources, request, settings);
  if (beyond.length > 0) throw new DiagnosticError(beyond);

  const precisionText = printedPrecision(modelHash, plan ?? emptyPlan, weights?.constants() ?? new Map());
  const hashes = { model: modelHash, config: configBytes === undefined ? undefined : sha256(configBytes) };
  const { files, notes, report, hlsEstimate } = await outputFiles(arguments_, settings, compiled.value, diagnostics, {
    hashes,
    budgets: config.budgets,
    config,
    unpacking: unpackingOf(config),
    precision: precisionText,
    pruned: weights?.layers(),
    measured: measured?.figures,
    resources,
  });
  showDiagnostics(console, notes);
  if (arguments_.strict) refuseWarnings(notes);
  writeOutputFolder(arguments_.output, files);
  const { latency } = compiled.value.design.schedule;
  const period = settings.clockPeriod;
  const seconds = (performance.now() - started) / 1000;
  if (report.reuse !== undefined) console.note(describeReuse(report.reuse));
  console.note(resourceSummary(report));
  if (hlsEstimate !== undefined) console.note(hlsSummary(hlsEstimate));
  if (arguments_.json) {
    console.result(jsonResult(arguments_.output, report, seconds));
    return exitCode.ok;
  }
  console.result(
    `compiled ${printable(arguments_.model)} to ${printable(arguments_.output)}: top ${settings.topName}, ` +
      `latency ${latency} cycles (${Number((latency * period).toFixed(3))} ns), II ${settings.initiationInterval}, clock ${Number(period.toFixed(4))} ns, ` +
      `target ${settings.target.name}, in ${seconds.toFixed(2)} s`,
  );
  return exitCode.ok;
}

/** What the data set says about the types. Few compilations have one: its code is loaded where it is needed. */
async function calibratedData(
  request: CompileRequest,
  { calibration }: CompileArguments,
): Promise<CalibratedData | undefined> {
  if (calibration === undefined) return undefined;
  const { calibrateOnData } = await import('./calibrate-data.js');
  return calibrateOnData(request, calibration.path, calibration.options);
}

/** C++ for Vitis HLS where it is asked for; its code is loaded then. */
async function hlsSources(
  compilation: Compilation,
  settings: Settings,
  config: Config,
  provenance: NetlistProvenance,
  vectors: readonly { readonly inputs: readonly bigint[]; readonly outputs: readonly bigint[] }[],
): Promise<HlsOutput> {
  if (settings.hlsForm === 'none') return { files: [] };
  const { hlsFiles } = await import('./write-hls.js');
  return hlsFiles(compilation, settings, config, provenance, vectors);
}

/** What the compiled model does to the data set. */
async function measuredOnData(
  data: CalibratedData | undefined,
  compilation: Compilation,
): Promise<MeasuredData | undefined> {
  if (data === undefined) return undefined;
  const { measureOnData } = await import('./calibrate-data.js');
  return measureOnData(data, compilation);
}

function jsonResult(folder: string, report: Report, seconds: number): string {
  const { figures, segments, resources, target, part } = report;
  const line = { schema: 'trigc-compile', version: 1, folder, target, part, seconds, figures, segments, resources };
  return JSON.stringify(line);
}

/** Compile with what this machine offers. Its notes stay out of the report, which is the same on every machine. */
async function compileHere(
  request: CompileRequest,
  { threads, cache }: CompileArguments,
): Promise<{ compiled: Result<Compilation>; cacheNotes: readonly Diagnostic[] }> {
  const shown = progress('finding adders', 1);
  const solved = (share: number): void => shown.at('finding adders', share);
  const workers = new SolveThreads(threads ?? availableParallelism(), { solved });
  const store = cache ? new SolutionStore(cacheFolder(process.env)) : undefined;
  try {
    const now = (): number => performance.now();
    const compiled = compile(request, { workers, now, ...(store === undefined ? {} : { store }) });
    return { compiled, cacheNotes: store?.close() ?? [] };
  } finally {
    shown.done();
    await workers.close();
  }
}

export async function readConfig(
  path: string | undefined,
): Promise<{ config: Config; configBytes: Uint8Array | undefined }> {
  if (path === undefined) return { config: emptyConfig, configBytes: undefined };
  // The reader of YAML takes longer to load than to read.
  const { parseConfig } = await import('../config/parse-config.js');
  try {
    const configBytes = readFileSync(path);
    return { config: unwrap(parseConfig(configBytes.toString('utf8'), path)), configBytes };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return fail(commandCodes.configNotReadable, error.code, { model: printable(path) });
  }
}

/** A budget that cannot be understood is told now, not when the figures are there. Few configurations have any. */
async function checkBudgets(budgets: readonly DeclaredBudget[]): Promise<void> {
  if (budgets.length === 0) return;
  const { checkDeclared } = await import('./check-command.js');
  const problems = checkDeclared(budgets);
  if (problems.length > 0) throw new DiagnosticError(problems);
}

function refuseWarnings(diagnostics: readonly Diagnostic[]): void {
  const warnings = diagnostics.filter((diagnostic) => diagnostic.severity === 'warning');
  if (warnings.length === 0) return;
  throw new DiagnosticError(
    warnings.map(({ code, message, location }) =>
      diagnose(commandCodes.strictWarning, `${code}: ${message}`, location),
    ),
  );
}

/** SHA-256 of what was compiled; `config`: of its text, undefined without one. */
interface Hashes {
  readonly model: string;
  readonly config: string | undefined;
}

async function outputFiles(
  arguments_: CompileArguments,
  settings: Settings,
  compilation: Compilation,
  diagnostics: readonly Diagnostic[],
  {
    hashes,
    budgets,
    config,
    unpacking,
    precision,
    pruned,
    measured,
    resources,
  }: {
    readonly hashes: Hashes;
    readonly budgets: Config['budgets'];
    readonly config: Config;
    readonly unpacking: Unpacking;
    readonly precision: string | undefined;
    readonly pruned: readonly PrunedLayer[] | undefined;
    readonly measured: MeasuredFigures | undefined;
    readonly resources: ResourceEstimate;
  },
): Promise<{
  files: readonly OutputFile[];
  notes: readonly Diagnostic[];
  report: Report;
  hlsEstimate: MeasuredFigures | undefined;
}> {
  const { graph, design } = compilation;
  // Types that a search has found, and pruned weights, decide the function as much as declared types do.
  const configHash = precision === undefined ? hashes.config : sha256(`${hashes.config ?? ''}${precision}`);
  const provenance = { version, model: graph.name, modelHash: hashes.model, configHash: configHash ?? 'none' };
  const modules = buildNetlist(design, provenance);
  const columns = inputColumns(graph);
  const sample = sampleBeside(arguments_.model);
  const { unpacked } = compilation;
  const packing = unpacked === undefined ? undefined : samplePacking(inputColumns(unpacked), columns, unpacking);
  const vectors = await drawFor(columns, testbenchVectors(graph), settings.seed, sample, packing);
  const expected = compileEmulator(graph).run(vectors.matrix).output;

  const [stimulus, results] = [rowsOf(vectors.matrix), rowsOf(expected)];
  const checkVectors = stimulus.map((codes, index) => ({ inputs: codes, outputs: results[index] ?? [] }));

  const { language, packaging } = settings;
  const hardware = {
    design,
    provenance,
    promises: promisesOf(modules, columns),
    ...(settings.part.capacity === undefined ? {} : { part: settings.part.name }),
    clockPeriod: settings.clockPeriod,
    inputDelay: settings.inputDelay,
    outputDelay: settings.outputDelay,
    dsp: settings.dsp,
  };
  const context = { template: loadTemplate };
  const hls = await hlsSources(compilation, settings, config, provenance, checkVectors);
  const vhdlOptions = { ...hardware, packaging, vivado: language === 'vhdl' };
  const sources = [
    ...(language === 'vhdl' ? [] : emitVerilog(modules, hardware, context)),
    ...(language === 'verilog' ? [] : emitVhdl(modules, vhdlOptions, context)),
    ...(settings.emulatorPackage
      ? emitEmulatorPackage(
          design,
          { provenance, vectors: checkVectors, passed: unwrap(passedPorts(design.program, config.emulator.types)) },
          context,
        )
      : []),
    ...hls.files,
  ];
  const files: OutputFile[] = [
    ...sources.map(({ path, text }) => ({ path, content: text })),
    { path: STIMULUS_FILE, content: formatVectors(stimulus, modules.inputs) },
    { path: EXPECTED_FILE, content: formatVectors(results, modules.outputs) },
    { path: MODEL_TEXT_FILE, content: printModel(graph) },
    { path: TYPED_TEXT_FILE, content: printModel(compilation.typed) },
    { path: FLOAT_TEXT_FILE, content: printModel(compilation.float) },
    { path: DESIGN_TEXT_FILE, content: printDesign(design) },
    ...(precision === undefined ? [] : [{ path: PRECISION_FILE, content: precision }]),
  ];
  if (packing !== undefined && vectors.sample.length > 0) {
    // As words, which is what the columns of event files are now.
    files.push({ path: 'sample.csv', content: `${vectors.sample.map((row) => row.join()).join('\n')}\n` });
  } else if (sample !== undefined && vectors.diagnostics.length === 0 && existsSync(sample)) {
    files.push({ path: basename(sample), content: readFileSync(sample) });
  }

  const base: Omit<Manifest, 'files'> = {
    schema: 'trigc-manifest',
    version: MANIFEST_VERSION,
    compiler: version,
    name: graph.name,
    top: design.name,
    model: { file: basename(arguments_.model), sha256: hashes.model },
    config:
      arguments_.config === undefined || hashes.config === undefined
        ? null
        : { file: basename(arguments_.config), sha256: hashes.config },
    target: { name: settings.target.name, part: settings.part.name },
    search: {
      effort: printEffort(settings.effort),
      seed: settings.seed,
      depthSlack: settings.depthSlack,
      mostDepthSlack: settings.mostDepthSlack,
      solver: SOLVER_VERSION,
    },
    clock: { periodNanoseconds: settings.clockPeriod, port: modules.modules[0]?.clock ?? null },
    latency: design.schedule.latency,
    initiationInterval: design.initiationInterval,
    interface: design.interface,
    ...manifestPorts(graph, modules, compilation.scales),
    ...(compilation.decisions.length === 0 ? {} : { decisions: manifestDecisions(compilation.decisions) }),
    names: modules.names,
  };
  const threeOperandAdders = settings.threeOperandAdders;
  const reuse = reuseRows(design, resources.units ?? []);
  const estimate = { resources, threeOperandAdders, capacity: settings.part.capacity, reuse };
  const report = buildReport(compilation, estimate, base, diagnostics, budgets, pruned);
  files.push({ path: 'report.json', content: `${JSON.stringify(report, null, 2)}\n` });
  files.push({ path: 'report.md', content: printReport(report) });
  const manifest: Manifest = { ...base, files: files.map(({ path, content }) => ({ path, sha256: sha256(content) })) };
  const figures = [
    ...(measured === undefined ? [] : [{ path: `${FIGURES_FOLDER}/${CALIBRATION_FIGURES}.json`, file: measured }]),
    ...(hls.estimate === undefined ? [] : [{ path: `${FIGURES_FOLDER}/${HLS_FIGURES}.json`, file: hls.estimate }]),
  ];
  files.push({ path: HTML_REPORT_FILE, content: await htmlReport(compilation, report, base, figures) });
  const manifestText = `${JSON.stringify(manifest, null, 2)}\n`;
  files.push({ path: MANIFEST_FILE, content: manifestText });
  for (const { path, file } of figures) files.push({ path, content: printFigureFile(file, sha256(manifestText)) });
  return { files, notes: vectors.diagnostics, report, hlsEstimate: hls.estimate };
}

function rowsOf(matrix: Parameters<typeof codeRow>[0]): readonly (readonly bigint[])[] {
  return Array.from({ length: matrix.rows }, (_, row) => codeRow(matrix, row));
}

function promisesOf(modules: DesignModules, columns: ReturnType<typeof inputColumns>): readonly InputPromise[] {
  const elements = modules.inputs.flatMap((port) => port.elements);
  return columns.flatMap(({ promised, fields = [] }, index) => {
    const element = elements[index];
    if (element === undefined) return [];
    const { port, low, clock = 0 } = element;
    const own = promised === undefined ? [] : [{ low: 0, type: element.type, promised }];
    return [...own, ...fields].map((field) => {
      const { width, signed } = field.type;
      return { port, low, clock, bit: field.low, width, signed, range: field.promised };
    });
  });
}

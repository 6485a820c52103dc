import { arithmeticCodes } from './diagnostics/codes/arithmetic.js';
import { scheduleCodes } from './diagnostics/codes/schedule.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { diagnose } from './diagnostics/diagnostic.js';
import type { Result } from './diagnostics/result.js';
import { DiagnosticBag, failure, success } from './diagnostics/result.js';
import { threeOperandSums } from './dataflow/three-operand-sums.js';
import { verifyProgram } from './dataflow/verify.js';
import type { Design, DesignInterface } from './design/design.js';
import type { ImportedModel, ImportOptions, ModelSummary } from './importers/onnx/import.js';
import { importOnnx } from './importers/onnx/import.js';
import { estimateKernel } from './lowering/estimate/estimate-kernel.js';
import type { EstimateOptions } from './lowering/estimate/estimate-kernel.js';
import { lowerModel } from './lowering/model/lower-model.js';
import type { ScheduleOptions, ScheduleResult } from './lowering/schedule/schedule-program.js';
import { scheduleProgram } from './lowering/schedule/schedule-program.js';
import { inputParts } from './lowering/sequence/input-parts.js';
import { sequenceProgram } from './lowering/sequence/sequence-program.js';
import type { ModelGraph } from './model/kinds.js';
import { verifyModel } from './model/verify.js';
import { finishingPasses, sharedPasses } from './passes/dataflow/pipelines.js';
import type { SolveOptions } from './passes/dataflow/distributed-arithmetic/options.js';
import type { TypingOptions } from './passes/model/assign-types.js';
import type { Decision, DecisionDeclaration } from './passes/model/add-decisions.js';
import { addDecisions, resolveDecision } from './passes/model/add-decisions.js';
import { accumulatorPipeline, floatPipeline, layeredPipeline, modelPipeline } from './passes/model/pipelines.js';
import { DEFAULT_MAXIMUM_OPERATIONS, refuseTooLarge } from './passes/model/refuse-too-large.js';
import type { PortScale } from './passes/model/scaled-inputs.js';
import type { Unpacking } from './passes/model/unpack-words.js';
import { unpackWords } from './passes/model/unpack-words.js';
import { warnWraps } from './passes/model/warn-wraps.js';
import type { PassContext, PassStatistic } from './passes/pass.js';
import { runPipeline } from './passes/pass.js';
import type { DeclaredReuse, Sequencing } from './design/sequencing.js';
import type { Program } from './dataflow/program.js';

/** What to compile, and for what: everything is explicit, nothing is read from the environment. */
export interface CompileRequest {
  readonly bytes: Uint8Array;
  readonly importing: ImportOptions;
  /** Reads the bytes; ONNX where not given. */
  readonly importer?: (bytes: Uint8Array, options: ImportOptions) => Result<ImportedModel>;
  readonly typing: TypingOptions;
  /** A last change of the numbers, once all types are settled: given the typed graph and the scales of its ports. */
  readonly adjust?: (typed: ModelGraph, scales: ReadonlyMap<string, PortScale>) => Result<ModelGraph>;
  /** Inputs whose elements are bits of packed words. */
  readonly unpacking?: Unpacking;
  /** Thresholds on outputs. */
  readonly decisions?: readonly DecisionDeclaration[];
  /** How to search for adder graphs; the default effort where not given. */
  readonly solving?: SolveOptions;
  readonly schedule: ScheduleOptions;
  /** For designs that take an event every few clocks only, and reuse hardware in between. */
  readonly reuse?: ReuseRequest;
  /** By input, the clocks in which its elements come, in equal parts; all at once where absent. */
  readonly inputClocks?: ReadonlyMap<string, number>;
  readonly interface: DesignInterface;
  /** Scalar operations beyond which a model is refused; DEFAULT_MAXIMUM_OPERATIONS where not given. */
  readonly maximumOperations?: number;
  /** Legal name of the top module. */
  readonly top: string;
}

/** How often events come, and how to estimate what a form takes. */
export interface ReuseRequest {
  /** Clocks from one event to the next, at least 2. */
  readonly interval: number;
  /** By layer, how it is to be carried out where that is not chosen by cost. */
  readonly declared?: ReadonlyMap<string, DeclaredReuse>;
  /** Multiplier blocks that may be given to matrices beside those of layers that are declared `folded`; none where absent. */
  readonly blocks?: number;
  readonly estimate: EstimateOptions;
}

export interface Compilation {
  readonly summary: ModelSummary;
  /** The final, typed graph: the reference that everything else is measured against. */
  readonly graph: ModelGraph;
  /** The model on real numbers, before any type was declared or assigned: what the loss of physics is measured against. */
  readonly float: ModelGraph;
  /** `graph` as it was when its numbers were settled: before packed words, decisions and passes that keep all values. */
  readonly typed: ModelGraph;
  /**
   * The typed graph with its packed words and decisions, whose sums are whole: what a declared accumulator does to them
   * is not written out in it. Undefined where weights of such a layer were changed after that was done.
   */
  readonly layered?: ModelGraph;
  /** The program once its adders are found, which is the same however often an event comes. */
  readonly unsplit: Program;
  readonly design: Design;
  /** The typed graph before inputs became packed words, where some did. */
  readonly unpacked?: ModelGraph;
  readonly decisions: readonly Decision[];
  /** By input whose port holds the integers of a quantiser with a scale: what they mean. */
  readonly scales: ReadonlyMap<string, PortScale>;
  /** Estimates of the schedule. */
  readonly schedule: ScheduleResult;
  readonly statistics: readonly PassStatistic[];
}

/** What a compilation may use of its surroundings; nothing of it changes the result of a named effort. */
export type CompileServices = Omit<PassContext, 'report'>;

/** ONNX to a scheduled design. All user errors come back as diagnostics. */
export function compile(request: CompileRequest, services: CompileServices = {}): Result<Compilation> {
  const diagnostics: Diagnostic[] = [];
  const keep = <T>(result: Result<T>): T | undefined => {
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    return result.ok ? result.value : undefined;
  };

  const verify = (graph: ModelGraph): void => {
    verifyModel(graph, { typed: true });
  };
  const imported = keep((request.importer ?? importOnnx)(request.bytes, request.importing));
  if (imported === undefined) return failure(diagnostics);
  const tooLarge = refuseTooLarge(
    imported.graph,
    request.maximumOperations ?? DEFAULT_MAXIMUM_OPERATIONS,
    request.reuse?.interval,
  );
  if (tooLarge !== undefined) return failure([...diagnostics, tooLarge]);
  const scales = new Map<string, PortScale>();
  const typing: TypingOptions = { ...request.typing, scaledPort: (name, scale) => scales.set(name, scale) };
  const layered = keep(runPipeline(imported.graph, layeredPipeline(typing), {}));
  if (layered === undefined) return failure(diagnostics);
  const settled = keep(runPipeline(layered, accumulatorPipeline(typing), {}));
  if (settled === undefined) return failure(diagnostics);
  const typed = request.adjust === undefined ? settled : keep(request.adjust(settled, scales));
  if (typed === undefined) return failure(diagnostics);
  // Whatever is wrong with it was reported above.
  const float = runPipeline(imported.graph, floatPipeline(typing), {});
  if (!float.ok) return failure([...diagnostics, ...float.diagnostics]);
  // The numbers are settled; what follows says where they come from on the wire, and what is asked of them.
  const interfacing = [
    ...(request.unpacking === undefined ? [] : [unpackWords(request.unpacking)]),
    ...(request.decisions === undefined ? [] : [addDecisions(request.decisions)]),
  ];
  const connected = keep(runPipeline(typed, interfacing, {}, { verify }));
  if (connected === undefined) return failure(diagnostics);
  for (const warning of warnWraps(connected, request.typing.layers)) diagnostics.push(warning);
  // Sums with a declared accumulator stay whole for those who have loops for them, unless weights changed since.
  const expanded = settled !== layered;
  const whole = expanded ? runPipeline(layered, interfacing, {}, { verify }) : success(connected);
  const graph = keep(runPipeline(connected, modelPipeline, {}, { verify }));
  if (graph === undefined) return failure(diagnostics);

  const statistics: PassStatistic[] = [];
  const context = { ...services, report: (statistic: PassStatistic) => statistics.push(statistic) };
  const lowered = lowerModel(graph);
  const unsplit = keep(runPipeline(lowered, sharedPasses(request.solving), context, { verify: verifyProgram }));
  if (unsplit === undefined) return failure(diagnostics);
  const timed = pacedDesign(unsplit, request, request.reuse, context);
  if (!timed.ok)
    return failure([...diagnostics, ...timed.diagnostics.map((each) => withInterval(each, unsplit, request))]);
  const { design, schedule: scheduled } = timed.value;
  if (request.solving?.threeOperand === true) {
    const message = `three-operand adders assumed: ${threeOperandSums(design.program)} sums of three, at one LUT per bit`;
    diagnostics.push(diagnose(arithmeticCodes.threeOperandAssumed, message));
  }
  diagnostics.push(...timed.diagnostics);
  const decisions = (request.decisions ?? []).flatMap(
    // Whatever is wrong with one was reported above.
    (declared) => resolveDecision(typed, declared, new DiagnosticBag()) ?? [],
  );
  const unpacked = (request.unpacking?.inputs.size ?? 0) > 0 ? { unpacked: typed } : {};
  return success(
    {
      summary: imported.summary,
      graph,
      float: float.value,
      typed,
      unsplit,
      design,
      ...unpacked,
      ...(whole.ok && !(expanded && request.adjust !== undefined) ? { layered: whole.value } : {}),
      decisions,
      scales,
      schedule: scheduled,
      statistics,
    },
    diagnostics,
  );
}

/** A design, and estimates of its schedule. */
export interface PacedDesign {
  readonly design: Design;
  readonly schedule: ScheduleResult;
}

/** The design of a program whose adders are found, for events as often as `reuse` says; each clock where it is absent. */
export function pacedDesign(
  unsplit: Program,
  request: Pick<CompileRequest, 'schedule' | 'interface' | 'top' | 'inputClocks'>,
  reuse: ReuseRequest | undefined,
  context: PassContext = {},
): Result<PacedDesign> {
  const parts = inputParts(unsplit.inputs, request.inputClocks ?? new Map(), reuse?.interval ?? 1);
  if (!parts.ok) return parts;
  const program = runPipeline(
    unsplit,
    finishingPasses(reuse === undefined ? undefined : { ...reuse, inputClocks: parts.value }),
    context,
    { verify: verifyProgram },
  );
  if (!program.ok) return program;
  const timed = timedProgram(program.value, request.schedule, reuse, parts.value);
  if (!timed.ok) return timed;
  const { schedule, sequencing } = timed.value;
  const design: Design = {
    name: request.top,
    program: program.value,
    schedule: schedule.schedule,
    interface: reuse === undefined ? request.interface : { ...request.interface, valid: true },
    initiationInterval: reuse?.interval ?? 1,
    ...(sequencing === undefined ? {} : { sequencing }),
  };
  return success({ design, schedule }, [...program.diagnostics, ...timed.diagnostics]);
}

/** Where a latency is too short for the interval, the hint names the longest interval that has it. */
function withInterval(diagnostic: Diagnostic, unsplit: Program, request: CompileRequest): Diagnostic {
  const { schedule, reuse } = request;
  if (diagnostic.code !== scheduleCodes.reuseTooSlow.code || reuse === undefined) return diagnostic;
  const { latency: most = 0, ...free } = schedule;
  let interval = reuse.interval;
  while (interval > 1) {
    // Every one of few, fewer and fewer of many.
    interval = Math.min(interval - 1, Math.floor(interval * 0.9));
    const paced = interval === 1 ? undefined : { ...reuse, interval };
    const tried = pacedDesign(unsplit, { ...request, schedule: free }, paced);
    if (!tried.ok || tried.value.design.schedule.latency > most) continue;
    const hint = `allow the latency that the message names, or an event every ${interval} clocks (--ii ${interval})`;
    return { ...diagnostic, hint };
  }
  return { ...diagnostic, hint: 'allow the latency that the message names: no shorter interval (--ii) has this one' };
}

/** The clocks of a program: registers placed where an event comes each clock, units and slots where hardware is reused. */
function timedProgram(
  program: Program,
  schedule: ScheduleOptions,
  reuse: ReuseRequest | undefined,
  inputClocks: readonly number[],
): Result<{ readonly schedule: ScheduleResult; readonly sequencing?: Sequencing }> {
  if (reuse === undefined) {
    const scheduled = scheduleProgram(program, schedule);
    return scheduled.ok ? success({ schedule: scheduled.value }, scheduled.diagnostics) : scheduled;
  }
  const { interval, declared, blocks } = reuse;
  const { family } = reuse.estimate;
  const options = {
    ...schedule,
    interval,
    family,
    inputClocks,
    ...(blocks === undefined ? {} : { blocks }),
    ...(declared === undefined ? {} : { declared }),
  };
  return sequenceProgram(program, options, (kernel, cycles) => {
    let luts = 0;
    for (const byCycle of estimateKernel(kernel, cycles, reuse.estimate).resources.values()) {
      for (const sum of byCycle.values()) luts += sum.finish().lut;
    }
    return luts;
  });
}

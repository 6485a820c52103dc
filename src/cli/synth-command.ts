import { commandCodes } from '../diagnostics/codes/command.js';
import { synthesisCodes } from '../diagnostics/codes/synthesis.js';
import type { DiagnosticKind } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { Figures, MeasuredFigures } from '../report/figure-file.js';
import { checkFigures } from '../report/figure-file.js';
import {
  addResources,
  compareLines,
  countFigures,
  designFigures,
  regionFigures,
  synthesisNotes,
} from '../report/synthesis-figures.js';
import type { FlowName } from '../synthesis/flow.js';
import { FLOW_VERSION } from '../synthesis/flow.js';
import { measureModules, measureNetlist } from '../synthesis/measure.js';
import { NetlistError } from '../synthesis/netlist.js';
import type { YosysEngine, YosysRun } from '../synthesis/run-yosys.js';
import { runYosys, yosysVersion } from '../synthesis/run-yosys.js';
import { expectedSeconds } from '../synthesis/run-time.js';
import type { SynthesisFailure } from '../synthesis/synthesis-error.js';
import { SynthesisError } from '../synthesis/synthesis-error.js';
import { cacheFolder, ContentCache } from '../system/content-cache.js';
import type { Part } from '../targets/parts.js';
import { findPart } from '../targets/parts.js';
import { findTarget } from '../targets/targets.js';
import type { CompiledFolder } from './compiled-folder.js';
import { openCompiledFolder, readFolderFile } from './compiled-folder.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { manifestHash, writeFigures } from './figure-folder.js';
import { progress } from './progress.js';
import { sourcePaths } from './simulation-design.js';
import { codeHash } from './solution-store.js';
import type { Synthesised } from './synthesis-cache.js';
import { findResult, keepResult, synthesisKey } from './synthesis-cache.js';

export interface SynthArguments {
  readonly folder: string;
  readonly flow: FlowName;
  /** `auto` is wasm: the pinned version, so that figures of two machines compare. */
  readonly engine: 'auto' | YosysEngine;
  readonly layers: boolean;
  /** With two or more, the run for layers goes beside the other one. */
  readonly threads: number;
  /** Multiplications stay logic even where the target allows DSP blocks. */
  readonly noDsp: boolean;
  /** Seconds for each run of Yosys. */
  readonly timeout: number;
  readonly cache: boolean;
  readonly json: boolean;
}

/** `trigc synth`: figures of the folder's Verilog by Yosys, into `figures/yosys.json`. */
export async function synthCommand(arguments_: SynthArguments, console: Console): Promise<number> {
  const hash = manifestHash(arguments_.folder);
  const compiled = openCompiledFolder(arguments_.folder);
  showDiagnostics(console, compiled.diagnostics);
  const part = partOf(compiled);
  const target = findTarget(compiled.manifest.target.name);
  const allowed = 'target' in target && target.target.dsp;
  const dsp = allowed && !arguments_.noDsp;
  const engine = arguments_.engine === 'auto' ? 'wasm' : arguments_.engine;
  const version = await orFail(yosysVersion(engine));
  const flow = `${arguments_.flow} ${FLOW_VERSION}, ${part.family}, ${dsp ? 'DSP allowed' : 'no DSP'}`;
  console.note(`Yosys ${version} (${engine}), flow ${flow}`);

  const estimates = readEstimates(arguments_.folder);
  const result = await synthesise(compiled, { arguments_, engine, version, part, dsp }, estimates, console);
  const figures = designFigures(result.flat, part.capacity);
  showDiagnostics(console, synthesisNotes(result.flat, part));
  const slr = regionFigures(result.flat.resources, part);
  const layers = layerFigures(compiled, result);
  const measured: MeasuredFigures = {
    command: `trigc synth DIR --flow ${arguments_.flow} --engine ${engine}${arguments_.layers ? ' --layers' : ''}${allowed && !dsp ? ' --no-dsp' : ''}`,
    tool: { name: 'Yosys', version: `${version} (${engine})`, flow },
    figures,
    ...(layers === undefined ? {} : { layers: layers.layers }),
    ...(slr.length === 0 ? {} : { slr }),
    details: {
      ...(result.flat.segments === undefined ? {} : { segments: result.flat.segments }),
      ...(layers === undefined ? {} : { layerSum: layers.sum }),
    },
  };
  writeFigures(arguments_.folder, 'yosys', measured, hash);
  if (arguments_.json) {
    console.result(JSON.stringify({ schema: 'trigc-synth', version: 1, estimates, ...measured }, null, 2));
    return exitCode.ok;
  }
  console.result(compareLines(figures, estimates).join('\n'));
  for (const { figures: own } of slr) {
    const shares = Object.values(own).flatMap(({ unit, share }) =>
      share === undefined ? [] : [`${Number((100 * share).toPrecision(2))} % ${unit}`],
    );
    console.result(`if placed in one of ${part.superLogicRegions} regions: ${shares.join(', ')}`);
  }
  if (layers !== undefined) console.result(layerLines(layers, figures).join('\n'));
  return exitCode.ok;
}

function partOf({ manifest, folder }: CompiledFolder): Part {
  const found = findPart(manifest.target.part);
  if ('part' in found) return found.part;
  return fail(commandCodes.damagedFolder, `the part ${printable(manifest.target.part)} is not known`, {
    model: printable(folder),
  });
}

/** The figures of report.json; what it lacks has no ratio. */
function readEstimates(folder: string): Figures {
  const location = { model: printable(folder) };
  try {
    const report = JSON.parse(readFolderFile(folder, 'report.json')) as { readonly figures?: unknown } | null;
    const figures: unknown = report?.figures;
    checkFigures('figures', figures);
    return figures;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      return fail(commandCodes.damagedFolder, `report.json: ${printable(error.message)}`, location);
    }
    throw error;
  }
}

interface Plan {
  readonly arguments_: SynthArguments;
  readonly engine: YosysEngine;
  readonly version: string;
  readonly part: Part;
  readonly dsp: boolean;
}

async function synthesise(
  compiled: CompiledFolder,
  { arguments_, engine, version, part, dsp }: Plan,
  estimates: Figures,
  console: Console,
): Promise<Synthesised> {
  const { top } = compiled.manifest;
  const sources = sourcePaths(compiled, 'verilog').map((path) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    text: readFolderFile(arguments_.folder, path),
  }));
  if (sources.length === 0) {
    fail(commandCodes.languageMissing, 'Yosys reads Verilog, and the folder holds none', {
      model: printable(arguments_.folder),
    });
  }
  const request = { flow: arguments_.flow, family: part.family, top, dsp } as const;
  const cache = arguments_.cache
    ? new ContentCache(cacheFolder(process.env), () => `synthesis-${codeHash(['synthesis', 'targets', 'support'])}`)
    : undefined;
  const key = synthesisKey({ request, engine, version, flow: FLOW_VERSION, layers: arguments_.layers, sources });
  const kept = cache === undefined ? undefined : findResult(cache, key);
  if (kept !== undefined) {
    console.note('the result is kept from an earlier run of the same sources, flow and version');
    return kept;
  }
  const lut = estimates['lut']?.value;
  if (lut !== undefined) {
    const { seconds, low, high } = expectedSeconds(engine, lut);
    const runs = arguments_.layers ? 'each of two runs' : 'the run';
    console.note(
      `${runs} takes about ${Math.round(seconds)} s (${Math.round(low)} … ${Math.round(high)}) of processor`,
    );
  }
  const started = performance.now();
  // Without a terminal every step is a line already.
  const shown = progress('Yosys', undefined, { log: false });
  const run = async (name: string, keepModules: boolean): Promise<unknown> => {
    const onStep: YosysRun['onStep'] = (step) => {
      if (shown.terminal) shown.at(`Yosys, ${name}: ${printable(step)}`);
      else console.note(`${name} ${((performance.now() - started) / 1000).toFixed(0)} s: ${printable(step)}`);
    };
    return runYosys({
      engine,
      request: { ...request, keepModules },
      sources,
      timeout: arguments_.timeout * 1000,
      onStep,
    });
  };
  const result = await orFail(
    (async (): Promise<Synthesised> => {
      const first = run('design', false).then((json) => measureNetlist(json, top, part.delays));
      if (!arguments_.layers) return { flat: await first };
      if (arguments_.threads < 2) await first;
      const second = run('layers', true).then((json) => [...measureModules(json)]);
      const [flat, modules] = await Promise.all([first, second]);
      return { flat, modules };
    })(),
  ).finally(shown.done);
  if (cache === undefined) return result;
  keepResult(cache, key, result);
  const refused = cache.close();
  if (refused !== undefined) showDiagnostics(console, [diagnose(commandCodes.cacheNotUsable, printable(refused))]);
  return result;
}

const failures: Readonly<Record<SynthesisFailure, DiagnosticKind>> = {
  toolMissing: synthesisCodes.toolMissing,
  failed: synthesisCodes.failed,
  timedOut: synthesisCodes.timedOut,
  outOfMemory: synthesisCodes.outOfMemory,
};

/** Failures of synthesis as diagnostics. */
async function orFail<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SynthesisError) fail(failures[error.failure], printable(error.message));
    if (error instanceof NetlistError) fail(synthesisCodes.failed, printable(error.message));
    throw error;
  }
}

interface Layers {
  readonly layers: readonly { readonly layer: string; readonly figures: Figures }[];
  /** Over all modules. */
  readonly sum: Figures;
}

/** Layers are the modules by the ONNX node that they are named after; the top module has what lies between them. */
function layerFigures({ manifest }: CompiledFolder, { modules }: Synthesised): Layers | undefined {
  if (modules === undefined) return undefined;
  const names = new Map(manifest.names.map(([original, identifier]) => [identifier, original]));
  const [first, ...others] = modules;
  if (first === undefined) return undefined;
  const total = others.reduce((sum, [, counts]) => addResources(sum, counts), first[1]);
  const layers = modules.map(([name, counts]) => ({
    layer: name === manifest.top ? `${name} (top module)` : (names.get(name) ?? name),
    figures: countFigures(counts),
  }));
  return { layers, sum: countFigures(total) };
}

function layerLines({ layers, sum }: Layers, flat: Figures): readonly string[] {
  const columns = ['lut', 'flip_flops', 'carry_bits', 'dsp'];
  const row = (name: string, figures: Figures): string =>
    `${columns.map((column) => String(figures[column]?.value ?? '').padStart(10)).join(' ')}  ${printable(name)}`;
  const difference = (sum['lut']?.value ?? 0) - (flat['lut']?.value ?? 0);
  return [
    columns.map((column) => column.padStart(10)).join(' ') + '  layer',
    ...layers.map(({ layer, figures }) => row(layer, figures)),
    row('sum of the layers, each mapped by itself', sum),
    `the flat design has ${Math.abs(difference)} LUT ${difference >= 0 ? 'fewer' : 'more'} than that sum`,
  ];
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseWhole } from '../config/reader.js';
import type { CommandLine } from '../config/settings.js';
import { resolveSettings } from '../config/settings.js';
import { compile } from '../compiler.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { loadModelFile } from '../importers/onnx/load.js';
import type { IntervalFile } from '../report/interval-file.js';
import { printIntervalFile } from '../report/interval-file.js';
import { intervalPlot } from '../report/interval-plot.js';
import { table } from '../report/text-table.js';
import { cacheFolder } from '../system/content-cache.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { version } from '../version.js';
import { sha256 } from './compiled-folder.js';
import { readConfig } from './compile-command.js';
import { compileRequest, importerOf, modelName } from './compile-request.js';
import type { Console } from './console.js';
import { exitCode } from './console.js';
import { INTERVALS_FILE } from './explored-intervals.js';
import { MANIFEST_FILE } from './output-folder.js';
import { progress } from './progress.js';
import { estimateResources } from './resource-limits.js';
import { SolutionStore } from './solution-store.js';

export interface ExploreIntervalsArguments extends Omit<CommandLine, 'ii'> {
  readonly model: string;
  readonly output: string;
  readonly config?: string | undefined;
  /** `1..54`, `1,6,9`, or both: clocks from one event to the next. */
  readonly intervals: string;
  readonly json: boolean;
}

/** Beyond it, `compile --ii` one by one. */
const LONGEST = 4096;
const PLOT_FILE = 'intervals.svg';

/** `trigc explore --ii`: what a design takes and how long it is under way, by how often an event comes. Estimates. */
export async function exploreIntervals(arguments_: ExploreIntervalsArguments, console: Console): Promise<number> {
  const { model, output } = arguments_;
  const intervals = parseIntervals(arguments_.intervals);
  checkFolder(output);
  const { config, configBytes } = await readConfig(arguments_.config);
  const loaded = unwrap(loadModelFile(model));
  const importer = await importerOf(model);
  const store = new SolutionStore(cacheFolder(process.env));
  const shown = progress('exploring intervals', 1);
  const points = intervals.map((interval, index) => {
    shown.at(`interval ${interval}`, index / intervals.length);
    const settings = unwrap(resolveSettings(config, { ...arguments_, ii: interval }, modelName(model)));
    const request = { ...compileRequest(model, loaded, config, settings), importer };
    const { design } = unwrap(compile(request, { store, now: () => performance.now() }));
    const { lut, flipFlops, dsp } = estimateResources(design, settings).total;
    const { latency } = design.schedule;
    return { interval, latency, latencyNanoseconds: latency * settings.clockPeriod, lut, flipFlops, dsp };
  });
  shown.done();
  store.close();
  const file = { file: basename(model), sha256: sha256(loaded.bytes) };
  const record: IntervalFile = {
    schema: 'trigc-intervals',
    version: 1,
    compiler: version,
    model: file,
    config: configBytes === undefined ? null : sha256(configBytes),
    points,
  };
  try {
    replaceFile(join(output, PLOT_FILE), intervalPlot(points));
    replaceFile(join(output, INTERVALS_FILE), printIntervalFile(record));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, `${error.code}: ${printable(error.message)}`, { model: printable(output) });
  }
  if (arguments_.json) {
    console.result(JSON.stringify(record));
    return exitCode.ok;
  }
  const rows = points.map((point) => [
    String(point.interval),
    Math.round(point.lut).toLocaleString('en'),
    Math.round(point.flipFlops).toLocaleString('en'),
    point.dsp.toLocaleString('en'),
    String(point.latency),
    point.latencyNanoseconds.toFixed(1),
  ]);
  const columns = ['II (clocks)', 'LUT (estimate)', 'FF (estimate)', 'DSP (estimate)', 'latency (clocks)', 'ns'];
  console.result(table(columns, rows).join('\n'));
  return exitCode.ok;
}

/** Intervals of a list of numbers and ranges, each once, in rising order; throws DiagnosticError. */
function parseIntervals(text: string): readonly number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('..').map((word) => parseWhole(word.trim(), 1, LONGEST));
    if (first === undefined || last === undefined || last < first || part.split('..').length > 2) {
      const message = `'${printable(part)}' is neither an interval of 1 to ${LONGEST} clocks nor a range of such`;
      return fail(commandCodes.usage, message, { configPath: '--ii' }, '1..54, or 1,6,9,12');
    }
    for (let interval = first; interval <= last; interval++) found.add(interval);
  }
  return [...found].sort((left, right) => left - right);
}

function checkFolder(folder: string): void {
  const shown = { model: printable(folder) };
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) fail(commandCodes.outputNotOurs, 'it is not a folder', shown);
  const names = readdirSync(folder);
  // In a compiled folder, `trigc report` shows the curve.
  if (names.length > 0 && !names.includes(INTERVALS_FILE) && !names.includes(MANIFEST_FILE)) {
    const message = `it is not empty and has neither ${INTERVALS_FILE} of an exploration nor ${MANIFEST_FILE}`;
    fail(commandCodes.outputNotOurs, message, shown);
  }
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isGoalFigure } from '../evaluation/goal-figure.js';
import type { CommandLine } from '../config/settings.js';
import { resolveSettings } from '../config/settings.js';
import { referencesOf } from '../budget/parse.js';
import { pointOfFigure } from '../budget/vocabulary.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail, unwrap } from '../diagnostics/result.js';
import { loadModelFile } from '../importers/onnx/load.js';
import { printPrecision } from '../passes/model/precision/precision-file.js';
import { scoreFigureNames } from '../precision/goals.js';
import { paretoFront } from '../precision/pareto-front.js';
import type { Candidate } from '../precision/search.js';
import { PrecisionSearch } from '../precision/search.js';
import type { FrontPoint } from '../report/front-plot.js';
import { frontPlot } from '../report/front-plot.js';
import { table } from '../report/text-table.js';
import { replaceFile } from '../system/replace-file.js';
import { isSystemError } from '../system/system-error.js';
import { version } from '../version.js';
import { sha256 } from './compiled-folder.js';
import { readConfig } from './compile-command.js';
import { compileRequest, importerOf, modelName } from './compile-request.js';
import type { Console } from './console.js';
import { exitCode } from './console.js';
import { progressOf } from './find-precision.js';
import { folderPoints, searchIdentity } from './point-store.js';
import { progress, whileShown } from './progress.js';
import type { SearchArguments } from './search-setup.js';
import { prepareSearch, searchLimit } from './search-setup.js';
import { parseGoals } from './typed-goals.js';

export interface ExploreArguments extends CommandLine {
  readonly model: string;
  readonly output: string;
  readonly config?: string | undefined;
  /** The figure that is set against LUTs and latency, such as `efficiency_loss(1e-3)`: the smaller, the better. */
  readonly loss: string;
  /** Its goals are not used. */
  readonly search: SearchArguments;
  readonly json: boolean;
}

const EXPLORE_FILE = 'explore.json';
const POINTS_FOLDER = 'points';
const FRONT_FOLDER = 'front';

/**
 * `trigc explore`: precisions from nearly exact to nearly nothing, and those that no other beats in loss, LUTs and
 * latency. Every point is on disk as soon as it is measured; the same command goes on from there.
 */
export async function exploreCommand(arguments_: ExploreArguments, console: Console): Promise<number> {
  const { model, output, loss } = arguments_;
  checkExploreFolder(output);
  const name = lossFigure(loss);
  const { config } = await readConfig(arguments_.config);
  const settings = unwrap(resolveSettings(config, arguments_, modelName(model)));
  const loaded = unwrap(loadModelFile(model));
  const request = { ...compileRequest(model, loaded, config, settings), importer: await importerOf(model) };
  const limit = searchLimit(arguments_.search.effort, () => performance.now(), arguments_.search.retrain);
  // Nothing is refused by its loss: the limit only names the figure.
  const goals = [{ text: `${loss} < 1e300`, location: { configPath: '--loss' } }];
  const { setup, events } = await prepareSearch(request, settings, { ...arguments_.search, goals });
  const modelHash = sha256(loaded.bytes);
  const figures = scoreFigureNames(setup.goals);
  const identity = await searchIdentity(request, settings, arguments_.search, figures);
  const points = folderPoints(identity, modelHash, join(output, POINTS_FOLDER));

  const shown = progress('exploring', 1);
  const share = progressOf(limit);
  let [count, resumed] = [0, 0];
  const finished = (_: Candidate, known: boolean): void => {
    count++;
    if (known) resumed++;
    shown.at(`exploring, ${count} points`, share(count));
  };
  const all = whileShown(shown, () => new PrecisionSearch({ ...setup, points, finished }).scan(limit));
  const kept = all.filter(({ outcome }) => outcome.holds);
  // A gain is a change of the function like a loss: neither beats a point that changes nothing.
  const lossOf = (point: Candidate): number => Math.abs(figureOf(point, name));
  const front = paretoFront(kept, (point) => [figureOf(point, 'lut'), lossOf(point), figureOf(point, 'latency')]);
  const rows = front.map((point, index) => ({
    precision: `${FRONT_FOLDER}/${index + 1}.json`,
    lut: figureOf(point, 'lut'),
    latency: figureOf(point, 'latency'),
    loss: figureOf(point, name),
    figures: point.figures,
  }));
  const drawn = (point: Candidate): FrontPoint => ({ lut: figureOf(point, 'lut'), loss: lossOf(point) });
  const record = {
    schema: 'trigc-exploration',
    version: 1,
    compiler: version,
    model: { file: basename(model), sha256: modelHash },
    target: { name: settings.target.name, part: settings.part.name },
    loss,
    kept: setup.goals.slice(1).map(({ text }) => text),
    events,
    points: all.map((point) => ({ onFront: front.includes(point), figures: point.figures })),
    front: rows,
  };
  writeAll(output, [
    ...front.map((point, index) => ({
      path: join(FRONT_FOLDER, `${index + 1}.json`),
      text: printPrecision({ model: modelHash, plan: point.plan }),
    })),
    { path: 'front.svg', text: frontPlot(loss, kept.map(drawn), front.map(drawn)) },
    { path: EXPLORE_FILE, text: `${JSON.stringify(record, null, 2)}\n` },
  ]);
  const from = resumed === 0 ? '' : `, ${resumed} of them from an earlier run`;
  console.note(`${count} points on ${events.toLocaleString('en')} events${from}; ${front.length} that no other beats`);
  if (arguments_.json) console.result(JSON.stringify(record));
  else console.result(frontTable(loss, rows));
  return exitCode.ok;
}

/** The name of a figure that grows with the damage; others are refused. */
function lossFigure(loss: string): string {
  const [goal] = parseGoals([{ text: `${loss} < 1`, location: { configPath: '--loss' } }]);
  const [reference, ...more] = goal === undefined ? [] : referencesOf(goal);
  const name = reference?.name ?? '';
  const figure = pointOfFigure(name)?.figure ?? name;
  const alone = more.length === 0 && goal?.left.kind === 'figure';
  if (alone && isGoalFigure(figure) && figure !== 'rank_correlation') return name;
  const hint =
    'efficiency_loss(1e-3), exchange(1e-3), auc_loss, accuracy_loss, argmax_disagreement, score_rms, score_max';
  return fail(precisionCodes.badSearch, `${printable(loss)} is no loss`, { configPath: '--loss' }, `one of ${hint}`);
}

function figureOf({ figures }: Candidate, name: string): number {
  return figures[name]?.value ?? Infinity;
}

interface FrontRow {
  readonly precision: string;
  readonly lut: number;
  readonly latency: number;
  readonly loss: number;
}

function frontTable(loss: string, rows: readonly FrontRow[]): string {
  const cells = rows.map((row) => [
    row.lut.toLocaleString('en'),
    String(row.latency),
    String(Number(row.loss.toPrecision(3))),
    row.precision,
  ]);
  return table(['LUT', 'latency', loss, 'precision'], cells).join('\n');
}

/** A folder that is not ours stays as it is. */
function checkExploreFolder(folder: string): void {
  const shown = { model: printable(folder) };
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) fail(commandCodes.outputNotOurs, 'it is not a folder', shown);
  const names = readdirSync(folder);
  if (names.length > 0 && !names.includes(POINTS_FOLDER)) {
    fail(commandCodes.outputNotOurs, `it is not empty and has no folder '${POINTS_FOLDER}' of an exploration`, shown);
  }
}

/** Each file whole; the one that names the others last. */
function writeAll(folder: string, files: readonly { readonly path: string; readonly text: string }[]): void {
  try {
    for (const { path, text } of files) replaceFile(join(folder, path), text);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    fail(commandCodes.outputNotWritable, `${error.code}: ${printable(error.message)}`, { model: printable(folder) });
  }
}

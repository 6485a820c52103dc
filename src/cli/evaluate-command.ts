import type { EventFormat } from '../data/read-events.js';
import { eventFormat } from '../data/read-events.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { evaluationCodes } from '../diagnostics/codes/evaluation.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { InputUnit } from '../evaluation/evaluated-network.js';
import { evaluatedNetwork } from '../evaluation/evaluated-network.js';
import type { OperatingPoint } from '../evaluation/operating-point.js';
import { defaultPoints, parsePoint, pointSuffix, printPoint } from '../evaluation/operating-point.js';
import type { ClassificationResult, EvaluationResult } from '../evaluation/result.js';
import { elementCount } from '../model/kinds.js';
import type { EvaluationDetails } from '../report/evaluation-details.js';
import { EVALUATION_VERSION } from '../report/evaluation-details.js';
import { evaluationFigures } from '../report/evaluation-figures.js';
import { inputColumns } from '../report/manifest.js';
import type { Manifest } from '../report/manifest.js';
import { printEvaluation } from '../report/print-evaluation.js';
import { version } from '../version.js';
import { openCompiledFolder, readEvaluatedModels } from './compiled-folder.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import { Comparison } from './evaluate-comparison.js';
import type { RunSample, SampleFile } from './evaluate-samples.js';
import { runSample } from './evaluate-samples.js';
import { manifestHash, writeFigures } from './figure-folder.js';
import { progress } from './progress.js';

export interface EvaluateArguments {
  readonly folder: string;
  readonly background?: string | undefined;
  /** NAME=FILE */
  readonly signals: readonly string[];
  readonly classes: readonly string[];
  /** Formula of the score; the only output element where not given. */
  readonly score?: string | undefined;
  readonly accept: 'larger' | 'smaller';
  /** Colliding bunches. */
  readonly bunches: number;
  /** Operating points beside the usual ones. */
  readonly points: readonly string[];
  /** Events of each sample that the study by layer looks at; 0 for no study. */
  readonly layerEvents: number;
  readonly json: boolean;
}

interface Measured {
  readonly samples: readonly RunSample[];
  readonly result: ReturnType<Comparison['evaluate']>;
  readonly study: ReturnType<Comparison['byLayer']> | undefined;
}

/** `trigc evaluate`: what fixed point costs the physics, on files of events; figures/evaluate.json. */
export async function evaluateCommand(arguments_: EvaluateArguments, console: Console): Promise<number> {
  const files = sampleFiles(arguments_);
  const points = operatingPoints(arguments_.points);
  refuseFile(arguments_.folder);
  const compiled = openCompiledFolder(arguments_.folder);
  const measured = manifestHash(arguments_.folder);
  showDiagnostics(console, compiled.diagnostics);
  const { float, typed } = readEvaluatedModels(arguments_.folder);
  const network = evaluatedNetwork(float, typed, inputUnits(compiled.manifest));
  const outputs = typed.outputs.map(({ name, node }) => ({ name, size: elementCount(typed.nodes[node]?.shape ?? []) }));
  const { score, accept, bunches } = arguments_;
  const decisions = compiled.manifest.decisions ?? [];
  const comparison = new Comparison({ files, outputs, score, accept, bunches, points, decisions });

  const shown = progress('evaluating', 1);
  const measure = async (): Promise<Measured> => {
    const samples: RunSample[] = [];
    // One after the other: the events of a file are let go before the next one is read.
    for (const file of files) {
      samples.push(await runSample(file, inputColumns(typed), network, arguments_.layerEvents, shown.at));
    }
    const result = comparison.evaluate(samples);
    if (arguments_.layerEvents === 0) return { samples, result, study: undefined };
    const units = new Set(inputUnits(compiled.manifest).keys());
    const attributing = (share: number): void => shown.at('attributing the loss', share);
    return { samples, result, study: comparison.byLayer(float, typed, units, samples, attributing) };
  };
  const { samples, result, study } = await measure().finally(shown.done);
  const details: EvaluationDetails = {
    schema: 'trigc-evaluation',
    version: EVALUATION_VERSION,
    score: comparison.scoreName,
    accepted: accept,
    samples: samples.map(({ sample }) => sample),
    result,
    decisions: comparison.decisions(samples),
    ...(study === undefined || 'reason' in study ? {} : { layers: study }),
  };
  showDiagnostics(console, [
    ...samples.flatMap(({ diagnostics }) => diagnostics),
    ...sameFiles(files, details),
    ...unresolved(result),
    ...(study !== undefined && 'reason' in study ? [diagnose(evaluationCodes.notAttributed, study.reason)] : []),
  ]);
  const figures = evaluationFigures(result, points);
  const command = 'trigc evaluate DIR --background EVENTS --signal NAME=EVENTS';
  const tool = { name: 'Trigc', version, flow: comparison.scoreName };
  const record = { command, tool, figures, details: { ...details } };
  writeFigures(arguments_.folder, 'evaluate', record, measured);
  console.result(arguments_.json ? JSON.stringify({ ...details, figures }) : printEvaluation(details));
  return exitCode.ok;
}

/** Folders hold designs; a file in their place is an understandable slip. */
function refuseFile(folder: string): void {
  const format: EventFormat | undefined = eventFormat(folder);
  const shown = { model: printable(folder) };
  if (format !== undefined) fail(evaluationCodes.notFolder, 'this is a file of events', shown);
  if (folder.toLowerCase().endsWith('.onnx')) fail(evaluationCodes.notFolder, 'this is a model', shown);
}

function sampleFiles({ background, signals, classes }: EvaluateArguments): readonly SampleFile[] {
  const usage = (message: string): never => fail(commandCodes.usage, message);
  if (classes.length > 0 && (background !== undefined || signals.length > 0)) {
    usage('--class names all samples of a classifier; --background and --signal are for a score');
  }
  if (classes.length === 0 && background === undefined) usage('--background FILE is missing (or --class NAME=FILE …)');
  const named = (option: string, role: SampleFile['role'], texts: readonly string[]): readonly SampleFile[] =>
    texts.map((text) => {
      const [, name, path] = /^([^=]+)=(.+)$/su.exec(text) ?? [];
      if (name === undefined || path === undefined) return usage(`${option} ${printable(text)} is not NAME=FILE`);
      return { role, name, path };
    });
  const files: readonly SampleFile[] = [
    ...(background === undefined ? [] : [{ role: 'background', name: 'background', path: background } as const]),
    ...named('--signal', 'signal', signals),
    ...named('--class', 'class', classes),
  ];
  const twice = files.find(({ name }, index) => files.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) usage(`there are two samples of the name '${printable(twice.name)}'`);
  return files;
}

/** The usual ones and those asked for, each once. */
function operatingPoints(texts: readonly string[]): readonly OperatingPoint[] {
  const asked = texts.map((text) => {
    const point = parsePoint(text);
    if (point !== undefined) return point;
    return fail(
      commandCodes.usage,
      `--point ${printable(text)} is neither a rate such as 1kHz nor a fraction such as 1e-4`,
    );
  });
  const points = [...new Map([...defaultPoints, ...asked].map((point) => [pointSuffix(point), point])).values()];
  const value = (point: OperatingPoint): number =>
    point.kind === 'rate' ? point.kilohertz : 1e9 * (1 + 1 / point.fraction);
  return points.sort((left, right) => value(left) - value(right));
}

/** Ports that hold the integers of a quantiser. */
function inputUnits({ inputs }: Manifest): ReadonlyMap<string, InputUnit> {
  const number = (text = '0'): number => {
    const [numerator = '0', denominator = '1'] = text.split('/');
    return Number(numerator) / Number(denominator);
  };
  return new Map(
    inputs.flatMap(({ name, scale, zeroPoint }) =>
      scale === undefined ? [] : [[name, { step: number(scale), zeroPoint: number(zeroPoint) }]],
    ),
  );
}

function sameFiles(files: readonly SampleFile[], { samples }: EvaluationDetails): readonly Diagnostic[] {
  return samples.flatMap(({ name, sha256 }, index) => {
    const first = samples.findIndex((other) => other.sha256 === sha256);
    if (first >= index) return [];
    const message = `'${printable(samples[first]?.name ?? '')}' and '${printable(name)}' have the same content`;
    return [diagnose(evaluationCodes.sameFile, message, { model: printable(files[index]?.path ?? '') })];
  });
}

function unresolved(result: EvaluationResult | ClassificationResult): readonly Diagnostic[] {
  const points = result.kind === 'score' ? result.points.filter(({ resolvable }) => !resolvable) : [];
  if (points.length === 0) return [];
  const list = points.map((each) => `${printPoint(each.point)} (${each.resolvable ? '' : each.needed} events)`);
  return [diagnose(evaluationCodes.notResolved, `more background is needed for ${list.join(', ')}`)];
}

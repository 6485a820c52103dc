import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FigureSet } from '../budget/figure-set.js';
import { FigureSetBuilder } from '../budget/figure-set.js';
import { budgetCodes } from '../diagnostics/codes/budget.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { DeclaredBudget } from '../report/declared-budget.js';
import type { Figure } from '../report/figure.js';
import type { Figures, FigureTool, MeasuredFigures } from '../report/figure-file.js';
import { checkFigures } from '../report/figure-file.js';
import type { Manifest } from '../report/manifest.js';
import { parseManifest } from '../report/parse-manifest.js';
import type { ReuseRow } from '../report/reuse-table.js';
import { reuseRowShape } from '../report/reuse-table.js';
import { listOf } from '../report/shape.js';
import { isSystemError } from '../system/system-error.js';
import { sha256 } from './compiled-folder.js';
import { readFigures } from './figure-folder.js';
import { MANIFEST_FILE } from './output-folder.js';

export const REPORT_FILE = 'report.json';

/** All that a compiled folder says of itself in figures. */
export interface FolderFigures {
  readonly manifest: Manifest;
  readonly figures: FigureSet;
  /** Of trigc.yaml, as they were compiled. */
  readonly budgets: readonly DeclaredBudget[];
  /** Estimated length of each combinational segment, ns. */
  readonly segments: readonly number[];
  /** What the compilation said. */
  readonly diagnostics: readonly Diagnostic[];
  /** What later commands measured. */
  readonly measured: readonly NamedMeasurement[];
  /** By part of a layer, where hardware is reused between events. */
  readonly reuse?: readonly ReuseRow[] | undefined;
}

/** What a command measured, and where it stands below the folder. */
export interface NamedMeasurement {
  readonly path: string;
  readonly file: MeasuredFigures;
}

/** Read the report of a compilation and everything that was measured since. Throws DiagnosticError. */
export function readFolderFigures(folder: string): FolderFigures {
  const manifest = readManifest(folder);
  const report = readReport(folder, manifest);
  const measured = readFigures(folder);
  return {
    manifest,
    figures: gatherFigures(manifest.compiler, report, measured, folder),
    budgets: report.budgets,
    segments: report.segments,
    diagnostics: report.diagnostics,
    measured,
    reuse: report.reuse,
  };
}

/** Figures of a compilation and what was measured on it, in one set. Throws DiagnosticError where two contradict. */
export function gatherFigures(
  compiler: string,
  report: { readonly figures: Figures; readonly layers: ReadonlyMap<string, Figures> },
  measured: readonly NamedMeasurement[],
  folder: string,
): FigureSet {
  const builder = new FigureSetBuilder();
  const add = (path: string, body: () => void): void => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fail(budgetCodes.damagedFigures, printable(error.message), { model: printable(join(folder, path)) });
    }
  };
  add(REPORT_FILE, () => {
    const tool = `Trigc ${compiler}`;
    builder.addDesign(report.figures, tool);
    for (const [layer, figures] of report.layers) builder.addLayer(layer, figures, tool);
  });
  for (const { path, file } of measured) {
    add(path, () => {
      const tool = printTool(file.tool);
      builder.addDesign(file.figures, tool);
      for (const { layer, figures } of file.layers ?? []) builder.addLayer(layer, figures, tool);
      for (const { region, figures } of file.slr ?? []) builder.addRegion(region, figures, tool);
    });
  }
  return builder.finish();
}

/** Name, version and flow on one line. */
export function printTool({ name, version, flow }: FigureTool): string {
  return `${name} ${version}${flow === undefined ? '' : `, ${flow}`}`;
}

function readManifest(folder: string): Manifest {
  try {
    return parseManifest(readFileSync(join(folder, MANIFEST_FILE), 'utf8'));
  } catch (error) {
    const shown = { model: printable(folder) };
    if (error instanceof RangeError)
      return fail(commandCodes.notCompiled, `${MANIFEST_FILE}: ${printable(error.message)}`, shown);
    if (isSystemError(error)) return fail(commandCodes.notCompiled, `${MANIFEST_FILE}: ${error.code}`, shown);
    throw error;
  }
}

type Entries = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface ReadReport {
  readonly figures: Readonly<Record<string, Figure>>;
  readonly layers: ReadonlyMap<string, Readonly<Record<string, Figure>>>;
  readonly budgets: readonly DeclaredBudget[];
  readonly segments: readonly number[];
  readonly diagnostics: readonly Diagnostic[];
  readonly reuse: readonly ReuseRow[] | undefined;
}

const reuseShape = listOf(reuseRowShape);

/** The report is one of the files that the manifest vouches for: a changed figure would pass any budget. */
function readReport(folder: string, manifest: Manifest): ReadReport {
  const shown = { model: printable(join(folder, REPORT_FILE)) };
  try {
    const text = readFileSync(join(folder, REPORT_FILE));
    const recorded = manifest.files.find(({ path }) => path === REPORT_FILE)?.sha256;
    if (sha256(text) !== recorded) throw new RangeError('it has changed since it was compiled');
    const report: unknown = JSON.parse(text.toString('utf8'));
    if (!isRecord(report) || !isRecord(report['resources'])) throw new RangeError('it is not a report');
    const { figures, resources, budgets, segments, diagnostics, reuse } = report;
    checkFigures('figures', figures);
    if (reuse !== undefined) reuseShape.check(reuse, 'reuse');
    const layers = isRecord(resources) ? resources['layers'] : undefined;
    return {
      figures,
      layers: layerFigures(Array.isArray(layers) ? layers.filter(isRecord) : []),
      budgets: Array.isArray(budgets) ? (budgets as DeclaredBudget[]) : [],
      segments: Array.isArray(segments)
        ? segments.filter((length): length is number => typeof length === 'number')
        : [],
      diagnostics: Array.isArray(diagnostics) ? (diagnostics as Diagnostic[]) : [],
      reuse: reuse as readonly ReuseRow[] | undefined,
    };
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) {
      return fail(commandCodes.damagedFolder, printable(error.message), shown);
    }
    if (isSystemError(error)) return fail(commandCodes.damagedFolder, error.code, shown);
    throw error;
  }
}

/** Fields of a layer's resources, by figure. */
const layerFields = [
  ['lut', 'lut', 'LUT'],
  ['lut_sites', 'lutSites', 'LUT sites'],
  ['flip_flops', 'flipFlops', 'FF'],
  ['shift_registers', 'shiftRegisters', 'shift registers'],
  ['carry_bits', 'carryBits', 'carry bits'],
  ['dsp', 'dsp', 'DSP'],
] as const;

/** Estimates by ONNX node; what a node became under several operators is added up. */
export function layerFigures(layers: readonly object[]): ReadonlyMap<string, Readonly<Record<string, Figure>>> {
  const sums = new Map<string, Record<string, Figure>>();
  for (const layer of layers as readonly Entries[]) {
    const { name } = layer;
    if (typeof name !== 'string') continue;
    const figures = sums.get(name) ?? {};
    sums.set(name, figures);
    for (const [key, field, unit] of layerFields) {
      const count = layer[field];
      if (typeof count !== 'number') throw new RangeError(`the layer '${printable(name)}' has no ${field}`);
      figures[key] = { value: (figures[key]?.value ?? 0) + count, unit, origin: 'estimate' };
    }
  }
  return sums;
}

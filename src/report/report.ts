import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/diagnostic.js';
import type { ResourceEstimate } from '../lowering/estimate/estimate-design.js';
import type { ScheduleResult } from '../lowering/schedule/schedule-program.js';
import type { PassStatistic } from '../passes/pass.js';
import type { Capacity } from '../targets/parts.js';
import type { DeclaredBudget } from './declared-budget.js';
import type { Figure } from './figure.js';
import type { Manifest, ManifestDecision, ManifestPort } from './manifest.js';
import { markdownCell as cell } from './markdown.js';
import type { ResourceReport } from './resource-report.js';
import type { PruningRow } from './pruning-table.js';
import { pruningTable } from './pruning-table.js';
import type { ReuseRow } from './reuse-table.js';
import { reuseTable } from './reuse-table.js';
import { layerTable, resourceFigures, resourceReport, resourceRows, segmentTable } from './resource-report.js';

/** Raised when a reader of the previous version would misread the file. */
export const REPORT_VERSION = 1;

export interface KernelReport {
  readonly kernel: string;
  /** Additions and subtractions of the shared graph, and what else the passes counted. */
  readonly figures: Readonly<Record<string, number>>;
}

/** `report.json` */
export interface Report {
  readonly schema: 'trigc-report';
  readonly version: number;
  readonly compiler: string;
  readonly name: string;
  readonly modelSha256: string;
  readonly configSha256: string | null;
  readonly exporter: string;
  readonly target: string;
  readonly part: string;
  readonly search: Manifest['search'];
  readonly figures: Readonly<Record<string, Figure>>;
  /** Estimated length of each combinational segment, ns. */
  readonly segments: readonly number[];
  /** Whether register bits are proven to be the fewest for the latency and the limit on segments. */
  readonly registerPlacement: ScheduleResult['registerPlacement'];
  readonly resources: ResourceReport;
  readonly kernels: readonly KernelReport[];
  readonly ports: readonly {
    readonly name: string;
    readonly direction: string;
    readonly elements: number;
    /** On the wires. */
    readonly bits: number;
    /** Clocks in which it comes, where these are more than one. */
    readonly clocks?: number;
    /** As in the manifest, where the port holds the integers of a quantiser. */
    readonly scale?: string;
    readonly zeroPoint?: string;
  }[];
  readonly decisions: readonly ManifestDecision[];
  /** By layer, where weights were pruned. */
  readonly pruning?: readonly PruningRow[];
  /** By unit, where an event comes every few clocks only and hardware is reused. */
  readonly reuse?: readonly ReuseRow[];
  readonly names: readonly (readonly [string, string])[];
  /** Of trigc.yaml, for `trigc check`; absent where it has none. */
  readonly budgets?: readonly DeclaredBudget[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The interval between bunch crossings at the LHC by design, ns. */
const BUNCH_CROSSING = 25;

/** What the report takes from a compilation. */
export interface ReportSource {
  readonly summary: { readonly exporter: { readonly name: string; readonly version: string } };
  readonly schedule: Pick<ScheduleResult, 'segments' | 'segmentLimit' | 'registerBits' | 'registerPlacement'>;
  readonly statistics: readonly PassStatistic[];
}

/** The estimate and what it stands beside. */
export interface EstimateSource {
  readonly resources: ResourceEstimate;
  readonly threeOperandAdders: boolean;
  /** How hardware is reused; undefined where it is not. */
  readonly reuse?: readonly ReuseRow[] | undefined;
  /** Of the part; undefined without one. */
  readonly capacity: Capacity | undefined;
}

export function buildReport(
  compilation: ReportSource,
  estimate: EstimateSource,
  manifest: Omit<Manifest, 'files'>,
  diagnostics: readonly Diagnostic[],
  budgets: readonly DeclaredBudget[] = [],
  pruning: readonly PruningRow[] = [],
): Report {
  const period = manifest.clock.periodNanoseconds;
  const figures: Record<string, Figure> = {
    latency: { value: manifest.latency, unit: 'clocks', origin: 'exact' },
    latency_ns: { value: manifest.latency * period, unit: 'ns', origin: 'exact' },
    latency_bx: { value: (manifest.latency * period) / BUNCH_CROSSING, unit: 'BX', origin: 'exact' },
    ii: { value: manifest.initiationInterval, unit: 'clocks', origin: 'exact' },
    clock_period: { value: period, unit: 'ns', origin: 'exact' },
    critical_segment: { value: Math.max(...compilation.schedule.segments), unit: 'ns', origin: 'estimate' },
    segment_limit: { value: compilation.schedule.segmentLimit, unit: 'ns', origin: 'exact' },
    register_bits: { value: compilation.schedule.registerBits, unit: 'bits', origin: 'estimate' },
    ...resourceFigures(estimate),
  };
  const kernels = compilation.statistics
    .filter((statistic) => statistic.pass === 'distribute-arithmetic')
    .map(({ subject, values }) => ({ kernel: subject, figures: values }));
  const ports = (['inputs', 'outputs'] as const).flatMap((direction) =>
    manifest[direction].map((port) => ({
      name: port.name,
      direction: direction.slice(0, -1),
      elements: port.elements.length,
      bits: port.elements
        .filter(({ clock = 0 }) => clock === 0)
        .reduce((sum, { type }) => sum + Number(/<(\d+)/u.exec(type)?.[1] ?? 0), 0),
      ...clocksOf(port),
      ...(port.scale === undefined ? {} : { scale: port.scale }),
      ...(port.zeroPoint === undefined ? {} : { zeroPoint: port.zeroPoint }),
    })),
  );
  const { name, version } = compilation.summary.exporter;
  return {
    schema: 'trigc-report',
    version: REPORT_VERSION,
    compiler: manifest.compiler,
    name: manifest.name,
    modelSha256: manifest.model.sha256,
    configSha256: manifest.config?.sha256 ?? null,
    exporter: `${name} ${version}`.trim() || 'not named',
    target: manifest.target.name,
    part: manifest.target.part,
    search: manifest.search,
    figures,
    segments: compilation.schedule.segments,
    registerPlacement: compilation.schedule.registerPlacement,
    resources: resourceReport(estimate),
    kernels,
    ports,
    decisions: manifest.decisions ?? [],
    ...(pruning.length === 0 ? {} : { pruning }),
    ...(estimate.reuse === undefined ? {} : { reuse: estimate.reuse }),
    names: manifest.names,
    ...(budgets.length === 0 ? {} : { budgets: budgets.map((budget) => ({ ...budget, file: fileName(budget.file) })) }),
    diagnostics: diagnostics.map(withoutFolder),
  };
}

/** The report is the same wherever the model lies: of paths, the file name stays. */
function withoutFolder(diagnostic: Diagnostic): Diagnostic {
  const { location } = diagnostic;
  if (location?.model === undefined) return diagnostic;
  return { ...diagnostic, location: { ...location, model: fileName(location.model) } };
}

function fileName(path: string): string {
  return path.replace(/^.*[\\/]/u, '');
}

const placements: Readonly<Record<Report['registerPlacement'], string>> = {
  optimal: 'optimal: proven fewest bits for the latency and the limit on segments',
  heuristic: 'heuristic: the search for the fewest bits reached its work limit',
};

/** `report.md`: the same for people. */
export function printReport(report: Report): string {
  const figure = (name: string): string => {
    const found = report.figures[name];
    if (found === undefined) throw new RangeError(`the report has no figure '${name}'`);
    return `${Number(found.value.toFixed(3))} ${found.unit}${found.origin === 'estimate' ? ' (estimate)' : ''}`;
  };
  const lines = [
    `# ${cell(report.name)}`,
    '',
    `Compiled by Trigc ${report.compiler} for target ${report.target} (part ${report.part}), exporter ${cell(report.exporter)}.`,
    '',
    '| figure | value |',
    '|---|---|',
    `| latency | ${figure('latency')} = ${figure('latency_ns')} = ${figure('latency_bx')} |`,
    `| initiation interval | ${figure('ii')} |`,
    `| clock period | ${figure('clock_period')} |`,
    `| longest segment | ${figure('critical_segment')} |`,
    `| limit on segments | ${figure('segment_limit')} |`,
    `| registers | ${figure('register_bits')} |`,
    `| register placement | ${placements[report.registerPlacement]} |`,
    `| effort of the search | ${report.search.effort}, seed ${report.search.seed}, depth slack ${printSlack(report.search)}, solver ${report.search.solver} |`,
    `| model SHA-256 | ${report.modelSha256} |`,
    `| configuration SHA-256 | ${report.configSha256 ?? 'none'} |`,
    '',
    '## Resources (estimate)',
    '',
    ...resourceRows(report),
    '',
    '## Segments',
    '',
    ...segmentTable(report),
    '',
    '## Layers',
    '',
    ...layerTable(report, cell),
    '',
    '## Ports',
    '',
    '| port | direction | elements | bits | scale of its integers |',
    '|---|---|---|---|---|',
    ...report.ports.map(
      ({ name, direction, elements, bits, clocks, ...scaled }) =>
        `| ${cell(name)} | ${direction}${clocks === undefined ? '' : ` in ${clocks} clocks`} | ${elements} | ${bits} | ${scaleText(scaled)} |`,
    ),
    '',
    '## Kernels',
    '',
    ...kernelTable(report.kernels),
  ];
  if (report.reuse !== undefined) lines.push('', '## Reuse of hardware', '', ...reuseTable(report.reuse));
  if (report.pruning !== undefined) lines.push('', '## Pruning', '', ...pruningTable(report.pruning));
  if (report.decisions.length > 0) {
    lines.push('', '## Decisions', '', '| decision | fires where | code of the threshold |', '|---|---|---|');
    for (const decision of report.decisions) {
      const condition = cell(`${decision.output}[${decision.element}] ${decision.comparison} ${decision.threshold}`);
      lines.push(`| ${cell(decision.name)} | ${condition} | ${decision.code} |`);
    }
  }
  const renamed = report.names.filter(([original, legal]) => original !== legal);
  if (renamed.length > 0) {
    lines.push('', '## Names', '', '| ONNX name | identifier |', '|---|---|');
    for (const [original, legal] of renamed) lines.push(`| ${cell(original)} | ${legal} |`);
  }
  if (report.diagnostics.length > 0) {
    lines.push('', '## Diagnostics', '');
    for (const diagnostic of report.diagnostics) lines.push(`- ${cell(formatDiagnostic(diagnostic))}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Empty for a port whose type says what its bits mean. */
/** Of a port whose elements come in parts. */
function clocksOf({ elements }: ManifestPort): { readonly clocks?: number } {
  const clocks = elements.reduce((most, { clock = 0 }) => Math.max(most, clock + 1), 1);
  return clocks === 1 ? {} : { clocks };
}

function scaleText({ scale, zeroPoint }: Pick<Report['ports'][number], 'scale' | 'zeroPoint'>): string {
  if (scale === undefined) return '';
  return zeroPoint === undefined ? scale : `${scale}, zero point ${zeroPoint}`;
}

function kernelTable(kernels: readonly KernelReport[]): readonly string[] {
  const columns = [...new Set(kernels.flatMap(({ figures }) => Object.keys(figures)))];
  if (columns.length === 0) return ['No constant products.'];
  return [
    `| kernel | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...kernels.map(
      ({ kernel, figures }) => `| ${cell(kernel)} | ${columns.map((c) => figures[c] ?? '').join(' | ')} |`,
    ),
  ];
}

/** `1`, or `1 to 3` where a matrix may take more levels if they pay. */
function printSlack({ depthSlack, mostDepthSlack }: Manifest['search']): string {
  return mostDepthSlack > depthSlack ? `${depthSlack} to ${mostDepthSlack}` : `${depthSlack}`;
}

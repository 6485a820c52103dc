import { printable } from '../diagnostics/diagnostic.js';
import { unwrap } from '../diagnostics/result.js';
import type { ImportOptions, Inspection, PortSummary } from '../importers/onnx/import.js';
import { importOnnx, inspectOnnx } from '../importers/onnx/import.js';
import type { LoadedFile } from '../importers/onnx/load.js';
import { loadModelFile } from '../importers/onnx/load.js';
import type { LayerSize } from '../model/count-operations.js';
import { countSizes } from '../model/count-operations.js';
import type { Shape } from '../model/kinds.js';
import { emptySummary } from '../importers/onnx/summary.js';
import { importerOf, modelName } from './compile-request.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';
import type { CostPreview } from './cost-preview.js';
import { PREVIEW_OPERATIONS } from './preview-limit.js';

export interface InspectArguments {
  readonly model: string;
  /** Whether to compile the model with little effort, for a preview of its cost. */
  readonly cost: boolean;
  readonly json: boolean;
}

/** `trigc inspect`: what a model holds, and everything that stands in the way of compiling it, at once. */
export async function inspectCommand(arguments_: InspectArguments, console: Console): Promise<number> {
  const { model } = arguments_;
  const loaded = unwrap(loadModelFile(model));
  const importing = { modelName: modelName(model), modelPath: model, readExternal: loaded.readExternal };
  const importer = await importerOf(model);
  const inspection =
    importer === importOnnx ? inspectOnnx(loaded.bytes, importing) : inspected(importer, loaded, importing);
  const layers = inspection.importable ? countSizes(unwrap(importer(loaded.bytes, importing)).graph) : [];
  const operations = sum(layers.map((layer) => layer.operations));
  const wanted = arguments_.cost && inspection.importable && operations <= PREVIEW_OPERATIONS;
  const cost = wanted ? (await import('./cost-preview.js')).previewCost(model, loaded, importer) : undefined;
  if (arguments_.json) {
    const { summary, diagnostics, importable } = inspection;
    console.result(
      JSON.stringify(
        { schema: 'trigc-inspect', version: 1, importable, ...summary, layers, cost, diagnostics },
        null,
        2,
      ),
    );
  } else {
    const size = inspection.importable ? describeSize(layers, cost) : [];
    if (cost === undefined && arguments_.cost && inspection.importable) {
      size.push(
        operations > PREVIEW_OPERATIONS
          ? `no preview of cost above ${count(PREVIEW_OPERATIONS)} operations; trigc compile estimates it`
          : 'no preview of cost: the model does not compile without a configuration; trigc compile says why',
        '',
      );
    }
    console.result(describe(inspection, model, size));
    showDiagnostics(
      console,
      inspection.diagnostics.filter((diagnostic) => diagnostic.severity !== 'note' || inspection.importable),
    );
  }
  return inspection.importable ? exitCode.ok : exitCode.badInput;
}

/** What an importer other than that of ONNX says of a file. */
function inspected(
  importer: Awaited<ReturnType<typeof importerOf>>,
  { bytes }: LoadedFile,
  importing: ImportOptions,
): Inspection {
  const imported = importer(bytes, importing);
  const { diagnostics, ok: importable } = imported;
  return { summary: imported.ok ? imported.value.summary : emptySummary, diagnostics, importable };
}

function describe({ summary, importable }: Inspection, model: string, size: readonly string[]): string {
  const { exporter } = summary;
  const opsets = summary.opsets.map(
    ({ domain, version }) => `${domain === '' ? 'ai.onnx' : printable(domain)} ${version}`,
  );
  const lines = [
    `model     ${printable(model)}`,
    `exporter  ${printable(`${exporter.name} ${exporter.version}`.trim()) || 'not named'}`,
    ...(summary.irVersion === 0
      ? []
      : [`format    IR version ${summary.irVersion}, opsets ${opsets.join(', ') || 'none'}`]),
    ...summary.inputs.map((port) => `input     ${describePort(port)}`),
    ...summary.outputs.map((port) => `output    ${describePort(port)}`),
    `operators ${summary.operators.map(({ operator, count }) => `${printable(operator)} × ${count}`).join(', ')}`,
    '',
    'graph:',
    ...summary.nodes.map((node) => {
      const shapes = node.outputs.map(({ shape }) => shapeText(shape)).join(', ');
      const quantizer = node.quantizer === undefined ? '' : `  ${node.quantizer}`;
      const status = node.status === 'supported' ? '' : `  (${node.status})`;
      return `  ${printable(node.operator).padEnd(20)} ${printable(node.name).padEnd(28)} ${shapes}${quantizer}${status}`;
    }),
    '',
    ...size,
  ];
  if (summary.unsupported.length > 0) {
    lines.push(`unsupported (${summary.unsupported.length}):`);
    for (const { name, operator, reason, remedy } of summary.unsupported) {
      lines.push(`  ${printable(operator)} '${printable(name)}': ${printable(reason)}`, `    ${printable(remedy)}`);
    }
    lines.push('');
  }
  lines.push(importable ? 'This model can be compiled.' : 'This model cannot be compiled; the reasons are listed.');
  return lines.join('\n');
}

/** A table of the layers, their sum, and what the cost is based on. */
function describeSize(layers: readonly LayerSize[], cost: CostPreview | undefined): string[] {
  const key = (layer: { readonly name: string; readonly operator: string }): string =>
    JSON.stringify([layer.operator, layer.name]);
  const longest = layers.reduce((most, { name }) => Math.max(most, printable(name).length), 28);
  const luts = new Map(cost?.layers.map((layer) => [key(layer), layer.lut]));
  const cells = (
    lead: readonly string[],
    size: Omit<LayerSize, 'name' | 'operator'>,
    lut: number | undefined,
  ): string => {
    const { operations, parameters, zeroParameters } = size;
    const zeros = parameters === 0 ? '' : `${((100 * zeroParameters) / parameters).toFixed(1)} %`;
    return `  ${(lead[0] ?? '').padEnd(20)} ${(lead[1] ?? '').padEnd(longest)}${[
      count(operations),
      count(parameters),
      zeros,
      ...(cost === undefined ? [] : [lut === undefined ? '' : count(lut)]),
    ]
      .map((cell) => cell.padStart(12))
      .join('')}`;
  };
  const header = ['operations', 'parameters', 'zero', ...(cost === undefined ? [] : ['LUT'])];
  const lines = [
    'layers:',
    `  ${''.padEnd(20)} ${''.padEnd(longest)}${header.map((cell) => cell.padStart(12)).join('')}`,
    ...layers.map((layer) => cells([printable(layer.operator), printable(layer.name)], layer, luts.get(key(layer)))),
    cells(
      ['all', ''],
      {
        operations: sum(layers.map((layer) => layer.operations)),
        parameters: sum(layers.map((layer) => layer.parameters)),
        zeroParameters: sum(layers.map((layer) => layer.zeroParameters)),
      },
      cost?.lut,
    ),
  ];
  if (cost !== undefined) {
    const { flipFlops, dsp, latency, basis } = cost;
    lines.push(
      `preview of cost: ${count(cost.lut)} LUT, ${count(flipFlops)} FF, ${count(dsp)} DSP, latency ${latency} cycles (${basis})`,
    );
  }
  lines.push('');
  return lines;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 17,900: in every locale alike. */
function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
}

function describePort({ name, elementType, declared, shape }: PortSummary): string {
  const original = declared === undefined ? 'no shape' : `[${declared.map((d) => printable(String(d))).join(', ')}]`;
  return `${printable(name)} ${elementType} ${original}, per event ${shapeText(shape)}`;
}

function shapeText(shape: Shape | undefined): string {
  return shape === undefined ? '[?]' : `[${shape.join(', ')}]`;
}

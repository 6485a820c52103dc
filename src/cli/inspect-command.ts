import { basename, extname } from 'node:path';
import { printable } from '../diagnostics/diagnostic.js';
import { unwrap } from '../diagnostics/result.js';
import type { Inspection, PortSummary } from '../importers/onnx/import.js';
import { inspectOnnx } from '../importers/onnx/import.js';
import { loadModelFile } from '../importers/onnx/load.js';
import type { Shape } from '../model/kinds.js';
import type { Console } from './console.js';
import { exitCode, showDiagnostics } from './console.js';

export interface InspectArguments {
  readonly model: string;
  readonly json: boolean;
}

/** `trigc inspect`: what a model holds, and everything that stands in the way of compiling it, at once. */
export function inspectCommand(arguments_: InspectArguments, console: Console): number {
  const { model } = arguments_;
  const loaded = unwrap(loadModelFile(model));
  const inspection = inspectOnnx(loaded.bytes, {
    modelName: basename(model, extname(model)),
    modelPath: model,
    readExternal: loaded.readExternal,
  });
  if (arguments_.json) {
    const { summary, diagnostics, importable } = inspection;
    console.result(
      JSON.stringify({ schema: 'trigc-inspect', version: 1, importable, ...summary, diagnostics }, null, 2),
    );
  } else {
    console.result(describe(inspection, model));
    showDiagnostics(
      console,
      inspection.diagnostics.filter((diagnostic) => diagnostic.severity !== 'note' || inspection.importable),
    );
  }
  return inspection.importable ? exitCode.ok : exitCode.badInput;
}

function describe({ summary, importable }: Inspection, model: string): string {
  const { exporter } = summary;
  const opsets = summary.opsets.map(
    ({ domain, version }) => `${domain === '' ? 'ai.onnx' : printable(domain)} ${version}`,
  );
  const lines = [
    `model     ${printable(model)}`,
    `exporter  ${printable(`${exporter.name} ${exporter.version}`.trim()) || 'not named'}`,
    `format    IR version ${summary.irVersion}, opsets ${opsets.join(', ') || 'none'}`,
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

function describePort({ name, elementType, declared, shape }: PortSummary): string {
  const original = declared === undefined ? 'no shape' : `[${declared.map((d) => printable(String(d))).join(', ')}]`;
  return `${printable(name)} ${elementType} ${original}, per event ${shapeText(shape)}`;
}

function shapeText(shape: Shape | undefined): string {
  return shape === undefined ? '[?]' : `[${shape.join(', ')}]`;
}

import type { onnx } from 'onnx-proto';
import { importCodes } from '../../diagnostics/codes/import.js';
import type { Location } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../../diagnostics/result.js';
import type { OnnxModel, OnnxNode } from './proto.js';
import { NEWEST_OPSET, OLDEST_OPSET } from './registry.js';

/** Problems of the file as a whole that do not keep its nodes from being read. */
export function checkModel(model: OnnxModel, bag: DiagnosticBag, where: Location): void {
  checkOpset(model, bag, where);
  checkNames(model, bag, where);
  const { graph } = model;
  if (graph.annotations > 0) {
    bag.add(importCodes.annotationIgnored, `${graph.annotations} quantization annotations`, where);
  }
  if (graph.outputs.length === 0) bag.add(importCodes.noOutputs, 'the graph has no outputs', where);
}

function checkOpset(model: OnnxModel, bag: DiagnosticBag, where: Location): void {
  const version = model.opsets.get('');
  if (version === undefined) {
    if (model.graph.nodes.some((node) => node.domain === '')) {
      bag.add(importCodes.missingOpset, 'opset_import has no entry for the standard operators', where);
    }
  } else if (version < OLDEST_OPSET) {
    bag.add(importCodes.opsetTooOld, `the model uses operator set ${version}`, where);
  } else if (version > NEWEST_OPSET) {
    bag.add(importCodes.opsetNewer, `operator set ${version}, and ${NEWEST_OPSET} is the newest known`, where);
  }
}

/** Every tensor has one definition: only an initialiser and a graph input may share a name. */
function checkNames({ graph }: OnnxModel, bag: DiagnosticBag, where: Location): void {
  const report = (name: string, what: string, node?: OnnxNode): void => {
    const location = node === undefined ? where : { ...where, node: node.label };
    bag.add(importCodes.duplicateTensor, `tensor '${printable(name)}' is ${what}`, location);
  };
  const distinct = (names: readonly string[], what: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    for (const name of names) {
      if (seen.has(name)) report(name, what);
      seen.add(name);
    }
    return seen;
  };
  const initializers = distinct(graph.initializers.map(nameOfTensor), 'initialised twice');
  const inputs = distinct(
    graph.inputs.map(({ name }) => name),
    'a graph input twice',
  );
  distinct(
    graph.outputs.map(({ name }) => name),
    'a graph output twice',
  );
  const written = new Set<string>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (initializers.has(output) || inputs.has(output) || written.has(output)) {
        report(output, 'defined already, and this node defines it again', node);
      }
      written.add(output);
    }
    if (node.renamed)
      bag.add(importCodes.duplicateNode, 'another node has the same name', { ...where, node: node.label });
  }
}

export function nameOfTensor(tensor: onnx.ITensorProto): string {
  return tensor.name ?? '';
}

/** One error for all nodes that cannot be put in order. */
export function reportCycle(cyclic: readonly OnnxNode[], bag: DiagnosticBag, where: Location): void {
  const [first] = cyclic;
  if (first === undefined) return;
  const names = cyclic.slice(0, 8).map((node) => `'${printable(node.label)}'`);
  const more = cyclic.length > names.length ? ` and ${cyclic.length - names.length} more` : '';
  bag.add(importCodes.cyclicGraph, `on the cycle, or behind it: ${names.join(', ')}${more}`, {
    ...where,
    node: first.label,
  });
}

import { importCodes } from '../../diagnostics/codes/import.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { fail } from '../../diagnostics/result.js';
import type { NodeContext } from './node-context.js';
import type { OperatorEntry } from './operator.js';
import type { OnnxModel, OnnxNode } from './proto.js';
import { findOperator, isQonnxDomain, isQonnxOperator, ML_DOMAIN } from './registry.js';
import { hintFor, isStandardOperator, isSubgraphOperator } from './unsupported.js';

/** The registry entry of a node's operator. Throws DiagnosticError with the reason when there is none. */
export function supportOf(node: OnnxNode, model: OnnxModel, modelPath: string): OperatorEntry {
  const where = { model: modelPath, node: node.label };
  const name = printable(node.operator);
  const domain = printable(node.domain);
  if (model.functions.has(`${node.domain}::${node.operator}`)) {
    return fail(importCodes.localFunction, `${name} is a function defined in the model`, where);
  }
  const entry = findOperator(node.domain, node.operator);
  const hint = hintFor(node.operator);
  if (entry === undefined) {
    if (node.domain !== '' && !isQonnxDomain(node.domain)) {
      return fail(
        importCodes.unsupportedDomain,
        `${name} of domain '${domain}' is not supported`,
        where,
        domainHint(node),
      );
    }
    if (isSubgraphOperator(node.operator))
      return fail(importCodes.subgraphOperator, `${name} has a subgraph`, where, hint);
    if (isStandardOperator(node.operator)) {
      return fail(importCodes.unsupportedOperator, `${name} is not supported yet`, where, hint);
    }
    if (node.domain === '' && isQonnxOperator(node.operator)) {
      const quantizer = 'Set the domain of the node to qonnx.custom_op.general.';
      return fail(importCodes.unknownOperator, `${name} is a QONNX operator in the standard domain`, where, quantizer);
    }
    const place = node.domain === '' ? 'the ONNX standard' : `domain '${domain}'`;
    return fail(importCodes.unknownOperator, `${name} is not a known operator of ${place}`, where);
  }
  const opset = opsetOf(node, model);
  if (node.domain === '' && opset < entry.since) {
    return fail(
      importCodes.unknownOperator,
      `${name} exists from operator set ${entry.since} on, not in ${opset}`,
      where,
    );
  }
  return entry;
}

function domainHint(node: OnnxNode): string | undefined {
  if (node.domain === ML_DOMAIN) {
    return 'Of ai.onnx.ml, tree ensembles, linear models, Scaler, Binarizer, FeatureVectorizer, ArrayFeatureExtractor and ZipMap are read.';
  }
  if (node.domain === 'com.microsoft')
    return 'Save the model before ONNX Runtime optimises it: its fused operators are private.';
  return undefined;
}

/** Where no version is declared, which is reported as an error elsewhere, a common one lets the reading go on. */
const ASSUMED_OPSET = 13;

/** Version of the operator set of a node's domain. */
export function opsetOf(node: OnnxNode, model: OnnxModel): number {
  return model.opsets.get(node.domain) ?? (node.domain === '' ? ASSUMED_OPSET : 1);
}

/** Number of inputs and names of attributes. Throws DiagnosticError; an unknown attribute is a warning. */
export function checkForm(context: NodeContext, entry: OperatorEntry): void {
  const [fewest, most] = entry.inputs;
  const count = context.inputCount;
  if (count < fewest || count > most) {
    const wanted =
      fewest === most
        ? String(fewest)
        : most === Number.POSITIVE_INFINITY
          ? `${fewest} or more`
          : `${fewest} to ${most}`;
    context.fail(importCodes.operandCount, `${entry.operator} has ${count} inputs instead of ${wanted}`);
  }
  for (const name of context.node.attributes.keys()) {
    if (entry.attributes.includes(name)) continue;
    context.report(importCodes.unknownAttribute, `${entry.operator} has an attribute '${printable(name)}'`);
  }
}

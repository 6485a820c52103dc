import { typingCodes } from '../../diagnostics/codes/typing.js';
import type { Location } from '../../diagnostics/diagnostic.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag } from '../../diagnostics/result.js';
import type { Dyadic } from '../../numeric/dyadic.js';
import { printDyadic } from '../../numeric/dyadic.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, fixedPointType, lsbExponent, printType } from '../../numeric/fixed-point.js';
import { isPoint } from '../../numeric/interval.js';
import { roundShift } from '../../numeric/rounding.js';
import { at } from '../../support/invariant.js';
import { shiftBy } from '../../support/bits.js';
import { ModelBuilder } from '../../model/builder.js';
import { inferFormats } from '../../model/formats.js';
import type { ModelGraph, ModelNodeId, ModelOutput } from '../../model/kinds.js';
import { elementCount, perElement } from '../../model/kinds.js';
import type { Pass } from '../pass.js';
import { copyNode } from './copy-node.js';

/** One threshold on an element of an output: a 1-bit output of its own. */
export interface DecisionDeclaration {
  readonly name: string;
  /** The graph output; the only one where not given. */
  readonly output?: string;
  /** Flattened, from 0. */
  readonly element?: number;
  /** `above`: score > threshold; `at_least`: score >= threshold. */
  readonly comparison: 'above' | 'at_least';
  /** A real value, or a code of the output's type. */
  readonly threshold: { readonly value: Dyadic } | { readonly code: bigint };
  /** Where it is declared. */
  readonly location: Location;
}

/** A decision whose output and threshold are known. */
export interface Decision {
  readonly name: string;
  readonly output: string;
  readonly element: number;
  readonly comparison: DecisionDeclaration['comparison'];
  /** Code of the threshold, and the type whose code it is. */
  readonly code: bigint;
  readonly type: FixedPointType;
}

const bit = fixedPointType(false, 1, 1);

/** Compare outputs with thresholds: each decision is an output `ap_uint<1>` beside those of the network. */
export function addDecisions(declarations: readonly DecisionDeclaration[]): Pass<ModelGraph> {
  return {
    name: 'add-decisions',
    summary: 'compare outputs with the thresholds of the trigger decisions',
    preserves: 'nothing',
    run: (graph) => (declarations.length === 0 ? new DiagnosticBag().finish(graph) : decide(graph, declarations)),
  };
}

function decide(graph: ModelGraph, declarations: readonly DecisionDeclaration[]): Result<ModelGraph> {
  const bag = new DiagnosticBag();
  const decisions = declarations.flatMap((declared) => resolveDecision(graph, declared, bag) ?? []);
  const taken = new Set([
    ...graph.outputs.map(({ name }) => name),
    ...graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : [])),
  ]);
  for (const { name, location } of declarations) {
    if (taken.has(name)) {
      bag.add(typingCodes.decisionName, `'${printable(name)}' is the name of another port already`, location);
    }
    taken.add(name);
  }
  if (bag.hasErrors) return bag.finish(graph);
  const builder = new ModelBuilder(graph.name);
  const mapped: ModelNodeId[] = [];
  for (const node of graph.nodes) mapped.push(copyNode(builder, node, (id) => at(mapped, id)));
  for (const { name, node, types } of graph.outputs) builder.output(name, at(mapped, node), types);
  for (const decision of decisions) {
    const output = outputOf(graph, decision.output);
    if (output === undefined) continue;
    const provenance = { name: decision.name, operator: 'decision' };
    const score = at(mapped, output.node);
    const size = elementCount(builder.shapeOf(score));
    const flat = builder.add('reshape', { operand: score, shape: [size] }, provenance);
    const right =
      size === 1 ? flat : builder.add('gather', { operand: flat, axis: 0, indices: [decision.element] }, provenance);
    // The score is a multiple of its LSB: at least t is more than the value before t.
    const code = decision.comparison === 'above' ? decision.code : decision.code - 1n;
    const left = builder.constant({ lsb: lsbExponent(decision.type), codes: [code], float: false }, [1], provenance);
    builder.output(decision.name, builder.add('lessThan', { left, right }, provenance), [bit]);
  }
  const decided = builder.finish();
  const formats = inferFormats(decided);
  decided.outputs.slice(graph.outputs.length).forEach(({ name, node }, index) => {
    const range = at(at(formats, node).ranges, 0);
    if (!isPoint(range)) return;
    const message = `'${printable(name)}' is always ${range.low}: no score lies on the other side of the threshold`;
    bag.add(typingCodes.constantDecision, message, at(declarations, index).location);
  });
  return bag.finish(decided);
}

/** The output and the code of a declaration in the final graph; undefined where problems were reported. */
export function resolveDecision(
  graph: ModelGraph,
  declared: DecisionDeclaration,
  bag: DiagnosticBag,
): Decision | undefined {
  const { name, location, comparison, threshold } = declared;
  const names = graph.outputs.map((output) => printable(output.name)).join(', ');
  const output = outputOf(graph, declared.output);
  if (output === undefined) {
    const message =
      declared.output === undefined
        ? `'${printable(name)}' names no output, and there are ${graph.outputs.length}`
        : `the model has no output '${printable(declared.output)}'`;
    bag.add(typingCodes.decisionOutput, message, location, `the outputs are ${names}`);
    return undefined;
  }
  const size = elementCount(at(graph.nodes, output.node).shape);
  const element = declared.element ?? 0;
  if ((declared.element === undefined && size > 1) || element >= size) {
    const which = declared.element === undefined ? 'none is named' : `there is no element ${element}`;
    const message = `output '${printable(output.name)}' has ${size} elements, 0 to ${size - 1}; ${which}`;
    bag.add(typingCodes.decisionOutput, message, location);
    return undefined;
  }
  const type = perElement(output.types, element);
  const lsb = lsbExponent(type);
  if ('code' in threshold) {
    const { low, high } = codeRange(type);
    if (threshold.code >= low && threshold.code <= high) {
      return { name, output: output.name, element, comparison, code: threshold.code, type };
    }
    const message = `code ${threshold.code} is outside ${low} to ${high}, the codes of ${printType(type)}`;
    bag.add(typingCodes.decisionThreshold, message, location);
    return undefined;
  }
  const { value } = threshold;
  const code = roundShift(value.code, lsb - value.lsb, 'TRN');
  const finer = Math.min(lsb, value.lsb);
  if (shiftBy(code, lsb - finer) !== shiftBy(value.code, value.lsb - finer)) {
    const [below, above] = [code, code + 1n].map((near) => printDyadic({ code: near, lsb }));
    const message = `${printDyadic(value)} is not a value of ${printType(type)}; its neighbours are ${below ?? ''} and ${above ?? ''}`;
    bag.add(typingCodes.decisionThreshold, message, location);
    return undefined;
  }
  return { name, output: output.name, element, comparison, code, type };
}

/** The output of the name; without a name, the only one. */
function outputOf(graph: ModelGraph, name: string | undefined): ModelOutput | undefined {
  if (name === undefined) return graph.outputs.length === 1 ? graph.outputs[0] : undefined;
  return graph.outputs.find((output) => output.name === name);
}

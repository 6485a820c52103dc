import { precisionCodes } from '../../../diagnostics/codes/precision.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import type { ModelGraph, ModelNodeId, ModelNodeOf } from '../../../model/kinds.js';
import { findPortProblem } from '../../../model/verify.js';
import type { ConstantPrecision } from './plan.js';

/** Constants of a typed graph whose codes are not those that the model and its types give, by name (`constantsByName`). */
export type PrunedConstants = ReadonlyMap<string, ConstantPrecision>;

/** Constants by the ONNX name that they come from; `name#2` is the second of one name, in the order of the graph. */
function constantsByName(graph: ModelGraph): ReadonlyMap<string, ModelNodeOf<'constant'>> {
  const found = new Map<string, ModelNodeOf<'constant'>>();
  for (const node of graph.nodes) {
    if (node.kind !== 'constant') continue;
    const { name } = node.provenance;
    let [unique, count] = [name, 1];
    while (found.has(unique)) unique = `${name}#${++count}`;
    found.set(unique, node);
  }
  return found;
}

/** What `after` has other codes for; both have the same nodes. */
export function changedConstants(before: ModelGraph, after: ModelGraph): PrunedConstants {
  const changed = new Map<string, ConstantPrecision>();
  for (const [name, { id, lsb, codes }] of constantsByName(before)) {
    const now = after.nodes[id];
    if (now?.kind !== 'constant' || now.codes.every((code, index) => code === codes[index])) continue;
    changed.set(name, { lsb, codes: now.codes });
  }
  return changed;
}

/**
 * The typed graph with these codes. `path` is what messages call the file that they come from. Errors: TRG1703 where a
 * constant is not there, or is another one, as with another configuration; or where sums leave the type of an output.
 */
export function withConstants(graph: ModelGraph, constants: PrunedConstants, path: string): Result<ModelGraph> {
  const bag = new DiagnosticBag();
  const hint = 'compile with the configuration that the file was made with, or prune again';
  const refuse = (name: string, message: string): void => {
    bag.add(precisionCodes.badFile, message, { model: printable(path), configPath: `pruned.${printable(name)}` }, hint);
  };
  const known = constantsByName(graph);
  const codesOf = new Map<ModelNodeId, readonly bigint[]>();
  for (const [name, { lsb, codes }] of constants) {
    const node = known.get(name);
    if (node === undefined) refuse(name, 'the model has no constant of that name');
    else if (node.lsb !== lsb) refuse(name, `its codes are of 2^${lsb}, those of the model of 2^${node.lsb}`);
    else if (node.codes.length !== codes.length) {
      refuse(name, `it has ${codes.length} codes, the constant of the model ${node.codes.length}`);
    } else codesOf.set(node.id, codes);
  }
  const nodes = graph.nodes.map((node) => {
    const codes = codesOf.get(node.id);
    return node.kind === 'constant' && codes !== undefined ? { ...node, codes } : node;
  });
  const changed = { ...graph, nodes };
  const problem = findPortProblem(changed);
  if (problem !== undefined) bag.add(precisionCodes.badFile, printable(problem), { model: printable(path) }, hint);
  return bag.finish(changed);
}

import { precisionCodes } from '../../../diagnostics/codes/precision.js';
import { printable } from '../../../diagnostics/diagnostic.js';
import type { Result } from '../../../diagnostics/result.js';
import { DiagnosticBag } from '../../../diagnostics/result.js';
import { closestWord } from '../../../support/suggest.js';
import { at } from '../../../support/invariant.js';
import { ModelBuilder } from '../../../model/builder.js';
import type { ModelGraph, ModelNodeId } from '../../../model/kinds.js';
import { copyNode } from '../copy-node.js';
import type { PrecisionPlan } from './plan.js';
import type { PrecisionSite } from './sites.js';
import { findSites } from './sites.js';

/**
 * Bring a plan into the float graph that its sites were found in: a quantiser after each tensor, codes in place of each
 * float constant. A plan for another graph is refused.
 */
export function applyPrecision(graph: ModelGraph, plan: PrecisionPlan): Result<ModelGraph> {
  const bag = new DiagnosticBag();
  if (plan.tensors.size === 0 && plan.constants.size === 0) return bag.finish(graph);
  const sites = findSites(graph);
  return bag.finish(checkPlan(sites, plan, bag) ? bringPlan(graph, sites, plan).graph : graph);
}

/** The same, for sites that are known to be there; also says where each node went. */
export function bringPlan(
  graph: ModelGraph,
  sites: readonly PrecisionSite[],
  plan: PrecisionPlan,
): { readonly graph: ModelGraph; readonly mapped: readonly ModelNodeId[] } {
  const siteOf = new Map(sites.map((site) => [site.node, site]));
  const builder = new ModelBuilder(graph.name);
  const mapped: ModelNodeId[] = [];
  for (const node of graph.nodes) {
    const site = siteOf.get(node.id);
    const constant = site?.kind === 'constant' ? plan.constants.get(site.name) : undefined;
    if (constant !== undefined) {
      mapped.push(builder.constant({ ...constant, float: false }, node.shape, node.provenance));
      continue;
    }
    const made = copyNode(builder, node, (id) => at(mapped, id));
    const tensor = site?.kind === 'tensor' ? plan.tensors.get(site.name) : undefined;
    const { provenance } = node;
    mapped.push(tensor === undefined ? made : builder.add('quantize', { operand: made, ...tensor }, provenance));
  }
  for (const output of graph.outputs) builder.output(output.name, at(mapped, output.node), output.types);
  return { graph: builder.finish(), mapped };
}

/** Reports every site that the graph does not have, and every list of another length than its tensor. */
function checkPlan(sites: readonly PrecisionSite[], plan: PrecisionPlan, bag: DiagnosticBag): boolean {
  const sizes = new Map(sites.map((site) => [`${site.kind} ${site.name}`, site.size]));
  const check = (kind: PrecisionSite['kind'], name: string, count: number): void => {
    const configPath = `precision.${kind}s.${printable(name)}`;
    const size = sizes.get(`${kind} ${name}`);
    if (size === undefined) {
      const names = sites.filter((site) => site.kind === kind).map((site) => site.name);
      const closest = closestWord(name, names);
      const hint = closest === undefined ? undefined : `did you mean '${printable(closest)}'?`;
      bag.add(precisionCodes.unknownSite, `the model has no ${kind} '${printable(name)}'`, { configPath }, hint);
    } else if (count !== size && (kind === 'constant' || count !== 1)) {
      const message = `${count} ${kind === 'constant' ? 'codes' : 'types'} for the ${size} elements of '${printable(name)}'`;
      bag.add(precisionCodes.wrongSize, message, { configPath });
    }
  };
  for (const [name, { types }] of plan.tensors) check('tensor', name, types.length);
  for (const [name, { codes }] of plan.constants) check('constant', name, codes.length);
  return !bag.hasErrors;
}

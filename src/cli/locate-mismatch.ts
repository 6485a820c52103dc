import { evaluateProgram } from '../dataflow/evaluate.js';
import { kernelOf } from '../dataflow/program.js';
import { printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError } from '../diagnostics/result.js';
import { outputPort } from '../lowering/rtl/kernel-module.js';
import { buildNetlist } from '../lowering/rtl/netlist.js';
import type { ObservedSignal } from '../lowering/rtl/modules.js';
import { InvariantError } from '../support/invariant.js';
import { fromPattern, toPattern } from '../support/bits.js';
import { SIMULATION_ENGINES } from '../simulation/choose-engine.js';
import { SimulationError } from '../simulation/simulation-error.js';
import type { Mismatch } from '../simulation/verify-design.js';
import type { Design } from '../design/design.js';
import type { CompiledFolder } from './compiled-folder.js';
import { readDesign } from './compiled-folder.js';
import { simulationDesign, wiredElements } from './simulation-design.js';

/** Cycles beyond the claimed latency after which a wrong one has settled too. */
const SETTLE = 16;

export function describeMismatch(mismatch: Mismatch): string {
  const { vector, tensor, element, expected, actual, unknown } = mismatch;
  const value = unknown ? 'an unknown value' : `code ${actual}`;
  return `first mismatch: vector ${vector}, output '${printable(tensor)}', element ${element}: expected code ${expected}, simulated ${value}`;
}

/**
 * Find the first value inside the hierarchy that differs from the Dataflow program, and the ONNX node it came from. The
 * failing vector, whose codes are `row`, is run again with the signals between the kernels observed. Returns a sentence.
 */
export async function locateMismatch(compiled: CompiledFolder, row: readonly bigint[]): Promise<string> {
  let design: Design;
  try {
    design = readDesign(compiled.folder);
  } catch (error) {
    if (error instanceof DiagnosticError) return `the node cannot be named: ${error.message}`;
    throw error;
  }
  try {
    const values = evaluateProgram(design.program, row);
    const { observed } = buildNetlist(design, { model: '', modelHash: '', configHash: '', version: '' });
    const trace = await SIMULATION_ENGINES.yosys.run({
      design: simulationDesign(compiled),
      stimulus: [pack(row, compiled)],
      drain: compiled.manifest.latency + SETTLE,
      observe: observed.map((signal) => portPath(design, signal)),
    });
    // The one row is held, so in the end every signal shows its value for it, however late it comes.
    for (const signal of observed) {
      // Hardware that is reused shows it in one clock only.
      const seen = trace.observed?.get(portPath(design, signal));
      const pattern = seen?.at(design.sequencing === undefined ? -1 : signal.cycle);
      const expected = valueOf(design, values.nodes, signal);
      if (pattern === undefined || expected === undefined) continue;
      const actual = fromPattern(pattern, signal.width, signal.signed);
      if (actual !== expected) {
        return `it begins in ${originOf(design, signal)}: signal ${signal.path} is ${actual} where ${expected} is expected`;
      }
    }
  } catch (error) {
    // A text that was edited may break what the emitted one keeps.
    const expected = [SimulationError, InvariantError, RangeError].some((kind) => error instanceof kind);
    if (!expected || !(error instanceof Error)) throw error;
    return `the node cannot be named: ${printable(error.message)}`;
  }
  return 'all values between the kernels are as the design text has them: the difference lies at the ports, in time, or in the design text itself';
}

/** The output port of the module that holds the signal: what stands between the two counts as part of the module. */
function portPath(design: Design, { path, reference }: ObservedSignal): string {
  const instance = design.program.instances[reference.instance];
  const outputs = instance === undefined ? 1 : kernelOf(design.program, instance).outputs.length;
  return path.replace(/[^.]*$/u, outputPort(reference.index % outputs));
}

function pack(row: readonly bigint[], compiled: CompiledFolder): readonly bigint[] {
  const patterns = new Map<string, bigint>();
  wiredElements(compiled.manifest.inputs).forEach(({ port, low, type }, index) => {
    patterns.set(port, (patterns.get(port) ?? 0n) | (toPattern(row[index] ?? 0n, type.width) << BigInt(low)));
  });
  return [...patterns.values()];
}

function valueOf(
  design: Design,
  nodes: readonly (readonly (readonly bigint[])[])[],
  signal: ObservedSignal,
): bigint | undefined {
  const node = nodeOf(design, signal);
  return node === undefined ? undefined : nodes[signal.reference.instance]?.[node.position]?.[node.id];
}

function nodeOf(
  design: Design,
  { reference }: ObservedSignal,
): { readonly position: number; readonly id: number; readonly origin: string } | undefined {
  const instance = design.program.instances[reference.instance];
  if (instance === undefined) return undefined;
  const kernel = kernelOf(design.program, instance);
  const id = kernel.outputs[reference.index % kernel.outputs.length];
  const node = id === undefined ? undefined : kernel.nodes[id];
  if (id === undefined || node === undefined) return undefined;
  const { operator, name } = kernel.origins[node.origin] ?? { operator: '', name: '' };
  const start = `${instance.origin.operator} '${printable(instance.origin.name)}'`;
  const end = `${operator} '${printable(name)}'`;
  return {
    position: Math.floor(reference.index / kernel.outputs.length),
    id,
    origin: start === end ? start : `${start} to ${end}`,
  };
}

function originOf(design: Design, signal: ObservedSignal): string {
  return nodeOf(design, signal)?.origin ?? signal.path;
}

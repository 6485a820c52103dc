import { codeMatrix, codeRow } from '../../src/backends/emulator/code-matrix.js';
import { compileEmulator } from '../../src/backends/emulator/emulator.js';
import type { EmulatorRun } from '../../src/backends/emulator/emulator.js';
import { modelEvaluator } from '../../src/model/evaluate.js';
import type { ModelEvaluation } from '../../src/model/evaluate.js';
import type { ModelGraph } from '../../src/model/kinds.js';

/** Codes of one event: one list per input of the graph. */
export type Event = readonly (readonly bigint[])[];

/** Output codes of each event, flattened, and what was counted, by the oracle. */
export function runOracle(graph: ModelGraph, events: readonly Event[]): readonly ModelEvaluation[] {
  const evaluate = modelEvaluator(graph);
  return events.map((event) => evaluate(event));
}

/** The same events in the batched evaluator: one row of output codes each. */
export function runBatched(
  graph: ModelGraph,
  events: readonly Event[],
): { readonly rows: readonly (readonly bigint[])[]; readonly violations: EmulatorRun['violations'] } {
  const emulator = compileEmulator(graph);
  const { output, violations } = emulator.run(
    codeMatrix(
      events.map((event) => event.flat()),
      emulator.inputTypes,
    ),
  );
  return { rows: events.map((_, row) => codeRow(output, row)), violations };
}

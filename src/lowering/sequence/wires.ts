import type { Kernel } from '../../dataflow/kinds.js';
import type { Program, ValueReference } from '../../dataflow/program.js';
import type { Unit } from '../../design/sequencing.js';
import { outputClock, placeOf, standsAtOnce } from '../../design/sequencing.js';
import { isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';

/** Where and when a value stands: on which wire, and in which clock of its event. */
export interface Arrival {
  readonly wire: string;
  readonly clock: number;
}

/**
 * The wire that a value comes on, by the units that are chosen so far; undefined for what comes from a port. A kernel gives the
 * results of its positions in turn on a wire for each result, a chain of multipliers those of one position, too.
 */
export function onWire(
  { instances, kernels }: Program,
  units: readonly Unit[],
  reference: ValueReference,
): Arrival | undefined {
  const { instance, index } = reference;
  const producer = instance < 0 ? undefined : units[instance];
  if (producer === undefined) return undefined;
  const kernel = at(kernels, at(instances, instance).kernel);
  const { outputs } = kernel;
  const [position, output] = [Math.floor(index / outputs.length), index % outputs.length];
  const { lane } = placeOf(producer, position);
  const wire =
    producer.form === 'folded'
      ? `chain ${Math.floor(varyingBefore(kernel, output) / producer.digits)}`
      : `output ${output}`;
  return { wire: `${instance} lane ${lane} ${wire}`, clock: outputClock(producer, position, output) };
}

/** Results that do not vary are in no chain, and read by nobody. */
function varyingBefore({ nodes, outputs }: Kernel, output: number): number {
  return outputs.slice(0, output).filter((id) => !isPoint(at(nodes, id).range)).length;
}

/** Where values stand in registers: those of kernels on words a clock later. */
export function inRegister(program: Program, units: readonly Unit[], reference: ValueReference): Arrival | undefined {
  const found = onWire(program, units, reference);
  const producer = units[reference.instance];
  if (found === undefined || producer === undefined) return undefined;
  return standsAtOnce(producer) ? found : { ...found, clock: found.clock + 1 };
}

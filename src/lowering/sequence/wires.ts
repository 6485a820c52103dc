import type { Kernel } from '../../dataflow/kinds.js';
import type { Program, ValueReference } from '../../dataflow/program.js';
import { PROGRAM_INPUT } from '../../dataflow/program.js';
import { inputPlace } from '../../design/input-place.js';
import type { Sequencing } from '../../design/sequencing.js';
import { outputClock, placeOf, standsAtOnce } from '../../design/sequencing.js';
import { isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';

/** Where and when a value stands: on which wire, and in which clock of its event. */
export interface Arrival {
  readonly wire: string;
  readonly clock: number;
}

/** Units that are chosen so far, and the clocks in which inputs come. */
export type Arrivals = Pick<Sequencing, 'inputClocks' | 'units'>;

/**
 * The wire that a value comes on; undefined for what comes from a port at once. A kernel gives the results of its positions in
 * turn on a wire for each result, a chain of multipliers those of one position, too.
 */
export function onWire(
  program: Program,
  { units, inputClocks }: Arrivals,
  reference: ValueReference,
): Arrival | undefined {
  const { instances, kernels } = program;
  const { instance, index } = reference;
  if (instance === PROGRAM_INPUT) {
    const { input, lane, clock } = inputPlace(program, inputClocks, index);
    return at(inputClocks, input) === 1 ? undefined : { wire: `input ${input} lane ${lane}`, clock };
  }
  const producer = units[instance];
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

/** Where values stand in registers: those of kernels on words, and of ports, a clock later. */
export function inRegister(program: Program, arrivals: Arrivals, reference: ValueReference): Arrival | undefined {
  const found = onWire(program, arrivals, reference);
  if (found === undefined) return undefined;
  const producer = arrivals.units[reference.instance];
  return producer !== undefined && standsAtOnce(producer) ? found : { ...found, clock: found.clock + 1 };
}

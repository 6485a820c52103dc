import { scheduleCodes } from '../../diagnostics/codes/schedule.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag, failure, success } from '../../diagnostics/result.js';
import type { ProgramInput } from '../../dataflow/program.js';
import { printType } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';

/**
 * The clocks in which each input comes, from what is declared of some of them; reports TRG1411 where an input cannot be cut so: its
 * parts are equally many elements, those that take turns on a wire have one type, and all have come when the next event begins.
 */
export function inputParts(
  inputs: readonly ProgramInput[],
  declared: ReadonlyMap<string, number>,
  interval: number,
): Result<readonly number[]> {
  const bag = new DiagnosticBag();
  const clocks = inputs.map((input) => {
    const wanted = declared.get(input.name) ?? 1;
    const fault = faultOf(input, wanted, interval);
    if (fault !== undefined) {
      const location = { configPath: `inputs.${printable(input.name)}.clocks` };
      bag.add(scheduleCodes.inputParts, fault.message, location, fault.hint);
    }
    return wanted;
  });
  return bag.diagnostics.length > 0 ? failure(bag.diagnostics) : success(clocks);
}

function faultOf(
  { name, types }: ProgramInput,
  clocks: number,
  interval: number,
): { readonly message: string; readonly hint: string } | undefined {
  if (clocks === 1) return undefined;
  const [shown, count] = [printable(name), types.length];
  if (clocks > interval) {
    return {
      message: `'${shown}' comes in ${clocks} clocks, and an event every ${interval}`,
      hint: `let an event come every ${clocks} clocks (--ii ${clocks}), or the input in ${divisors(count, interval).at(-1) ?? 1}`,
    };
  }
  if (count % clocks !== 0) {
    const legal = divisors(count, interval);
    const near = [legal.filter((each) => each < clocks).at(-1), legal.find((each) => each > clocks)];
    return {
      message: `'${shown}' has ${count} elements, of which ${clocks} equal parts cannot be made`,
      hint: `${near.filter((each) => each !== undefined).join(' or ')} clocks, at an event every ${interval}`,
    };
  }
  const lanes = count / clocks;
  const other = types.findIndex((type, element) => printType(type) !== printType(at(types, element % lanes)));
  if (other < 0) return undefined;
  const [first, second] = [other % lanes, other].map(
    (element) => `${element} of type ${printType(at(types, element))}`,
  );
  return {
    message: `elements ${first} and ${second} of '${shown}' come on the same wires`,
    hint: 'declare one type for all elements (inputs.<name>.type), or let the input come at once',
  };
}

/** The numbers of equal parts that so many elements can be cut into, up to `most`, in rising order. */
function divisors(count: number, most: number): readonly number[] {
  const all = Array.from({ length: Math.min(count, most) }, (_, index) => index + 1);
  return all.filter((each) => count % each === 0);
}

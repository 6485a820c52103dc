import type { Program } from '../../dataflow/program.js';
import { configCodes } from '../../diagnostics/codes/config.js';
import { printable } from '../../diagnostics/diagnostic.js';
import type { Result } from '../../diagnostics/result.js';
import { DiagnosticBag } from '../../diagnostics/result.js';
import type { FixedPointType, Quantizer } from '../../numeric/fixed-point.js';
import { fixedPointType, lsbExponent, printType, sameType } from '../../numeric/fixed-point.js';

/** A port, and the type of the array that the emulator's user passes for it. */
export interface PassedPort {
  readonly name: string;
  readonly types: readonly FixedPointType[];
  /** Its modes are no part of the numbers, but of the C++ type. */
  readonly passed: FixedPointType;
  readonly modes?: Pick<Quantizer, 'rounding' | 'overflow'>;
}

export interface PassedPorts {
  readonly inputs: readonly PassedPort[];
  readonly outputs: readonly PassedPort[];
}

/**
 * What is passed for each port: the declared type, by port name, else the elements' own, else the narrowest type that
 * holds all of them. An input may be passed in any type: values that the port cannot hold are refused when they come.
 */
export function passedPorts(program: Program, declared: ReadonlyMap<string, Quantizer>): Result<PassedPorts> {
  const bag = new DiagnosticBag();
  const names = [...program.inputs, ...program.outputs].map(({ name }) => name);
  for (const name of declared.keys()) {
    if (names.includes(name)) continue;
    const hint = `the ports are ${names.slice(0, 20).map(printable).join(', ')}`;
    const configPath = `emulator.types.${name}`;
    bag.add(configCodes.unknownPort, `the model has no port '${printable(name)}'`, { configPath }, hint);
  }
  const port = ({ name, types }: Program['inputs'][number]): PassedPort => {
    const quantizer = declared.get(name);
    if (quantizer === undefined) return { name, types, passed: common(types) };
    const { type, rounding, overflow } = quantizer;
    return { name, types, passed: type, modes: { rounding, overflow } };
  };
  const inputs = program.inputs.map(port);
  const outputs = program.outputs.map(port);
  for (const { name, types, passed } of outputs) {
    const all = common([...types, passed]);
    if (sameType(all, passed)) continue;
    const message = `${printType(passed)} does not hold all codes of output '${printable(name)}'`;
    const location = { configPath: `emulator.types.${name}` };
    bag.add(configCodes.badType, message, location, `${printType(all)} does`);
  }
  return bag.finish({ inputs, outputs });
}

/** The narrowest type that holds all codes of all of them. */
function common(types: readonly FixedPointType[]): FixedPointType {
  const [first] = types;
  if (first === undefined) return fixedPointType(false, 1, 1);
  if (types.every((type) => sameType(type, first))) return first;
  const signed = types.some((type) => type.signed);
  const integer = Math.max(...types.map((type) => type.integer + (signed && !type.signed ? 1 : 0)));
  return fixedPointType(signed, integer - Math.min(...types.map(lsbExponent)), integer);
}

import { configCodes } from '../diagnostics/codes/config.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { Location } from '../diagnostics/diagnostic.js';
import type { DiagnosticBag } from '../diagnostics/result.js';
import type { Quantizer } from '../numeric/fixed-point.js';
import { commonDyadic } from '../numeric/dyadic.js';
import { point } from '../numeric/interval.js';
import { exactType } from '../model/formats.js';
import type { PackedElement, Unpacking } from '../passes/model/unpack-words.js';
import type { Config, RealRange } from './config.js';

/** What the configuration says of one element of an input. */
export interface ElementConfig {
  readonly type?: Quantizer;
  /** Promised values; a constant is a range of one value. */
  readonly promise?: RealRange;
}

/** Where a key path stands in the configuration file. */
export function configLocation(config: Config, configPath: string): Location {
  const position = config.positions.get(configPath);
  return { model: config.path, ...position, configPath };
}

/**
 * The configuration of input `name`, spread over its `count` elements. Elements beyond the end and lists of another
 * length are reported (TRG3013, TRG3014).
 */
export function inputElements(
  config: Config,
  name: string,
  count: number,
  bag: DiagnosticBag,
): readonly ElementConfig[] {
  const input = config.inputs.get(name);
  if (input === undefined) return Array.from({ length: count }, () => ({}));
  const path = `inputs.${name}`;
  if (input.from !== undefined && input.from.elements.length !== count) {
    const message = `${input.from.elements.length} fields for the ${count} elements of '${printable(name)}'`;
    bag.add(configCodes.packedCount, message, configLocation(config, `${path}.from`));
  }
  if (input.typeCount !== undefined && input.typeCount !== count) {
    const message = `${input.typeCount} types for the ${count} elements of '${printable(name)}'`;
    bag.add(configCodes.typeCount, message, configLocation(config, `${path}.types`));
  }
  const tables = {
    types: input.typeCount === undefined ? input.types : new Map(),
    ranges: input.ranges,
    constants: input.constants,
  };
  for (const [key, table] of Object.entries(tables)) {
    for (const element of table.keys()) {
      if (element < count) continue;
      const message = `'${printable(name)}' has ${count} elements, 0 to ${count - 1}; there is no element ${element}`;
      bag.add(configCodes.elementOutside, message, configLocation(config, `${path}.${key}.${element}`));
    }
  }
  return Array.from({ length: count }, (_, element) => {
    const packed = input.from?.elements[element];
    const type = packed === undefined ? (input.types.get(element) ?? input.type) : packedType(packed);
    const constant = packed?.kind === 'constant' ? packed.value : input.constants.get(element);
    const promise =
      constant === undefined ? (input.ranges.get(element) ?? input.range) : { low: constant, high: constant };
    return { ...(type === undefined ? {} : { type }), ...(promise === undefined ? {} : { promise }) };
  });
}

/** The type of a field; for a constant the narrowest that holds it. */
function packedType(packed: PackedElement): Quantizer {
  const modes = { rounding: 'TRN', overflow: 'WRAP' } as const;
  if (packed.kind === 'field') return { type: packed.type, ...modes };
  const { lsb, codes } = commonDyadic([packed.value]);
  return { type: exactType({ lsb, ranges: codes.map(point) }), ...modes };
}

/** The packed words of all inputs that have some. */
export function unpackingOf(config: Config): Unpacking {
  const widths = new Map<string, number>();
  const inputs = new Map<string, readonly PackedElement[]>();
  for (const [name, { from }] of config.inputs) {
    if (from === undefined) continue;
    inputs.set(name, from.elements);
    for (const [collection, width] of from.widths) widths.set(collection, width);
  }
  return { widths, inputs };
}

/** Report packed words with the name of another port (TRG3050). */
function checkWordNames(
  config: Config,
  inputs: readonly string[],
  outputs: readonly string[],
  bag: DiagnosticBag,
): void {
  const unpacking = unpackingOf(config);
  const ports = new Set([...inputs.filter((name) => !unpacking.inputs.has(name)), ...outputs]);
  for (const [name, { from }] of config.inputs) {
    for (const words of from?.widths.keys() ?? []) {
      if (!ports.has(words)) continue;
      const message = `'${printable(words)}' is also a port of the model`;
      bag.add(configCodes.badWords, message, configLocation(config, `inputs.${name}.from`));
    }
  }
}

/** Report names under `inputs` and `outputs` that the model does not have (TRG3026). */
export function checkPortNames(
  config: Config,
  inputs: readonly string[],
  outputs: readonly string[],
  bag: DiagnosticBag,
): void {
  checkWordNames(config, inputs, outputs, bag);
  for (const [section, given, names] of [
    ['inputs', config.inputs.keys(), inputs],
    ['outputs', config.outputs.keys(), outputs],
  ] as const) {
    const known = new Set(names);
    for (const name of given) {
      if (known.has(name)) continue;
      const message = `the model has no ${section.slice(0, -1)} '${printable(name)}'`;
      const hint = `the ${section} are ${names.slice(0, 20).map(printable).join(', ')}`;
      bag.add(configCodes.unknownPort, message, configLocation(config, `${section}.${name}`), hint);
    }
  }
}

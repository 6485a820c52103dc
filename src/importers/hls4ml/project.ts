import { parse } from 'yaml';
import { hls4mlCodes } from '../../diagnostics/codes/hls4ml.js';
import { printable } from '../../diagnostics/diagnostic.js';
import { fail } from '../../diagnostics/result.js';
import type { Quantizer } from '../../numeric/fixed-point.js';
import { parseQuantizer } from '../../numeric/fixed-point.js';
import type { ConfigStruct, TopFunction } from './cpp-text.js';
import { readArrays, readDefines, readStructs, readTop, readTypedefs } from './cpp-text.js';

/** The files of a project by their path below it; undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

export const SETTINGS_FILE = 'hls4ml_config.yml';
const DEFINES_FILE = 'firmware/defines.h';
const PARAMETERS_FILE = 'firmware/parameters.h';

/** What `hls4ml_config.yml` says beside the network. */
export interface ProjectSettings {
  readonly name: string;
  readonly backend: string;
  readonly part: string | undefined;
  /** Nanoseconds. */
  readonly clockPeriod: number | undefined;
  readonly stream: boolean;
  readonly inputShapes: ReadonlyMap<string, readonly number[]>;
}

/** A written project, taken apart. */
export class Hls4mlProject {
  public readonly settings: ProjectSettings;
  public readonly top: TopFunction;
  /** Path of the file with the network below the project. */
  public readonly topFile: string;
  private readonly types: ReadonlyMap<string, string>;
  private readonly defines: ReadonlyMap<string, string>;
  private readonly structs: ReadonlyMap<string, ConfigStruct>;
  private readonly arrays: ReadonlyMap<string, readonly number[]>;

  /** Throws DiagnosticError where a file is missing or not hls4ml's. */
  public constructor(public readonly read: ReadText) {
    this.settings = readSettings(this.need(SETTINGS_FILE));
    const defines = this.need(DEFINES_FILE);
    const parameters = this.need(PARAMETERS_FILE);
    this.topFile = `firmware/${this.settings.name}.cpp`;
    this.top = readTop(this.need(this.topFile), this.settings.name, this.topFile);
    this.types = readTypedefs(defines);
    this.defines = readDefines(defines);
    this.structs = readStructs(parameters);
    this.arrays = readArrays(parameters);
  }

  private need(path: string): string {
    return (
      this.read(path) ?? fail(hls4mlCodes.notProject, `there is no ${printable(path)}`, { model: printable(path) })
    );
  }

  public struct(name: string): ConfigStruct {
    return (
      this.structs.get(name) ??
      fail(hls4mlCodes.malformed, `there is no structure '${printable(name)}'`, { model: PARAMETERS_FILE })
    );
  }

  public array(name: string): readonly number[] {
    return (
      this.arrays.get(name) ??
      fail(hls4mlCodes.malformed, `there is no array '${printable(name)}'`, { model: PARAMETERS_FILE })
    );
  }

  /** A whole number from a structure: a product of numbers, of other members and of what is defined. */
  public number(struct: ConfigStruct, member: string): number {
    const text = struct.members.get(member);
    const value = text === undefined ? undefined : this.valueOf(text, struct, 0);
    if (value !== undefined) return value;
    const shown = text === undefined ? 'is missing' : `is '${printable(text)}'`;
    return fail(hls4mlCodes.malformed, `${struct.name}::${member} ${shown}`, { model: PARAMETERS_FILE });
  }

  /** A product of numbers and names; undefined where it is anything else. */
  public valueOf(text: string, struct: ConfigStruct | undefined, depth = 0): number | undefined {
    let product = 1;
    for (const factor of text.split('*').map((part) => part.trim())) {
      const named = struct?.members.get(factor) ?? this.defines.get(factor);
      const value = /^-?\d{1,9}$/u.test(factor)
        ? Number(factor)
        : named === undefined || depth > 8
          ? undefined
          : this.valueOf(named, struct, depth + 1);
      if (value === undefined) return undefined;
      product *= value;
    }
    return product;
  }

  /** The type of one element behind a name of defines.h. */
  public elementType(name: string): Quantizer {
    const location = { model: DEFINES_FILE };
    const text = this.types.get(name);
    if (text === undefined) return fail(hls4mlCodes.malformed, `there is no type '${printable(name)}'`, location);
    const packed = /^nnet::array<\s*(.+)\s*,[^,<>]*>$/u.exec(text);
    try {
      // The number of saturation bits is written out where it is the default.
      return parseQuantizer((packed?.[1] ?? text).replace(/,\s*0\s*>$/u, '>'));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return fail(hls4mlCodes.malformed, `${printable(name)}: ${printable(error.message)}`, location);
    }
  }

  /** The type of one element of a weight array of a structure, such as its `weight_t`. */
  public memberType(struct: ConfigStruct, member: string): Quantizer {
    const name = struct.members.get(member);
    if (name === undefined) {
      return fail(hls4mlCodes.malformed, `${struct.name} has no ${member}`, { model: PARAMETERS_FILE });
    }
    return this.elementType(name);
  }
}

const apFixedBackends = ['vivado', 'vitis', 'vivadoaccelerator', 'vitisaccelerator', 'vitisunified'];

function readSettings(text: string): ProjectSettings {
  const location = { model: SETTINGS_FILE };
  let root: unknown;
  try {
    // `!keras_model` and its like are tags of hls4ml's own: what stands behind them is not needed.
    root = parse(text, { logLevel: 'silent' });
  } catch (error) {
    return fail(hls4mlCodes.malformed, printable(error instanceof Error ? error.message : String(error)), location);
  }
  const field = (name: string): unknown => (isObject(root) ? root[name] : undefined);
  const name = field('ProjectName');
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/u.test(name)) {
    return fail(hls4mlCodes.malformed, 'ProjectName is not a name of C++', location);
  }
  const backend = field('Backend');
  if (typeof backend !== 'string' || !apFixedBackends.includes(backend.toLowerCase())) {
    return fail(hls4mlCodes.otherBackend, `Backend is '${printable(String(backend))}'`, location);
  }
  const [part, period, shapes] = [field('Part'), Number(field('ClockPeriod')), field('InputShapes')];
  const inputShapes = new Map<string, readonly number[]>();
  for (const [input, shape] of Object.entries(isObject(shapes) ? shapes : {})) {
    if (Array.isArray(shape)) inputShapes.set(input, shape.map(Number));
  }
  return {
    name,
    backend,
    part: typeof part === 'string' && part !== '' ? part : undefined,
    clockPeriod: period > 0 && period < 1e6 ? period : undefined,
    stream: field('IOType') === 'io_stream',
    inputShapes,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

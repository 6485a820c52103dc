import { configCodes } from '../diagnostics/codes/config.js';
import { hlsCodes } from '../diagnostics/codes/hls.js';
import type { DiagnosticKind } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/diagnostic.js';
import type { Result } from '../diagnostics/result.js';
import { DiagnosticBag } from '../diagnostics/result.js';
import type { Effort } from '../passes/dataflow/distributed-arithmetic/options.js';
import { defaultSolveOptions } from '../passes/dataflow/distributed-arithmetic/options.js';
import { isLegalName, isLegalPrefix, NameTable } from '../support/legal-names.js';
import type { Part } from '../targets/parts.js';
import { findPart } from '../targets/parts.js';
import type { PortRegisters, Target } from '../targets/targets.js';
import { defaultTargetName, findTarget, targets } from '../targets/targets.js';
import { invariant } from '../support/invariant.js';
import type { Config, LimitedResource } from './config.js';
import { MAXIMUM_LATENCY, MAXIMUM_DEPTH_SLACK, MAXIMUM_SEED } from './config.js';
import type { PortLayout } from './keys.js';
import type { HardwareLanguage, HlsControl, HlsForm, HlsInterface, HlsStrategy, Packaging } from './language.js';
import { parseWhole } from './reader.js';
import type { LimitSetting } from './units.js';
import { intervalClocks, parseClock, parseEffort, parseInterval, parseLimit } from './units.js';

/** Options of the command line, as typed. */
export interface CommandLine {
  readonly target?: string | undefined;
  readonly part?: string | undefined;
  readonly clock?: string | undefined;
  readonly latency?: string | number | undefined;
  readonly ii?: string | number | undefined;
  /** Multiplier blocks, or a share of those of the part. */
  readonly dsp?: string | undefined;
  readonly pinLatency?: boolean | undefined;
  readonly threeOperandAdders?: boolean | undefined;
  /** Name of the top module, behind the prefix. */
  readonly name?: string | undefined;
  readonly prefix?: string | undefined;
  readonly language?: HardwareLanguage | undefined;
  readonly package?: Packaging | undefined;
  readonly emulatorPackage?: boolean | undefined;
  readonly hls?: HlsForm | undefined;
  readonly hlsInterface?: HlsInterface | undefined;
  readonly hlsControl?: HlsControl | undefined;
  readonly strategy?: HlsStrategy | undefined;
  readonly reuseFactor?: string | number | undefined;
  readonly effort?: string | undefined;
  readonly seed?: string | number | undefined;
  readonly depthSlack?: string | number | undefined;
}

/** Where a setting came from. */
export type SettingOrigin = 'command line' | 'trigc.yaml' | 'target' | 'default';

/** A number of a resource that is not to be exceeded. */
export interface ResourceLimit {
  readonly resource: LimitedResource;
  readonly most: number;
  /** Where it was declared; undefined for what the part has. */
  readonly configPath?: string;
}

/** Everything that decides how the design is built, beside the model and its types. */
export interface Settings {
  readonly target: Target;
  readonly part: Part;
  /** ns */
  readonly clockPeriod: number;
  /** Register ranks; undefined leaves the choice to the schedule. */
  readonly latency?: number;
  /** Whether a latency that does not meet the clock is an error. */
  readonly pinLatency?: true;
  /** Clocks from one event to the next. */
  readonly initiationInterval: number;
  readonly registers: PortRegisters;
  readonly ports: PortLayout;
  readonly valid: boolean;
  /** ns */
  readonly inputDelay: number;
  /** ns */
  readonly outputDelay: number;
  readonly dsp: boolean;
  /** Multiplier blocks that matrices may be given where hardware is reused; undefined where none was allowed. */
  readonly blocks?: number;
  /** What the design may use, as estimated. */
  readonly limits: readonly ResourceLimit[];
  /** Whether a sum of three operands is taken to be one LUT per bit; only where the part can. */
  readonly threeOperandAdders: boolean;
  /** A legal identifier, prefix included. */
  readonly topName: string;
  readonly language: HardwareLanguage;
  readonly packaging: Packaging;
  /** Whether a C++ emulator is written beside the design. */
  readonly emulatorPackage: boolean;
  readonly hlsForm: HlsForm;
  readonly hlsInterface: HlsInterface;
  /** Undefined leaves the choice to what is built. */
  readonly hlsControl: HlsControl | undefined;
  /** Of layers that do not say. */
  readonly strategy: HlsStrategy;
  readonly reuseFactor: number;
  readonly effort: Effort;
  readonly seed: number;
  /** Levels of adders that a matrix may take beyond the fewest possible. */
  readonly depthSlack: number;
  /** Levels beyond the fewest that it may take where they pay: `depthSlack` where that or a latency is declared. */
  readonly mostDepthSlack: number;
  readonly origins: Readonly<Record<SettingName, SettingOrigin>>;
}

const settingNames = [
  'target',
  'part',
  'clockPeriod',
  'latency',
  'initiationInterval',
  'registers',
  'ports',
  'valid',
  'inputDelay',
  'outputDelay',
  'threeOperandAdders',
  'topName',
  'prefix',
  'language',
  'packaging',
  'emulatorPackage',
  'hlsForm',
  'hlsInterface',
  'hlsControl',
  'strategy',
  'reuseFactor',
  'effort',
  'seed',
  'depthSlack',
] as const;
/** Beyond any layer's number of products. */
const MAXIMUM_REUSE = 1_000_000;
export type SettingName = (typeof settingNames)[number];

/**
 * Command line over trigc.yaml over target over default. `defaultName` is the name of the top module where none is
 * given, any text. Reports everything that is wrong with the command line at once.
 */
export function resolveSettings(config: Config, commandLine: CommandLine, defaultName: string): Result<Settings> {
  const bag = new DiagnosticBag();
  const origins = Object.fromEntries(settingNames.map((name) => [name, 'default'])) as Record<
    SettingName,
    SettingOrigin
  >;
  const refuse: Refuse = (kind, option, message, hint) => {
    bag.add(kind, message, { configPath: `--${option}` }, hint);
  };
  /** The first that is given, from the strongest to the weakest; its origin is recorded. */
  const pick = <T>(
    name: SettingName,
    typed: T | undefined,
    file: T | undefined,
    target: T | undefined,
  ): T | undefined => {
    if (typed !== undefined) origins[name] = 'command line';
    else if (file !== undefined) origins[name] = 'trigc.yaml';
    else if (target !== undefined) origins[name] = 'target';
    return typed ?? file ?? target;
  };

  const targetName = pick('target', readTarget(commandLine, refuse), config.target.name, undefined);
  const target = targets.find((candidate) => candidate.name === (targetName ?? defaultTargetName));
  invariant(target !== undefined, 'a checked target is in the table');

  const partName = pick('part', readPart(commandLine, refuse), config.target.part, target.part.name);
  const part = findPart(partName ?? target.part.name);
  invariant('part' in part, 'a checked part is in the table');

  const typedClock = readParsed('clock', commandLine.clock, parseClock, configCodes.badClock, refuse);
  const clockPeriod =
    pick('clockPeriod', typedClock, config.target.clockPeriod, target.clockPeriod) ?? target.clockPeriod;
  const typedLatency = readWhole('latency', commandLine.latency, MAXIMUM_LATENCY, configCodes.badLatency, refuse);
  const latency = pick('latency', typedLatency, config.target.latency, target.latency);
  const pinLatency = commandLine.pinLatency ?? config.target.pinLatency ?? false;
  if (pinLatency && latency === undefined) {
    const configPath = commandLine.pinLatency === undefined ? 'target.pin_latency' : '--pin-latency';
    bag.add(configCodes.badLatency, 'a pinned latency needs a latency', { configPath }, 'give --latency RANKS');
  }
  const typedInterval = readParsed(
    'ii',
    commandLine.ii === undefined ? undefined : String(commandLine.ii),
    parseInterval,
    configCodes.badInitiationInterval,
    refuse,
  );
  const interval = pick('initiationInterval', typedInterval, config.target.initiationInterval, undefined);
  const initiationInterval = interval === undefined ? target.initiationInterval : intervalClocks(interval, clockPeriod);
  if (initiationInterval === undefined) {
    const message = `the initiation interval is not 1 to 4096 clocks of ${Number(clockPeriod.toFixed(4))} ns`;
    bag.add(configCodes.badInitiationInterval, message, {
      configPath: typedInterval === undefined ? 'target.ii' : '--ii',
    });
  }
  const reuses = initiationInterval !== undefined && initiationInterval > 1;
  for (const [layer, { form }] of initiationInterval === 1 ? config.reuse : []) {
    if (form === undefined || form === 'parallel') continue;
    const message = `the form ${form} of '${printable(layer)}' needs clocks between events, and an event comes each clock`;
    const configPath = `layers.${printable(layer)}.form`;
    bag.add(configCodes.conflictingKeys, message, { configPath }, 'give --ii (target.ii), or leave the form out');
  }
  const declaredValid = pick('valid', undefined, config.interface.valid, undefined);
  if (reuses && declaredValid === false) {
    const message = `valid ports are refused, and an event comes every ${initiationInterval} clocks only`;
    bag.add(configCodes.conflictingKeys, message, { configPath: 'interface.valid' });
  }
  const registers = pick('registers', undefined, config.interface.registers, target.registers) ?? target.registers;
  const inputDelay = pick('inputDelay', undefined, config.target.inputDelay, target.inputDelay) ?? 0;
  const outputDelay = pick('outputDelay', undefined, config.target.outputDelay, target.outputDelay) ?? 0;
  for (const [key, delay] of [
    ['input_delay', inputDelay],
    ['output_delay', outputDelay],
  ] as const) {
    if (delay < clockPeriod) continue;
    const message = `an ${key} of ${delay} ns leaves nothing of the clock period of ${clockPeriod} ns`;
    bag.add(configCodes.delayExceedsClock, message, { configPath: `target.${key}` });
  }

  const typedAdders = commandLine.threeOperandAdders;
  const threeOperandAdders =
    pick('threeOperandAdders', typedAdders, config.target.threeOperandAdders, undefined) ?? false;
  if (threeOperandAdders && !part.part.capabilities.threeOperandAdders) {
    const { name, family } = part.part;
    const device = family === 'generic' ? 'no device in particular' : `part ${name}`;
    const message = `sums of three operands are asked for, and ${device} takes more than one LUT per bit for them`;
    const configPath = typedAdders === undefined ? 'target.three_operand_adders' : '--three-operand-adders';
    bag.add(configCodes.noThreeOperandAdders, message, { configPath });
  }

  const typedName = readName(commandLine, refuse);
  const base = pick('topName', typedName, undefined, undefined) ?? new NameTable().legal(defaultName);
  const prefix = pick('prefix', readPrefix(commandLine, refuse), config.interface.prefix, undefined) ?? '';
  const topName = new NameTable().legal(`${prefix}${base}`);
  if (!topName.startsWith(prefix)) {
    bag.add(configCodes.badPrefix, `'${prefix}${base}' is a reserved word`, { configPath: 'interface.prefix' });
  }
  const emulatorPackage =
    pick('emulatorPackage', commandLine.emulatorPackage, config.emulator.package, undefined) ?? false;
  const typedReuse = readWhole('reuse-factor', commandLine.reuseFactor, MAXIMUM_REUSE, configCodes.badNumber, refuse);
  const packaging = pick('packaging', commandLine.package, config.interface.package, undefined) ?? 'none';
  const language = pick('language', commandLine.language, config.interface.language, undefined) ?? 'both';
  if (packaging === 'ipbb' && language === 'verilog') {
    bag.add(configCodes.packageNeedsVhdl, 'an IPBB package is asked for, and Verilog alone', {
      configPath: 'interface.package',
    });
  }
  // Not where VHDL is there by default alone: that would refuse every design made before there was any.
  const asked = packaging === 'ipbb' || (language !== 'verilog' && origins.language !== 'default');
  if (target.name === 'ugt-run3' && asked && prefix === '') {
    const message = `VHDL for target ${target.name} is asked for, and its entities have no prefix`;
    bag.add(configCodes.noPrefix, message, { configPath: 'interface.prefix' });
  }
  const typedEffort = readParsed('effort', commandLine.effort, parseEffort, configCodes.badEffort, refuse);
  const typedSeed = readWhole('seed', commandLine.seed, MAXIMUM_SEED, configCodes.badSeed, refuse);
  const typedSlack = readWhole(
    'depth-slack',
    commandLine.depthSlack,
    MAXIMUM_DEPTH_SLACK,
    configCodes.badDepthSlack,
    refuse,
  );
  const depthSlack = pick('depthSlack', typedSlack, config.depthSlack, undefined);

  const hlsForm = pick('hlsForm', commandLine.hls, config.hls.form, undefined) ?? 'none';
  for (const option of ['hlsInterface', 'strategy', 'reuseFactor'] as const) {
    if (hlsForm === 'looped' || commandLine[option] === undefined) continue;
    const written = hlsForm === 'none' ? 'no C++ is written' : 'the flat form has no loops';
    bag.add(hlsCodes.optionWithoutForm, `--${dashed(option)} is given, and ${written}`, {});
  }
  if (hlsForm === 'none' && commandLine.hlsControl !== undefined) {
    bag.add(hlsCodes.optionWithoutForm, '--hls-control is given, and no C++ is written', {});
  }
  const typedBlocks = readParsed(
    'dsp',
    commandLine.dsp,
    parseLimit,
    configCodes.badNumber,
    refuse,
    'give --dsp 200, or --dsp 5%',
  );
  const limits = resourceLimits(config, part.part, typedBlocks, bag);
  const allowed = typedBlocks !== undefined || config.target.resources?.dsp !== undefined;
  const blocks = allowed ? limits.find(({ resource }) => resource === 'dsp')?.most : undefined;
  return bag.finish({
    target,
    part: part.part,
    clockPeriod,
    ...(latency === undefined ? {} : { latency }),
    ...(pinLatency ? { pinLatency } : {}),
    initiationInterval: initiationInterval ?? 1,
    registers,
    ports: pick('ports', undefined, config.interface.ports, undefined) ?? 'packed',
    valid: reuses || (declaredValid ?? false),
    inputDelay,
    outputDelay,
    dsp: blocks === undefined ? target.dsp : blocks > 0,
    ...(blocks === undefined ? {} : { blocks }),
    limits,
    threeOperandAdders,
    topName,
    language,
    packaging,
    emulatorPackage,
    hlsForm,
    hlsInterface: pick('hlsInterface', commandLine.hlsInterface, config.hls.interface, undefined) ?? 'parallel',
    hlsControl: pick('hlsControl', commandLine.hlsControl, config.hls.control, undefined),
    strategy: pick('strategy', commandLine.strategy, config.hls.strategy, undefined) ?? 'latency',
    reuseFactor: pick('reuseFactor', typedReuse, config.hls.reuse, undefined) ?? 1,
    effort: pick('effort', typedEffort, config.effort, undefined) ?? defaultSolveOptions.effort,
    seed: pick('seed', typedSeed, config.seed, undefined) ?? defaultSolveOptions.seed,
    depthSlack: depthSlack ?? defaultSolveOptions.depthSlack,
    mostDepthSlack: depthSlack ?? defaultSolveOptions[latency === undefined ? 'mostDepthSlack' : 'depthSlack'],
    origins,
  });
}

type CapacityField = 'lut' | 'flipFlop' | 'dsp';
const capacityFields: Readonly<Record<LimitedResource, CapacityField>> = {
  lut: 'lut',
  flip_flops: 'flipFlop',
  dsp: 'dsp',
};

/** Declared limits in numbers; where none is declared, all that the part has. */
function resourceLimits(
  { target }: Config,
  { capacity, name }: Part,
  typedBlocks: LimitSetting | undefined,
  bag: DiagnosticBag,
): readonly ResourceLimit[] {
  const limits: ResourceLimit[] = [];
  for (const [resource, field] of Object.entries(capacityFields) as [LimitedResource, CapacityField][]) {
    const typed = resource === 'dsp' ? typedBlocks : undefined;
    const setting = typed ?? target.resources?.[resource];
    const available = capacity?.[field];
    const configPath = typed === undefined ? `target.resources.${resource}` : '--dsp';
    if (setting === undefined) {
      if (available !== undefined) limits.push({ resource, most: available });
    } else if ('count' in setting) {
      limits.push({ resource, most: setting.count, configPath });
      if (resource === 'dsp' && available !== undefined && setting.count > available) {
        const message = `${setting.count} multiplier blocks are allowed, and part ${name} has ${available}`;
        bag.add(
          configCodes.conflictingKeys,
          message,
          { configPath },
          `give ${available} or fewer, or another part (--part)`,
        );
      }
    } else if (available === undefined) {
      const message = `a share of the part is declared, and part ${name} has no known number of them`;
      bag.add(configCodes.conflictingKeys, message, { configPath }, 'give a number, or a part (--part)');
    } else {
      limits.push({ resource, most: Math.floor(setting.share * available), configPath });
    }
  }
  return limits;
}

/** `reuse-factor` for `reuseFactor`. */
function dashed(option: string): string {
  return option.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

type Refuse = (kind: DiagnosticKind, option: string, message: string, hint?: string) => void;

function readTarget({ target }: CommandLine, refuse: Refuse): string | undefined {
  if (target === undefined) return undefined;
  const found = findTarget(target);
  if ('target' in found) return found.target.name;
  refuse(configCodes.unknownTarget, 'target', `there is no target '${printable(target)}'`, found.hint);
  return undefined;
}

function readPart({ part }: CommandLine, refuse: Refuse): string | undefined {
  if (part === undefined) return undefined;
  const found = findPart(part);
  if ('part' in found) return found.part.name;
  refuse(configCodes.unknownPart, 'part', `the part '${printable(part)}' is not known`, found.hint);
  return undefined;
}

function readParsed<T>(
  option: string,
  typed: string | undefined,
  parse: (text: string) => T,
  kind: DiagnosticKind,
  refuse: Refuse,
  hint?: string,
): T | undefined {
  if (typed === undefined) return undefined;
  try {
    return parse(typed);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    refuse(kind, option, printable(error.message), hint);
    return undefined;
  }
}

function readWhole(
  option: string,
  typed: string | number | undefined,
  high: number,
  kind: DiagnosticKind,
  refuse: Refuse,
): number | undefined {
  if (typed === undefined) return undefined;
  const text = String(typed);
  const value = parseWhole(text, 0, high);
  if (value === undefined) refuse(kind, option, `'${printable(text)}' is not a whole number from 0 to ${high}`);
  return value;
}

function readPrefix({ prefix }: CommandLine, refuse: Refuse): string | undefined {
  if (prefix === undefined || isLegalPrefix(prefix)) return prefix;
  refuse(configCodes.badPrefix, 'prefix', `'${printable(prefix)}' cannot begin a name`);
  return undefined;
}

function readName({ name }: CommandLine, refuse: Refuse): string | undefined {
  if (name === undefined || isLegalName(name)) return name;
  const hint = `'${new NameTable().legal(name)}' would do. ${configCodes.badName.hint}`;
  refuse(configCodes.badName, 'name', `'${printable(name)}' is not a legal module name`, hint);
  return undefined;
}

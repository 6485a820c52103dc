import { configCodes } from '../diagnostics/codes/config.js';
import type { Result } from '../diagnostics/result.js';
import { DiagnosticBag, failure } from '../diagnostics/result.js';
import { printable } from '../diagnostics/diagnostic.js';
import { dyadicToNumber } from '../numeric/dyadic.js';
import type { DeclaredReuse, Form } from '../design/sequencing.js';
import { forms } from '../design/sequencing.js';
import type { Quantizer } from '../numeric/fixed-point.js';
import { roundingNames } from '../numeric/rounding.js';
import type { Effort } from '../passes/dataflow/distributed-arithmetic/options.js';
import type { TableDeclaration } from '../passes/model/functions/hls4ml-table.js';
import type { LayerDeclaration, LayerKey } from '../passes/model/layers/declaration.js';
import { isLegalPrefix } from '../support/legal-names.js';
import { findPart } from '../targets/parts.js';
import { findTarget, registerChoices } from '../targets/targets.js';
import type {
  Config,
  EmulatorConfig,
  HlsBuildConfig,
  HlsConfig,
  InputConfig,
  InterfaceConfig,
  LimitedResource,
  OutputConfig,
  ResourceLimits,
  TargetConfig,
} from './config.js';
import { defaultQuantizer, MAXIMUM_LATENCY, MAXIMUM_DEPTH_SLACK, MAXIMUM_SEED } from './config.js';
import {
  controlChoices,
  emulatorKeys,
  hlsKeys,
  interfaceKeys,
  layerKeys,
  outputKeys,
  portChoices,
  resourceKeys,
  rootKeys,
  tableKeys,
  targetKeys,
  weightKeys,
} from './keys.js';
import {
  hlsControlChoices,
  hlsFormChoices,
  hlsInterfaceChoices,
  hlsStrategyChoices,
  languageChoices,
  packageChoices,
} from './language.js';
import { readBudgets } from './read-budgets.js';
import { readDecisions } from './read-decisions.js';
import { checkSharedWords, readInput } from './read-input.js';
import { ConfigReader } from './reader.js';
import type { IntervalSetting } from './units.js';
import { parseClock, parseDelay, parseEffort, parseInterval, parseLimit } from './units.js';
import type { ConfigNode } from './yaml-tree.js';
import { parseYamlTree } from './yaml-tree.js';

/** Check the text of a trigc.yaml: the configuration, or everything that is wrong with it at once. `path` is for messages. */
export function parseConfig(text: string, path: string): Result<Config> {
  const bag = new DiagnosticBag();
  const tree = parseYamlTree(text, path, bag);
  if (tree === undefined) return failure(bag.diagnostics);
  const reader = new ConfigReader(path, bag);

  const inputs = new Map<string, InputConfig>();
  const outputs = new Map<string, OutputConfig>();
  let decisions: Config['decisions'] = [];
  let fallback: Quantizer = defaultQuantizer;
  let weights: Quantizer | undefined;
  const layers = new Map<string, LayerDeclaration>();
  let target: TargetConfig = {};
  let ports: InterfaceConfig = {};
  let emulator: EmulatorConfig = { types: new Map() };
  let goals: Config['goals'] = [];
  let hls: HlsConfig = {};
  const builds = new Map<string, HlsBuildConfig>();
  const reuse = new Map<string, DeclaredReuse>();
  let budgets: Config['budgets'] = [];
  let effort: Effort | undefined;
  let seed: number | undefined;
  let depthSlack: number | undefined;

  reader.object(tree, '', rootKeys, {
    inputs: (node, at) => {
      reader.map(node, at, (name, value, inner) => inputs.set(name, readInput(reader, value, inner)));
    },
    outputs: (node, at) => {
      reader.map(node, at, (name, value, inner) => outputs.set(name, readOutput(reader, value, inner)));
    },
    decisions: (node, at) => {
      decisions = readDecisions(reader, node, at, path);
    },
    default: (node, at) => {
      fallback = reader.quantizer(node, at) ?? fallback;
    },
    weights: (node, at) => {
      weights = readWeights(reader, node, at);
    },
    layers: (node, at) => {
      reader.map(node, at, (name, value, inner) => {
        const { types, build, form } = readLayer(reader, value, inner);
        const { reuse: factor } = build;
        const [built, reused] = [Object.keys(build).length > 0, form !== undefined || factor !== undefined];
        // What declares no type must not keep the layer from being folded: it changes no value.
        if (Object.keys(types).length > 0 || !(built || reused)) layers.set(name, types);
        if (built) builds.set(name, build);
        if (!reused) return;
        reuse.set(name, { ...(form === undefined ? {} : { form }), ...(factor === undefined ? {} : { factor }) });
      });
    },
    target: (node, at) => {
      target = readTarget(reader, node, at);
    },
    interface: (node, at) => {
      ports = readInterface(reader, node, at);
    },
    hls: (node, at) => {
      hls = readHls(reader, node, at);
    },
    emulator: (node, at) => {
      emulator = readEmulator(reader, node, at);
    },
    goals: (node, at) => {
      goals = readBudgets(reader, node, at, path);
    },
    budgets: (node, at) => {
      budgets = readBudgets(reader, node, at, path);
    },
    effort: (node, at) => {
      effort = reader.parsed(node, at, configCodes.badEffort, parseEffort);
    },
    depth_slack: (node, at) => {
      depthSlack = reader.integer(node, at, configCodes.badDepthSlack, 0, MAXIMUM_DEPTH_SLACK);
    },
    seed: (node, at) => {
      seed = reader.integer(node, at, configCodes.badSeed, 0, MAXIMUM_SEED);
    },
  });

  checkSharedWords(reader, inputs);
  return bag.finish({
    path,
    inputs,
    outputs,
    decisions,
    default: fallback,
    ...(weights === undefined ? {} : { weights }),
    layers,
    target,
    interface: ports,
    emulator,
    goals,
    hls,
    builds,
    reuse,
    budgets,
    ...(effort === undefined ? {} : { effort }),
    ...(seed === undefined ? {} : { seed }),
    ...(depthSlack === undefined ? {} : { depthSlack }),
    positions: reader.positions,
  });
}

function readOutput(reader: ConfigReader, node: ConfigNode, path: string): OutputConfig {
  const output: { -readonly [K in keyof OutputConfig]: OutputConfig[K] } = {};
  reader.object(node, path, outputKeys, {
    type: (value, at) => {
      const type = reader.quantizer(value, at);
      if (type !== undefined) output.type = type;
    },
    drop_activation: (value, at) => {
      const drop = reader.boolean(value, at);
      if (drop !== undefined) output.dropActivation = drop;
    },
  });
  return output;
}

function readLayer(
  reader: ConfigReader,
  node: ConfigNode,
  path: string,
): { readonly types: LayerDeclaration; readonly build: HlsBuildConfig; readonly form: Form | undefined } {
  let form: Form | undefined;
  const build: { -readonly [K in keyof HlsBuildConfig]: HlsBuildConfig[K] } = {};
  const layer: { -readonly [K in keyof LayerDeclaration]: LayerDeclaration[K] } = {};
  const typeOf = (key: Exclude<LayerKey, 'table'>) => (value: ConfigNode, at: string) => {
    const type = reader.quantizer(value, at);
    if (type !== undefined) layer[key] = type;
  };
  reader.object(node, path, layerKeys, {
    accumulator: typeOf('accumulator'),
    result: typeOf('result'),
    weight: typeOf('weight'),
    bias: typeOf('bias'),
    table: (value, at) => {
      const table = readTable(reader, value, at);
      if (table !== undefined) layer.table = table;
    },
    form: (value, at) => {
      form = reader.choice(value, at, forms);
    },
    ...readBuild(reader, build),
  });
  return { types: layer, build, form };
}

function readTable(reader: ConfigReader, node: ConfigNode, path: string): TableDeclaration | undefined {
  let size: number | undefined;
  let type: Quantizer | undefined;
  let range: number | undefined;
  const given = new Set<string>();
  reader.object(node, path, tableKeys, {
    size: (value, at) => {
      given.add('size');
      size = reader.integer(value, at, configCodes.badNumber, 2, 65_536);
    },
    type: (value, at) => {
      given.add('type');
      type = reader.quantizer(value, at);
    },
    range: (value, at) => {
      const decimal = reader.decimal(value, at);
      if (decimal !== undefined) range = dyadicToNumber(decimal);
    },
  });
  for (const key of ['size', 'type']) {
    if (!given.has(key))
      reader.report(configCodes.wrongShape, `'${printable(path)}' needs a ${key}`, node.position, path);
  }
  if (size === undefined || type === undefined) return undefined;
  return { size, type, ...(range === undefined ? {} : { range }) };
}

function readWeights(reader: ConfigReader, node: ConfigNode, path: string): Quantizer | undefined {
  let type: Quantizer | undefined;
  /** `type`: it was given; `modes`: with a rounding of its own. */
  const given = new Set<'type' | 'modes'>();
  let rounding: (typeof roundingNames)[number] | undefined;
  reader.object(node, path, weightKeys, {
    type: (value, at) => {
      given.add('type');
      type = reader.quantizer(value, at);
      if (value.kind === 'scalar' && value.text.split(',').length > 2) given.add('modes');
    },
    rounding: (value, at) => {
      const spellings = [...roundingNames, ...roundingNames.map((name) => `AP_${name}` as const)];
      const text = reader.choice(value, at, spellings)?.replace(/^AP_/u, '');
      rounding = roundingNames.find((name) => name === text);
    },
  });
  if (!given.has('type')) {
    reader.report(configCodes.wrongShape, `'${path}' needs a type`, node.position, path);
    return undefined;
  }
  if (type === undefined || rounding === undefined) return type;
  if (given.has('modes') && type.rounding !== rounding) {
    const message = `the type says AP_${type.rounding}, 'rounding' says AP_${rounding}`;
    const position = reader.positions.get(`${path}.rounding`) ?? node.position;
    reader.report(configCodes.conflictingKeys, message, position, `${path}.rounding`);
  }
  return { ...type, rounding };
}

function readTarget(reader: ConfigReader, node: ConfigNode, path: string): TargetConfig {
  let name: string | undefined;
  let part: string | undefined;
  let clockPeriod: number | undefined;
  let latency: number | undefined;
  let pinLatency: boolean | undefined;
  let initiationInterval: IntervalSetting | undefined;
  let inputDelay: number | undefined;
  let outputDelay: number | undefined;
  let threeOperandAdders: boolean | undefined;
  let resources: ResourceLimits | undefined;
  reader.object(node, path, targetKeys, {
    name: (value, at) => {
      const scalar = reader.scalar(value, at);
      if (scalar === undefined) return;
      const found = findTarget(scalar.text);
      if ('target' in found) name = found.target.name;
      else {
        const message = `there is no target '${printable(scalar.text)}'`;
        reader.report(configCodes.unknownTarget, message, scalar.position, at, found.hint);
      }
    },
    part: (value, at) => {
      const scalar = reader.scalar(value, at);
      if (scalar === undefined) return;
      const found = findPart(scalar.text);
      if ('part' in found) part = found.part.name;
      else {
        const message = `the part '${printable(scalar.text)}' is not known`;
        reader.report(configCodes.unknownPart, message, scalar.position, at, found.hint);
      }
    },
    clock: (value, at) => {
      clockPeriod = reader.parsed(value, at, configCodes.badClock, parseClock);
    },
    latency: (value, at) => {
      latency = reader.integer(value, at, configCodes.badLatency, 0, MAXIMUM_LATENCY);
    },
    pin_latency: (value, at) => {
      pinLatency = reader.boolean(value, at);
    },
    ii: (value, at) => {
      initiationInterval = reader.parsed(value, at, configCodes.badInitiationInterval, parseInterval);
    },
    input_delay: (value, at) => {
      inputDelay = reader.parsed(value, at, configCodes.badDelay, parseDelay);
    },
    output_delay: (value, at) => {
      outputDelay = reader.parsed(value, at, configCodes.badDelay, parseDelay);
    },
    three_operand_adders: (value, at) => {
      threeOperandAdders = reader.boolean(value, at);
    },
    resources: (value, at) => {
      resources = readResources(reader, value, at);
    },
  });
  return {
    ...(name === undefined ? {} : { name }),
    ...(part === undefined ? {} : { part }),
    ...(clockPeriod === undefined ? {} : { clockPeriod }),
    ...(latency === undefined ? {} : { latency }),
    ...(pinLatency === undefined ? {} : { pinLatency }),
    ...(initiationInterval === undefined ? {} : { initiationInterval }),
    ...(inputDelay === undefined ? {} : { inputDelay }),
    ...(outputDelay === undefined ? {} : { outputDelay }),
    ...(threeOperandAdders === undefined ? {} : { threeOperandAdders }),
    ...(resources === undefined ? {} : { resources }),
  };
}

function readResources(reader: ConfigReader, node: ConfigNode, path: string): ResourceLimits {
  const limits: { -readonly [K in keyof ResourceLimits]: ResourceLimits[K] } = {};
  const limitOf = (resource: LimitedResource) => (value: ConfigNode, at: string) => {
    const limit = reader.parsed(value, at, configCodes.badNumber, parseLimit);
    if (limit !== undefined) limits[resource] = limit;
  };
  reader.object(node, path, resourceKeys, {
    lut: limitOf('lut'),
    flip_flops: limitOf('flip_flops'),
    dsp: limitOf('dsp'),
  });
  return limits;
}

function readBuild(reader: ConfigReader, build: { -readonly [K in keyof HlsBuildConfig]: HlsBuildConfig[K] }) {
  return {
    strategy: (value: ConfigNode, at: string) => {
      const choice = reader.choice(value, at, hlsStrategyChoices);
      if (choice !== undefined) build.strategy = choice;
    },
    reuse_factor: (value: ConfigNode, at: string) => {
      const reuse = reader.integer(value, at, configCodes.badNumber, 1, 1_000_000);
      if (reuse !== undefined) build.reuse = reuse;
    },
  };
}

function readHls(reader: ConfigReader, node: ConfigNode, path: string): HlsConfig {
  const result: { -readonly [K in keyof HlsConfig]: HlsConfig[K] } = {};
  reader.object(node, path, hlsKeys, {
    form: (value, at) => {
      const choice = reader.choice(value, at, hlsFormChoices);
      if (choice !== undefined) result.form = choice;
    },
    interface: (value, at) => {
      const choice = reader.choice(value, at, hlsInterfaceChoices);
      if (choice !== undefined) result.interface = choice;
    },
    control: (value, at) => {
      const choice = reader.choice(value, at, hlsControlChoices);
      if (choice !== undefined) result.control = choice;
    },
    ...readBuild(reader, result),
  });
  return result;
}

function readEmulator(reader: ConfigReader, node: ConfigNode, path: string): EmulatorConfig {
  const types = new Map<string, Quantizer>();
  const result: { -readonly [K in keyof EmulatorConfig]: EmulatorConfig[K] } = { types };
  reader.object(node, path, emulatorKeys, {
    package: (value, at) => {
      const choice = reader.boolean(value, at);
      if (choice !== undefined) result.package = choice;
    },
    types: (value, at) => {
      reader.map(value, at, (name, type, inner) => {
        const quantizer = reader.quantizer(type, inner);
        if (quantizer !== undefined) types.set(name, quantizer);
      });
    },
  });
  return result;
}

function readInterface(reader: ConfigReader, node: ConfigNode, path: string): InterfaceConfig {
  const result: { -readonly [K in keyof InterfaceConfig]: InterfaceConfig[K] } = {};
  reader.object(node, path, interfaceKeys, {
    ports: (value, at) => {
      const choice = reader.choice(value, at, portChoices);
      if (choice !== undefined) result.ports = choice;
    },
    registers: (value, at) => {
      const choice = reader.choice(value, at, registerChoices);
      if (choice !== undefined) result.registers = choice;
    },
    valid: (value, at) => {
      const choice = reader.boolean(value, at);
      if (choice !== undefined) result.valid = choice;
    },
    language: (value, at) => {
      const choice = reader.choice(value, at, languageChoices);
      if (choice !== undefined) result.language = choice;
    },
    prefix: (value, at) => {
      const scalar = reader.scalar(value, at);
      if (scalar === undefined) return;
      if (isLegalPrefix(scalar.text)) result.prefix = scalar.text;
      else reader.report(configCodes.badPrefix, `'${printable(scalar.text)}' cannot begin a name`, scalar.position, at);
    },
    package: (value, at) => {
      const choice = reader.choice(value, at, packageChoices);
      if (choice !== undefined) result.package = choice;
    },
    control: (value, at) => {
      const choice = reader.choice(value, at, controlChoices);
      if (choice === 'none') result.control = choice;
      else if (choice !== undefined) {
        reader.report(
          configCodes.notYet,
          `'control: ${choice}' is not yet available`,
          value.position,
          at,
          "Leave it at none. For the C++ alone: 'hls: { control: ap_ctrl_hs }'.",
        );
      }
    },
  });
  return result;
}

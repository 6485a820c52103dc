import { forms, MAXIMUM_INTERVAL } from '../design/sequencing.js';
import { roundingNames } from '../numeric/rounding.js';
import { registerChoices, targets } from '../targets/targets.js';
import { partNames } from '../targets/parts.js';
import {
  hlsControlChoices,
  hlsFormChoices,
  hlsInterfaceChoices,
  hlsStrategyChoices,
  languageChoices,
  packageChoices,
} from './language.js';

export const portChoices = ['packed', 'elements'] as const;
/** How an input is laid out at the RTL: one port with all elements, or one port for each. */
export type PortLayout = (typeof portChoices)[number];

export const controlChoices = ['none', 'ap_ctrl_hs'] as const;
export const batchChoices = ['0', 'none'] as const;

/** A fragment of JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One key of trigc.yaml. */
export interface KeyEntry {
  /** For the schema that editors show. */
  readonly description: string;
  /** What may follow; keys of a map of their own are in a table of their own. */
  readonly schema: JsonSchema;
  /** Planned, and refused until it is built. */
  readonly notYet?: true;
}
export type KeyTable = Readonly<Record<string, KeyEntry>>;

const integer = (minimum: number, maximum?: number): JsonSchema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
const choice = (choices: readonly string[]): JsonSchema => ({ enum: choices });
const number: JsonSchema = { type: ['number', 'string'] };
const rangeSchema: JsonSchema = { type: 'array', items: number, minItems: 2, maxItems: 2 };
const elementMap = (value: JsonSchema): JsonSchema => ({
  type: 'object',
  patternProperties: { '^\\d+$': value },
  additionalProperties: false,
});

export const fixedPointSchema: JsonSchema = {
  type: 'string',
  pattern: '^\\s*(ap_)?u?(fixed\\s*<\\s*\\d+\\s*,\\s*[+-]?\\d+\\s*(,[^<>]*)?|int\\s*<\\s*\\d+\\s*)>\\s*$',
};
const typesSchema: JsonSchema = { $ref: '#/$defs/types' };
const effortSchema: JsonSchema = {
  type: 'string',
  pattern: '^\\s*(fast|default|high|(\\d{1,12}(\\.\\d{0,12})?|\\.\\d{1,12})\\s*[sS])\\s*$',
  examples: ['fast', 'default', 'high', '30s'],
};
const timeSchema: JsonSchema = { type: ['string', 'number'] };

export const rootKeys = {
  inputs: { description: 'Inputs of the model, by name.', schema: { $ref: '#/$defs/inputs' } },
  outputs: { description: 'Outputs of the model, by name.', schema: { $ref: '#/$defs/outputs' } },
  decisions: {
    description: 'Trigger decisions: thresholds on outputs, each a 1-bit output of its own.',
    schema: { type: 'array', items: { $ref: '#/$defs/decision' } },
  },
  default: {
    description: 'Type of float tensors that have no quantiser; ap_fixed<16,6,AP_RND_CONV,AP_SAT> where not given.',
    schema: fixedPointSchema,
  },
  weights: { description: 'Type of float weights.', schema: { $ref: '#/$defs/weights' } },
  layers: { description: 'Types inside single layers, by ONNX node name.', schema: { $ref: '#/$defs/layers' } },
  target: { description: 'Where the design runs.', schema: { $ref: '#/$defs/target' } },
  interface: { description: 'Ports of the design.', schema: { $ref: '#/$defs/interface' } },
  emulator: { description: 'The C++ emulator beside the design.', schema: { $ref: '#/$defs/emulator' } },
  goals: {
    description: 'What a search of precisions must keep, such as efficiency_loss(1e-3) < 1%; --goal goes before it.',
    schema: { $ref: '#/$defs/budgets' },
  },
  hls: { description: 'The C++ for Vitis HLS beside the design.', schema: { $ref: '#/$defs/hls' } },
  budgets: {
    description: 'Limits on figures, such as lut <= 5% of part, which trigc check holds the design against.',
    schema: { $ref: '#/$defs/budgets' },
  },
  effort: {
    description: 'How hard to search for small adder graphs: fast, default, high, or a time such as 30s.',
    schema: effortSchema,
  },
  depth_slack: {
    description: 'Levels of adders that a matrix may take beyond the fewest possible.',
    schema: integer(0, 64),
  },
  seed: { description: 'Seed of every random choice, and of the drawn test vectors.', schema: integer(0, 2 ** 32 - 1) },
} as const satisfies KeyTable;

/** A budget that is more than its expression. */
export const budgetKeys = {
  name: { description: 'What reports call the budget.', schema: { type: 'string' } },
  check: {
    description: 'One comparison, such as latency <= 2 BX or lut.yosys <= 15000; see docs/budgets.md.',
    schema: { type: 'string' },
  },
  comment: { description: 'Why the limit is what it is; shown where it is broken.', schema: { type: 'string' } },
} as const satisfies KeyTable;

/** Keys of a budget.yaml. */
export const budgetFileKeys = {
  budgets: { description: 'Budgets, in the order of the report.', schema: { $ref: '#/$defs/budgets' } },
} as const satisfies KeyTable;

export const inputKeys = {
  type: { description: 'Fixed-point type of all elements.', schema: fixedPointSchema },
  types: {
    description:
      'One type for each element, flattened: a list, whose entries may be { type, count } or { types, count } ' +
      'for repetitions, or a map { element: type }.',
    schema: typesSchema,
  },
  range: { description: 'Promise: all elements stay within [low, high].', schema: rangeSchema },
  ranges: { description: 'Promises by element: { element: [low, high] }.', schema: elementMap(rangeSchema) },
  constants: { description: 'Promises that elements are constant: { element: value }.', schema: elementMap(number) },
  batch: {
    description: 'Which dimension counts events: 0 (default for rank 2 and above), or none.',
    schema: { enum: [0, 'none'] },
  },
  clocks: {
    description:
      'The input comes in parts, an equal number of elements in each of so many clocks, the first with valid_in: one object ' +
      'or row a clock. No more than the clocks from one event to the next.',
    schema: integer(1, MAXIMUM_INTERVAL),
  },
  from: {
    description: 'The elements are bit fields of packed hardware words, which become the ports.',
    schema: { $ref: '#/$defs/from' },
  },
} as const satisfies KeyTable;

/** Formats whose words and fields have names of their own. */
export const wordFormats = ['ugt'] as const;

export const fromKeys = {
  format: {
    description: 'Words with a known layout: ugt, the objects of the CMS Global Trigger.',
    schema: choice(wordFormats),
  },
  words: { description: 'Collections of packed words.', schema: { type: 'array', items: { $ref: '#/$defs/words' } } },
  fields: {
    description: 'What each element is, in order.',
    schema: { type: 'array', items: { $ref: '#/$defs/packedField' } },
  },
} as const satisfies KeyTable;

export const wordKeys = {
  name: { description: 'Name of the words, and of their port.', schema: { type: 'string' } },
  count: { description: 'Number of words; 1 where not given.', schema: integer(1) },
  width: { description: 'Bits of each word.', schema: integer(1) },
  fields: {
    description: "Names of bits: { pt: '18:10', eta: { bits: '31:23', signed: true } }.",
    schema: { type: 'object', additionalProperties: { $ref: '#/$defs/bits' } },
  },
} as const satisfies KeyTable;

const bitsText: JsonSchema = { type: ['string', 'integer'] };

export const packedFieldKeys = {
  word: { description: 'A word or several: etm, muon[2], muon[0..3].', schema: { type: 'string' } },
  fields: {
    description: 'Fields of each of the words, in order.',
    schema: { type: 'array', items: { $ref: '#/$defs/bits' } },
  },
  field: { description: 'Name of a field.', schema: { type: 'string' } },
  bits: { description: "Bits of the word, both ends included: '8:0'.", schema: bitsText },
  constant: { description: 'No bits: an element that always has this value.', schema: number },
  signed: {
    description: "Whether the bits are a two's complement number; false where not given.",
    schema: { type: 'boolean' },
  },
  type: { description: 'Type that the bits are read as; an integer where not given.', schema: fixedPointSchema },
} as const satisfies KeyTable;

export const decisionKeys = {
  name: { description: 'Name of the 1-bit output.', schema: { type: 'string' } },
  output: { description: 'Output that is compared; the only one where not given.', schema: { type: 'string' } },
  element: { description: 'Element of that output, flattened.', schema: integer(0) },
  above: { description: 'Fires where score > threshold.', schema: { $ref: '#/$defs/threshold' } },
  at_least: { description: 'Fires where score >= threshold.', schema: { $ref: '#/$defs/threshold' } },
} as const satisfies KeyTable;

export const outputKeys = {
  type: { description: 'Fixed-point type of the output port.', schema: fixedPointSchema },
  drop_activation: {
    description: 'Leave out a final activation that rises with its operand; thresholds go through it.',
    schema: { type: 'boolean' },
  },
} as const satisfies KeyTable;

export const weightKeys = {
  type: { description: 'Fixed-point type of float weights.', schema: fixedPointSchema },
  rounding: {
    description: 'Rounding to that type.',
    schema: choice([...roundingNames, ...roundingNames.map((name) => `AP_${name}`)]),
  },
} as const satisfies KeyTable;

export const layerKeys = {
  accumulator: {
    description:
      'Type of the sums of this layer, as in hls4ml: every product is cast to it before it is summed, and every ' +
      'partial sum stays in it. Exact where not given.',
    schema: fixedPointSchema,
  },
  result: {
    description: 'Type of what the layer hands on; the accumulator where not given.',
    schema: fixedPointSchema,
  },
  weight: { description: 'Type of constant factors.', schema: fixedPointSchema },
  bias: { description: 'Type of constant summands.', schema: fixedPointSchema },
  table: {
    description: 'Look-up table of a function, made and addressed as in hls4ml.',
    schema: { $ref: '#/$defs/table' },
  },
  strategy: {
    description:
      'How products are built in the C++ for Vitis HLS: all at once, in turns, or as shifted additions. Changes no value.',
    schema: choice(hlsStrategyChoices),
  },
  reuse_factor: {
    description:
      'How often an event uses the same hardware. In the Verilog with an event every few clocks: clocks of each ' +
      'interval in which the layer is at work. In the C++ for Vitis HLS: inputs × outputs / reuse multipliers.',
    schema: integer(1),
  },
  form: {
    description:
      'How the Verilog reuses hardware with an event every few clocks: parallel, shared (positions in turn), ' +
      'serial (sums digit by digit) or folded (a matrix in multiplier blocks); by cost where not given. Changes no value.',
    schema: choice(forms),
  },
} as const satisfies KeyTable;

export const tableKeys = {
  size: { description: 'Number of entries, a power of two.', schema: integer(2, 65_536) },
  type: { description: 'Type of the entries.', schema: fixedPointSchema },
  range: {
    description: "The entries cover -range to range; hls4ml's own range of the function where not given.",
    schema: { type: 'number' },
  },
} as const satisfies KeyTable;

export const targetKeys = {
  name: { description: 'Named target.', schema: choice(targets.map((target) => target.name)) },
  part: {
    description: "Vivado's part string, a device, or generic.",
    schema: { type: 'string', examples: partNames() },
  },
  clock: {
    description: 'Period or frequency: 25ns, 240MHz.',
    schema: { type: 'string', examples: ['25ns', '240MHz'] },
  },
  latency: { description: 'Register ranks from input to output.', schema: integer(0, 10_000) },
  pin_latency: {
    description: 'Whether a latency that does not meet the clock is an error rather than a warning.',
    schema: { type: 'boolean' },
  },
  ii: {
    description: 'Clocks from one event to the next, or a time: 8, 1 BX, 150ns. Above one clock, hardware is reused.',
    schema: { oneOf: [integer(1, 4096), { type: 'string' }] },
  },
  input_delay: { description: 'ns after the clock edge at which inputs are valid.', schema: timeSchema },
  output_delay: { description: 'ns that the logic behind the outputs needs.', schema: timeSchema },
  three_operand_adders: {
    description: 'Assume that synthesis maps sums of three operands to one LUT per bit; 7-series and UltraScale+ only.',
    schema: { type: 'boolean' },
  },
  resources: {
    description: 'What the design may use, by the estimate; a design beyond it is refused.',
    schema: { $ref: '#/$defs/resources' },
  },
} as const satisfies KeyTable;

const limitSchema: JsonSchema = {
  oneOf: [integer(0), { type: 'string', pattern: '^\\s*\\d{1,3}(\\.\\d{1,6})?\\s*%\\s*$' }],
};

export const resourceKeys = {
  lut: {
    description: 'Look-up tables: a number, or a share of the part such as 5%; all of the part where not given.',
    schema: limitSchema,
  },
  flip_flops: { description: 'Flip-flops, alike.', schema: limitSchema },
  dsp: {
    description:
      'Multiplier blocks, alike. Where it is given, and an event comes every few clocks only, matrices are given as ' +
      'many of them as save look-up tables.',
    schema: limitSchema,
  },
} as const satisfies KeyTable;

export const emulatorKeys = {
  package: {
    description: 'Whether emulator/ is written: C++ with the interface that CMSSW loads models through.',
    schema: { type: 'boolean' },
  },
  types: {
    description: 'Types of the C++ arrays that are passed for ports, where they are not those of the ports.',
    schema: { type: 'object', additionalProperties: fixedPointSchema },
  },
} as const satisfies KeyTable;

export const hlsKeys = {
  form: {
    description:
      'none; looped: layers as loops over arrays of ap_fixed; flat: the operations of the Verilog on ap_int.',
    schema: choice(hlsFormChoices),
  },
  interface: {
    description: 'parallel: ports hold all elements at once; stream: ports are streams of rows.',
    schema: choice(hlsInterfaceChoices),
  },
  control: {
    description:
      'Handshake of the block. Without it: ap_ctrl_none where an event is taken at every clock or ports are streams, ap_ctrl_hs elsewhere.',
    schema: choice(hlsControlChoices),
  },
  strategy: {
    description:
      'How products are built where the layer does not say: latency (all at once), resource (in turns) or distributed_arithmetic.',
    schema: choice(hlsStrategyChoices),
  },
  reuse_factor: { description: 'Reuse factor where the layer does not say.', schema: integer(1) },
} as const satisfies KeyTable;

export const interfaceKeys = {
  ports: { description: 'One packed port for each tensor, or one port for each element.', schema: choice(portChoices) },
  registers: { description: 'Which ports have registers.', schema: choice(registerChoices) },
  valid: { description: 'Whether a valid bit travels with the data.', schema: { type: 'boolean' } },
  control: { description: 'Block-level handshake; only none yet.', schema: choice(['none']) },
  language: {
    description: 'What the design is printed as: verilog, vhdl or both (default).',
    schema: choice(languageChoices),
  },
  prefix: {
    description: 'Begins the names of all modules, entities and source files, so that several designs share a library.',
    schema: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*_?$', maxLength: 32 },
  },
  package: {
    description: 'ipbb: VHDL laid out as an IPBB component, with its .dep file.',
    schema: choice(packageChoices),
  },
} as const satisfies KeyTable;

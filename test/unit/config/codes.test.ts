import { describe, expect, it } from 'vitest';
import { checkPortNames, inputElements } from '../../../src/config/apply-input.js';
import { emptyConfig } from '../../../src/config/config.js';
import { parseConfig } from '../../../src/config/parse-config.js';
import type { CommandLine } from '../../../src/config/settings.js';
import { resolveSettings } from '../../../src/config/settings.js';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.js';
import { DiagnosticBag, unwrap } from '../../../src/diagnostics/result.js';
import { configCodes } from '../../../src/diagnostics/codes/config.js';

const file = (text: string) => (): readonly Diagnostic[] => parseConfig(text, 'trigc.yaml').diagnostics;
const line = (commandLine: CommandLine) => (): readonly Diagnostic[] =>
  resolveSettings(emptyConfig, commandLine, 'top').diagnostics;

/** The content of `inputs.x.from`. */
const from = (text: string): (() => readonly Diagnostic[]) => file(`inputs: { x: { from: { ${text} } } }`);

function applied(text: string, count: number): () => readonly Diagnostic[] {
  return () => {
    const bag = new DiagnosticBag();
    const config = unwrap(parseConfig(text, 'trigc.yaml'));
    inputElements(config, 'x', count, bag);
    checkPortNames(config, ['x'], ['y'], bag);
    return bag.diagnostics;
  };
}

/** One bad input for each code: a code without one does not compile. Place is line:column. */
type Case = readonly [run: () => readonly Diagnostic[], message: string, path: string, place: string];
const cases: Record<keyof typeof configCodes, Case[]> = {
  unknownKey: [
    [file('target:\n  clok: 25ns\n'), "'clok' is not a key here", 'target.clok', '2:3'],
    [file('inputs: { x: { typ: "ap_int<3>" } }'), "'typ' is not a key here", 'inputs.x.typ', '1:16'],
    [file('__proto__: 1\n'), "'__proto__' is not a key here", '__proto__', '1:1'],
    [file('constructor: 1\n'), "'constructor' is not a key here", 'constructor', '1:1'],
    [file('<<: { seed: 1 }\n'), "'<<' is not a key here", '<<', '1:1'],
  ],
  notYet: [
    [
      file('interface: { control: ap_ctrl_hs }'),
      "'control: ap_ctrl_hs' is not yet available",
      'interface.control',
      '1:23',
    ],
  ],
  badWords: [
    [
      from('words: [{ name: w, width: 8 }, { name: w, width: 9 }], fields: [{ word: w, bits: 0 }]'),
      "'w' is declared already",
      'inputs.x.from.words.1',
      '1:55',
    ],
    [
      from("words: [{ name: 'w[', width: 8 }], fields: [{ word: w, bits: 0 }]"),
      "'w[' is no name of words",
      'inputs.x.from.words.0.name',
      '1:40',
    ],
    [
      file(
        'inputs:\n  x: { from: { words: [{ name: w, width: 8 }], fields: [{ word: w, bits: 0 }] } }\n  z: { from: { words: [{ name: w, width: 9 }], fields: [{ word: w, bits: 0 }] } }\n',
      ),
      "words 'w' have 9 bits here and 8 for input 'x'",
      'inputs.z.from',
      '3:8',
    ],
    [
      applied('inputs: { x: { from: { words: [{ name: y, width: 8 }], fields: [{ word: y, bits: 0 }] } } }', 1),
      "'y' is also a port of the model",
      'inputs.x.from',
      '1:16',
    ],
  ],
  unknownWord: [
    [
      from('format: ugt, fields: [{ word: moun, field: pt }]'),
      "there are no words 'moun'",
      'inputs.x.from.fields.0.word',
      '1:54',
    ],
    [
      from("format: ugt, fields: [{ word: 'muon[8]', field: pt }]"),
      "'muon[8]': the words of 'muon' are 0 to 7",
      'inputs.x.from.fields.0.word',
      '1:54',
    ],
    [
      from("format: ugt, fields: [{ word: 'muon[3..1]', field: pt }]"),
      "'muon[3..1]': the words of 'muon' are 0 to 7",
      'inputs.x.from.fields.0.word',
      '1:54',
    ],
    [
      from("format: ugt, fields: [{ word: 'muon[', field: pt }]"),
      "there are no words 'muon['",
      'inputs.x.from.fields.0.word',
      '1:54',
    ],
    [
      from('format: ugt, fields: [{ word: ett, fields: [et, phi] }]'),
      "'phi' is neither bits nor a field of 'ett'",
      'inputs.x.from.fields.0.fields.1',
      '1:72',
    ],
  ],
  badBits: [
    [
      from("words: [{ name: w, width: 8 }], fields: [{ word: w, bits: '8:0' }]"),
      "bits 8:0 of 'w', whose bits are 7:0",
      'inputs.x.from.fields.0.bits',
      '1:82',
    ],
    [
      from("words: [{ name: w, width: 8 }], fields: [{ word: w, bits: '0:3' }]"),
      "bits 0:3 of 'w', whose bits are 7:0",
      'inputs.x.from.fields.0.bits',
      '1:82',
    ],
    [
      from("words: [{ name: w, width: 8, fields: { a: '9:8' } }], fields: [{ constant: 1 }]"),
      "bits 9:8 of 'w', whose bits are 7:0",
      'inputs.x.from.words.0.fields.a',
      '1:66',
    ],
    [
      from("words: [{ name: w, width: 8 }], fields: [{ word: w, bits: '3:0', type: 'ap_int<5>' }]"),
      'a type of 5 bits for 4 bits',
      'inputs.x.from.fields.0',
      '1:65',
    ],
    [
      from("words: [{ name: w, width: 8 }], fields: [{ word: w, bits: '3:0', signed: true, type: 'ap_uint<4>' }]"),
      "'signed: true' contradicts the type",
      'inputs.x.from.fields.0',
      '1:65',
    ],
  ],
  packedCount: [
    [
      applied('inputs: { x: { from: { format: ugt, fields: [{ word: muon, fields: [pt, eta] }] } } }', 3),
      "16 fields for the 3 elements of 'x'",
      'inputs.x.from',
      '1:16',
    ],
  ],
  badDecision: [
    [file('decisions: [{ name: a }]'), 'a decision takes one of above and at_least', 'decisions.0', '1:13'],
    [
      file('decisions: [{ name: a, above: 1, at_least: 2 }]'),
      'a decision takes one of above and at_least',
      'decisions.0',
      '1:13',
    ],
    [file('decisions: [{ above: 1 }]'), 'a decision needs a name', 'decisions.0', '1:13'],
    [
      file('decisions: [{ name: a, above: 1 }, { name: a, above: 2 }]'),
      "there are two decisions 'a'",
      'decisions.1',
      '1:36',
    ],
  ],
  invalidYaml: [
    [file('target: [\n'), 'Flow sequence in block collection must be', '', '2:1'],
    [file('a: 1\n---\nb: 2\n'), 'multiple documents', '', '2:1'],
    [file('target:\n\tname: x\n'), 'Tabs are not allowed', '', '2:1'],
  ],
  duplicateKey: [[file('seed: 1\nseed: 2\n'), "the key 'seed' is given twice", '', '2:1']],
  aliasOrTag: [
    [file('seed: &a 1\n'), "'&a' is an anchor", '', '1:10'],
    [file('seed: !!float 1\n'), "'tag:yaml.org,2002:float' is a tag", '', '1:15'],
  ],
  tooLarge: [
    [file('#'.repeat(2 ** 18 + 1)), '262145 characters are more than 262144', '', ':'],
    [file(`${'{a: '.repeat(40)}1${'}'.repeat(40)}`), 'values are nested more than 32 deep', '', '1:130'],
    [
      file('inputs: { x: { types: [ { count: 1000, types: [ { count: 1001, type: "ap_int<3>" } ] } ] } }'),
      'more than 1000000 types',
      'inputs.x.types.0',
      '1:25',
    ],
  ],
  wrongShape: [
    [from('format: ugt'), "'inputs.x.from' needs fields", 'inputs.x.from', '1:22'],
    [from('fields: [{ constant: 1 }]'), "'inputs.x.from' needs words, or a format", 'inputs.x.from', '1:22'],
    [from('words: [{ width: 3 }], fields: [{ constant: 1 }]'), 'words need a name', 'inputs.x.from.words.0', '1:32'],
    [
      from('format: ugt, fields: [et]'),
      "'inputs.x.from.fields.0' takes a map with a word",
      'inputs.x.from.fields.0',
      '1:46',
    ],
    [
      from('format: ugt, fields: [{ field: et }]'),
      "'inputs.x.from.fields.0.field' needs a word",
      'inputs.x.from.fields.0.field',
      '1:55',
    ],
    [
      from('format: ugt, fields: [{ word: etm, constant: 1, field: et }]'),
      'a field takes one of field, bits and constant',
      'inputs.x.from.fields.0',
      '1:46',
    ],
    [
      from('format: ugt, fields: [{ word: etm }]'),
      'a field takes one of field, bits and constant',
      'inputs.x.from.fields.0',
      '1:46',
    ],
    [
      from('format: ugt, fields: [{ word: etm, fields: [{ word: ett, field: et }] }]'),
      'the word is that of the whole list',
      'inputs.x.from.fields.0.fields.0.word',
      '1:76',
    ],
    [file('[1]'), 'the file takes a map of keys, not a list', '', '1:1'],
    [file('hello'), 'the file takes a map of keys, not a single value', '', '1:1'],
    [file('inputs: 3'), "'inputs' takes a map of keys, not a single value", 'inputs', '1:9'],
    [file('seed: [1]'), "'seed' takes a single value, not a list", 'seed', '1:7'],
    [file('default:\n'), "'default' takes a single value, not nothing", 'default', '1:9'],
    [file('weights: {}'), "'weights' needs a type", 'weights', '1:10'],
    [file('? [a]\n: 1\n'), 'a key is a list or a map', '', '1:3'],
    [file('inputs: { x: { range: [1] } }'), 'a range is [low, high], not 1 values', 'inputs.x.range', '1:23'],
    [
      file('inputs: { x: { types: [ { count: 3 } ] } }'),
      'a repetition takes { type, count }',
      'inputs.x.types.0',
      '1:25',
    ],
  ],
  badType: [
    [file('default: ap_fixed<16>\n'), "'ap_fixed<16>' lacks the number of integer bits", 'default', '1:10'],
    [
      file('default: ap_fixed<8,4,AP_TRN,AP_WRAP_SM>\n'),
      'AP_WRAP_SM (sign-magnitude wrapping) is not',
      'default',
      '1:10',
    ],
    [file('inputs: { x: { types: { 0: float } } }'), "'float' is not of the form", 'inputs.x.types.0', '1:28'],
  ],
  badNumber: [
    [file('inputs: { x: { range: [0, high] } }'), "'high' is not a number", 'inputs.x.range', '1:27'],
    [
      file('target: { resources: { lut: 0.1 } }'),
      "'0.1' is neither a whole number nor a share of the part such as 5%",
      'target.resources.lut',
      '1:29',
    ],
    [
      file('target: { resources: { flip_flops: 101% } }'),
      "'101%' is neither a whole number nor a share of the part such as 5%",
      'target.resources.flip_flops',
      '1:36',
    ],
  ],
  notBinary: [
    [
      file('inputs: { x: { constants: { 3: 0.1 } } }'),
      "'0.1' has no exact binary value",
      'inputs.x.constants.3',
      '1:32',
    ],
  ],
  emptyRange: [
    [
      file('inputs: { x: { ranges: { 0: [1, 0.5] } } }'),
      'the lower bound is above the upper one',
      'inputs.x.ranges.0',
      '1:29',
    ],
  ],
  badElement: [
    [
      file('inputs: { x: { ranges: { first: [0, 1] } } }'),
      "'first' is not the number of an element",
      'inputs.x.ranges.first',
      '1:26',
    ],
    [
      file('inputs: { x: { constants: { -1: 0 } } }'),
      "'-1' is not the number of an element",
      'inputs.x.constants.-1',
      '1:29',
    ],
    [file('inputs: { x: { constants: { 1: 0, 01: 0 } } }'), "'01' is spelt '1'", 'inputs.x.constants.01', '1:35'],
  ],
  elementOutside: [
    [
      applied('inputs: { x: { ranges: { 3: [0, 1] } } }', 3),
      "'x' has 3 elements, 0 to 2; there is no element 3",
      'inputs.x.ranges.3',
      '1:26',
    ],
  ],
  typeCount: [
    [
      applied('inputs: { x: { types: [ "ap_int<3>" ] } }', 2),
      "1 types for the 2 elements of 'x'",
      'inputs.x.types',
      '1:16',
    ],
    [file('inputs: { x: { types: [] } }'), 'the list of types is empty', 'inputs.x.types', '1:23'],
    [
      file('inputs: { x: { types: [ { type: "ap_int<3>", count: 0 } ] } }'),
      "'0' is not a whole number from 1 to 1000000",
      'inputs.x.types.0.count',
      '1:53',
    ],
  ],
  conflictingKeys: [
    [file('inputs: { x: { type: "ap_int<3>", types: { } } }'), "'type' and 'types' are both given", 'inputs.x', '1:35'],
    [file('inputs: { x: { ranges: { }, range: [0, 1] } }'), "'range' and 'ranges' are both given", 'inputs.x', '1:16'],
    [
      file('inputs: { x: { ranges: { 1: [0, 1] }, constants: { 1: 0 } } }'),
      'element 1 has both a range and a constant',
      'inputs.x.constants.1',
      '1:52',
    ],
    [
      file('weights: { type: "ap_fixed<8,1,AP_RND>", rounding: AP_TRN }'),
      "the type says AP_RND, 'rounding' says AP_TRN",
      'weights.rounding',
      '1:42',
    ],
  ],
  badClock: [
    [file('target: { clock: 25 }'), "'25' has no unit: is it ns or MHz?", 'target.clock', '1:18'],
    [file('target: { clock: fast }'), "'fast' is not a number with a unit", 'target.clock', '1:18'],
    [line({ clock: '0MHz' }), "'0MHz' is not a period of 0.5 to 1000 ns", '--clock', ':'],
    [line({ clock: '25 weeks' }), "'25 weeks' has the unknown unit 'weeks'", '--clock', ':'],
  ],
  badDelay: [
    [file('target: { input_delay: -1 }'), "'-1' is not a time in ns", 'target.input_delay', '1:24'],
    [file('target: { output_delay: 1 MHz }'), "'1 MHz' is not a time in ns", 'target.output_delay', '1:25'],
  ],
  badLatency: [
    [file('target: { latency: 2.5 }'), "'2.5' is not a whole number from 0 to 10000", 'target.latency', '1:20'],
    [line({ latency: -1 }), "'-1' is not a whole number from 0 to 10000", '--latency', ':'],
    [line({ latency: NaN }), "'NaN' is not a whole number from 0 to 10000", '--latency', ':'],
  ],
  badInitiationInterval: [
    [file('target: { ii: 0 }'), "'0' is not a whole number of clocks from 1 to 4096", 'target.ii', '1:15'],
    [file('target: { ii: 3 fortnights }'), "unknown unit 'fortnights'", 'target.ii', '1:15'],
    [file('target: { ii: often }'), 'is not a number of clocks', 'target.ii', '1:15'],
  ],
  unknownTarget: [
    [file('target: { name: ugt }'), "there is no target 'ugt'", 'target.name', '1:17'],
    [line({ target: 'p2gt' }), "there is no target 'p2gt'", '--target', ':'],
  ],
  unknownPart: [
    [file('target: { part: xcvu99p }'), "the part 'xcvu99p' is not known", 'target.part', '1:17'],
    [line({ part: '; exec rm' }), "the part '; exec rm' is not known", '--part', ':'],
  ],
  badChoice: [
    [file('interface: { ports: paked }'), "'paked' is not one of packed, elements", 'interface.ports', '1:21'],
    [file('interface: { registers: all }'), "'all' is not one of in, out, both, none", 'interface.registers', '1:25'],
    [file('interface: { valid: yes }'), "'yes' is not one of true, false", 'interface.valid', '1:21'],
    [file('emulator: { package: cms }'), "'cms' is not one of true, false", 'emulator.package', '1:22'],
    [file('inputs: { x: { batch: 1 } }'), "'1' is not one of 0, none", 'inputs.x.batch', '1:23'],
  ],
  badDepthSlack: [
    [file('depth_slack: 65'), "'65' is not a whole number from 0 to 64", 'depth_slack', '1:14'],
    [line({ depthSlack: 'deep' }), "'deep' is not a whole number from 0 to 64", '--depth-slack', ':'],
  ],
  badSeed: [
    [file('seed: -3'), "'-3' is not a whole number from 0 to 4294967295", 'seed', '1:7'],
    [line({ seed: '4294967296' }), "'4294967296' is not a whole number from 0 to 4294967295", '--seed', ':'],
  ],
  badEffort: [
    [file('effort: 3'), "'3' has no unit: is it 3s?", 'effort', '1:9'],
    [file('effort: hard'), "'hard' is neither fast, default, high nor a time in seconds", 'effort', '1:9'],
    [file('effort: 1e3s'), "'1e3s' is neither", 'effort', '1:9'],
    [file('effort: 0s'), "'0s' is not a time above 0 s and up to 86400 s", 'effort', '1:9'],
    [line({ effort: '-1s' }), "'-1s' is neither", '--effort', ':'],
    [line({ effort: '90000s' }), "'90000s' is not a time above 0 s", '--effort', ':'],
    [line({ effort: 'High' }), "'High' is neither", '--effort', ':'],
  ],
  badPrefix: [
    [line({ prefix: 'a__b' }), "'a__b' cannot begin a name", '--prefix', ':'],
    [line({ prefix: '' }), "'' cannot begin a name", '--prefix', ':'],
    [line({ prefix: 'x'.repeat(33) }), 'cannot begin a name', '--prefix', ':'],
    [line({ prefix: 'mod', name: 'ule' }), "'module' is a reserved word", 'interface.prefix', ':'],
    [file('interface: { prefix: 5 }'), "'5' cannot begin a name", 'interface.prefix', '1:22'],
  ],
  noPrefix: [
    [
      line({ target: 'ugt-run3', language: 'vhdl' }),
      'VHDL for target ugt-run3 is asked for, and its entities have no prefix',
      'interface.prefix',
      ':',
    ],
    [line({ target: 'ugt-run3', package: 'ipbb' }), 'its entities have no prefix', 'interface.prefix', ':'],
  ],
  packageNeedsVhdl: [
    [line({ language: 'verilog', package: 'ipbb' }), 'an IPBB package is asked for', 'interface.package', ':'],
  ],
  noThreeOperandAdders: [
    [
      line({ threeOperandAdders: true }),
      'sums of three operands are asked for, and no device in particular takes more than one LUT per bit',
      '--three-operand-adders',
      ':',
    ],
    [
      () => {
        const config = unwrap(parseConfig('target: { three_operand_adders: true }', 'trigc.yaml'));
        return resolveSettings(config, {}, 'top').diagnostics;
      },
      'sums of three operands are asked for',
      'target.three_operand_adders',
      ':',
    ],
  ],
  badName: [
    [line({ name: 'module' }), "'module' is not a legal module name", '--name', ':'],
    [line({ name: 'a;b\n' }), "'a;b?' is not a legal module name", '--name', ':'],
  ],
  delayExceedsClock: [
    [
      line({ target: 'ugt-run3', clock: '2ns' }),
      'an input_delay of 2 ns leaves nothing of the clock period of 2 ns',
      'target.input_delay',
      ':',
    ],
  ],
  unknownPort: [
    [applied('inputs: { z: { type: "ap_int<3>" } }', 1), "the model has no input 'z'", 'inputs.z', '1:11'],
    [applied('outputs: { x: { type: "ap_int<3>" } }', 1), "the model has no output 'x'", 'outputs.x', '1:12'],
  ],
};

describe('every code of the configuration', () => {
  const rows = Object.entries(cases).flatMap(([name, list]) =>
    list.map((entry) => [configCodes[name as keyof typeof configCodes].code, ...entry] as const),
  );
  it.each(rows)('%s %#', (code, run, message, path, place) => {
    const found = run().find((diagnostic) => diagnostic.code === code);
    expect(run().map((diagnostic) => diagnostic.code)).toContain(code);
    expect(found?.message).toContain(message);
    expect(found?.location?.configPath ?? '').toBe(path);
    expect(`${found?.location?.line ?? ''}:${found?.location?.column ?? ''}`).toBe(place);
    expect(found?.hint).not.toBe('');
  });

  it('codes are TRG3001 to TRG3199, each once', () => {
    const all = Object.values(configCodes).map((kind) => kind.code);
    expect(new Set(all).size).toBe(all.length);
    for (const code of all) expect(Number(code.slice(3))).toSatisfy((value: number) => value > 3000 && value < 3200);
  });
});

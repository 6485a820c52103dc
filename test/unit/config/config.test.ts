import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { configLocation, inputElements } from '../../../src/config/apply-input.js';
import type { Config } from '../../../src/config/config.js';
import { emptyConfig } from '../../../src/config/config.js';
import {
  inputKeys,
  emulatorKeys,
  interfaceKeys,
  layerKeys,
  outputKeys,
  resourceKeys,
  rootKeys,
  tableKeys,
  targetKeys,
  weightKeys,
} from '../../../src/config/keys.js';
import { parseConfig } from '../../../src/config/parse-config.js';
import { budgetFileSchema, configSchema } from '../../../src/config/schema.js';
import { resolveSettings } from '../../../src/config/settings.js';
import type { CommandLine, Settings } from '../../../src/config/settings.js';
import { parseClock, parseDelay, parseEffort } from '../../../src/config/units.js';
import { formatDiagnostic } from '../../../src/diagnostics/diagnostic.js';
import { DiagnosticBag, unwrap } from '../../../src/diagnostics/result.js';
import { dyadicToNumber, printDyadic } from '../../../src/numeric/dyadic.js';
import type { Quantizer } from '../../../src/numeric/fixed-point.js';
import { parseQuantizer, printQuantizer } from '../../../src/numeric/fixed-point.js';

function configOf(text: string): Config {
  const result = parseConfig(text, 'trigc.yaml');
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.value;
}

function settingsOf(text: string, commandLine: CommandLine = {}, name = 'top'): Settings {
  const result = resolveSettings(configOf(text), commandLine, name);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  return result.value;
}

const full = `
# The hardware inputs of the Global Trigger networks.
inputs:
  inputs:
    batch: 0
    types:
      - ap_ufixed<12,11>
      - ap_fixed<8,8>
      - ap_ufixed<8,8>
      - count: 8
        types: ['ap_ufixed<9,8>', 'ap_fixed<8,8>', 'ap_ufixed<8,8>']
      - { type: 'ap_ufixed<11,10>', count: 30 }
    ranges: { 2: [0, 143], 3: [-0.5, 1e2] }
    constants: { 1: 0 }
outputs:
  score: { type: "ap_ufixed<18,14>" }
default: ap_fixed<14,5,AP_RND,AP_SAT>
weights: { type: 'ap_fixed<8,1>', rounding: AP_RND_CONV }
target:
  name: vu13p-240
  part: VU9P
  clock: 2.5 ns
  latency: 7
  ii: 1
  input_delay: 0.5
  output_delay: 300 ps
  three_operand_adders: true
interface:
  { ports: elements, registers: in, valid: true, control: none, language: vhdl, prefix: net_, package: ipbb }
effort: 2.5 s
seed: 42
`;

describe('parseConfig', () => {
  it('reads every key that exists', () => {
    const config = configOf(full);
    const input = config.inputs.get('inputs');
    expect(input?.typeCount).toBe(57);
    expect([0, 1, 3, 4, 24, 26, 27, 56].map((element) => input?.types.get(element)?.type.width)).toEqual([
      12, 8, 9, 8, 9, 8, 11, 11,
    ]);
    expect(input?.batch).toBe(0);
    const range = input?.ranges.get(3);
    expect([range?.low, range?.high].map((value) => value && dyadicToNumber(value))).toEqual([-0.5, 100]);
    expect(input?.constants.get(1)).toEqual({ code: 0n, lsb: 0 });
    expect(config.outputs.get('score')?.type?.type.width).toBe(18);
    expect(printQuantizer(config.default)).toBe('ap_fixed<14,5,AP_RND,AP_SAT>');
    expect(config.weights && printQuantizer(config.weights)).toBe('ap_fixed<8,1,AP_RND_CONV,AP_WRAP>');
    expect(config.target).toEqual({
      name: 'vu13p-240',
      part: 'xcvu9p-flgc2104-2-e',
      clockPeriod: 2.5,
      latency: 7,
      initiationInterval: { clocks: 1 },
      inputDelay: 0.5,
      outputDelay: 0.3,
      threeOperandAdders: true,
    });
    expect(config.interface).toEqual({
      ports: 'elements',
      registers: 'in',
      valid: true,
      control: 'none',
      language: 'vhdl',
      prefix: 'net_',
      package: 'ipbb',
    });
    expect(config.seed).toBe(42);
    expect(configLocation(config, 'inputs.inputs.constants.1')).toMatchObject({ line: 14, column: 18 });
  });

  it('reads the types of layers', () => {
    const { layers } = configOf(
      'layers:\n' +
        '  Gemm_3: { accumulator: "ap_fixed<20,8>", result: "ap_ufixed<8,2,AP_RND,AP_SAT>" }\n' +
        '  "#4":\n    weight: ap_fixed<8,1>\n    bias: ap_int<4>\n',
    );
    const shown = [...layers].map(([name, layer]) => [
      name,
      ...Object.entries(layer).map(([key, type]) => `${key} ${printQuantizer(type as Quantizer)}`),
    ]);
    expect(shown).toEqual([
      ['Gemm_3', 'accumulator ap_fixed<20,8,AP_TRN,AP_WRAP>', 'result ap_ufixed<8,2,AP_RND,AP_SAT>'],
      ['#4', 'weight ap_fixed<8,1,AP_TRN,AP_WRAP>', 'bias ap_fixed<4,4,AP_TRN,AP_WRAP>'],
    ]);
  });

  it('reads the table of a function', () => {
    const { layers } = configOf('layers: { s: { table: { size: 1024, type: "ap_fixed<18,8>", range: 8 } } }');
    expect(layers.get('s')).toEqual({ table: { size: 1024, type: parseQuantizer('ap_fixed<18,8>'), range: 8 } });
    const incomplete = parseConfig('layers: { s: { table: { range: 8 } } }', 'trigc.yaml');
    expect(incomplete.diagnostics.map(({ message }) => message)).toEqual([
      "'layers.s.table' needs a size",
      "'layers.s.table' needs a type",
    ]);
  });

  it.each(['', '# only a comment\n', '{}', '---\n', 'inputs:\n', 'target:\ninterface:\n'])(
    'nothing is fine: %j',
    (text) => {
      const config = configOf(text);
      expect({ ...config, positions: new Map() }).toEqual(emptyConfig);
    },
  );

  it('reports all problems at once', () => {
    const result = parseConfig(
      'inputs: { x: { type: float } }\ntarget: { clock: 3, name: x, laten: 3, resources: 1 }\ninterface: { control: ap_ctrl_hs }\nlayers: { a: { strategy: x } }\nseed: x\n',
      'my.yaml',
    );
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([
      'TRG3008',
      'TRG3016',
      'TRG3020',
      'TRG3001',
      'TRG3007',
      'TRG3002',
      'TRG3022',
      'TRG3023',
    ]);
    expect(result.diagnostics.every((diagnostic) => diagnostic.location?.model === 'my.yaml')).toBe(true);
    expect(result.diagnostics[3]?.hint).toContain("did you mean 'latency'?");
  });

  it('says why a type without quotes breaks inside brackets', () => {
    const { diagnostics } = parseConfig('inputs: { x: { types: [ap_fixed<8,4>, ap_fixed<8,4>] } }', 'a.yaml');
    expect(diagnostics[0]).toMatchObject({ code: 'TRG3008' });
    expect(diagnostics[0]?.hint).toContain('put quotes around a type');
  });

  it('keeps every digit of decimals, however they are written', () => {
    const config = configOf(
      `inputs: { x: { range: [${printDyadic({ code: -3n, lsb: -100 })}, "12345678901234567890"] } }`,
    );
    expect(config.inputs.get('x')?.range?.high).toEqual({ code: 12345678901234567890n, lsb: 0 });
    expect(config.inputs.get('x')?.range?.low).toEqual({ code: -3n, lsb: -100 });
  });

  it('takes hostile names as plain text', () => {
    const config = configOf(
      'inputs: { __proto__: { type: "ap_int<3>" }, "a.b\\n": { type: "ap_int<4>" }, 3: { type: "ap_int<5>" } }',
    );
    expect([...config.inputs.keys()]).toEqual(['__proto__', 'a.b\n', '3']);
  });

  it('survives hostile YAML', () => {
    const bomb = `a: &a [1]\n${Array.from({ length: 30 }, (_, index) => `b${index}: [*a, *a, *a]`).join('\n')}`;
    for (const text of [
      bomb,
      '['.repeat(2_000),
      '{a: '.repeat(500),
      '- '.repeat(500),
      '\u0000',
      '%YAML 9\n---\na',
      '*x',
      '&x',
      '!!js/function "x"',
      '"\\ud800"',
      'a: |\n  x\n b',
    ]) {
      const result = parseConfig(text, 'h.yaml');
      expect(result.ok).toBe(false);
      expect(result.diagnostics.length).toBeGreaterThan(0);
    }
  });

  it('10,000 keys take no quadratic time', () => {
    const text = `inputs:\n  x:\n    ranges:\n${Array.from({ length: 9_000 }, (_, index) => `      ${index}: [0, 1]`).join('\n')}`;
    expect(configOf(text).inputs.get('x')?.ranges.size).toBe(9_000);
  });
});

describe('inputElements', () => {
  const elementsOf = (text: string, count: number) => {
    const bag = new DiagnosticBag();
    const elements = inputElements(configOf(text), 'x', count, bag);
    expect(bag.diagnostics).toEqual([]);
    return elements.map(({ type, promise }) => [
      type === undefined ? undefined : type.type.width,
      promise === undefined ? undefined : [dyadicToNumber(promise.low), dyadicToNumber(promise.high)],
    ]);
  };

  it('spreads types and promises over the elements', () => {
    expect(elementsOf('', 2)).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(elementsOf('inputs: { x: { type: "ap_int<3>", range: [0, 2], constants: { 1: -1 } } }', 3)).toEqual([
      [3, [0, 2]],
      [3, [-1, -1]],
      [3, [0, 2]],
    ]);
    expect(elementsOf('inputs: { x: { types: { 1: "ap_int<4>" }, ranges: { 0: [0, 1] } } }', 2)).toEqual([
      [undefined, [0, 1]],
      [4, undefined],
    ]);
  });
});

describe('units', () => {
  it.each([
    ['25ns', 25],
    ['2.5 ns', 2.5],
    ['4167ps', 4.167],
    ['0.025us', 0.025e3],
    ['240MHz', 1000 / 240],
    ['480 mhz', 1000 / 480],
    ['0.5GHz', 2],
    ['40000 kHz', 25],
  ])('clock %s', (text, period) => {
    expect(parseClock(text)).toBeCloseTo(period, 12);
  });

  it.each([
    '',
    'ns',
    '25',
    '1e3ns',
    '25 n s',
    '-25ns',
    '0ns',
    '0.1ns',
    '2000ns',
    '1e999MHz',
    '3GHz',
    'NaNns',
    '0x10ns',
  ])('no clock: %j', (text) => {
    expect(() => parseClock(text)).toThrow(RangeError);
  });

  it('delays', () => {
    expect([parseDelay('1.5'), parseDelay('1.5ns'), parseDelay('800 ps'), parseDelay('0')]).toEqual([1.5, 1.5, 0.8, 0]);
    for (const text of ['', '-1', '1MHz', '1e5', '1001ns', 'x']) expect(() => parseDelay(text)).toThrow(RangeError);
  });
});

describe('effort', () => {
  it('is a name or a time', () => {
    expect(['fast', ' default', 'high', '30s', '.5 S'].map(parseEffort)).toEqual([
      ...['fast', 'default', 'high'],
      ...[{ seconds: 30 }, { seconds: 0.5 }],
    ]);
    for (const text of ['', 'slow', '30', '30ms', '0s', '1e9s', '5m'])
      expect(() => parseEffort(text)).toThrow(RangeError);
  });

  it('the schema takes what the parser takes', () => {
    const pattern = new RegExp(rootKeys.effort.schema['pattern'] as string, 'u');
    for (const text of ['fast', ' default', 'high ', '30s', '.5 S', '1.s']) expect(text).toMatch(pattern);
    for (const text of ['slow', '30', '30ms', 'fasts']) expect(text).not.toMatch(pattern);
  });
});

describe('resolveSettings', () => {
  it('defaults without anything', () => {
    expect(settingsOf('', {}, 'my/model.onnx')).toMatchObject({
      target: { name: 'generic' },
      part: { name: 'generic' },
      clockPeriod: 5,
      registers: 'both',
      ports: 'packed',
      valid: false,
      inputDelay: 0,
      outputDelay: 0,
      threeOperandAdders: false,
      initiationInterval: 1,
      topName: 'my_model_onnx',
      effort: 'default',
      seed: 1,
      origins: { target: 'default', clockPeriod: 'target', effort: 'default', seed: 'default' },
    });
    expect(settingsOf('')).not.toHaveProperty('latency');
  });

  it('a target sets what nothing else says', () => {
    const settings = settingsOf('', { target: 'ugt-run3' });
    expect(settings).toMatchObject({ clockPeriod: 25, latency: 2, registers: 'none', inputDelay: 2, dsp: false });
    expect(settings.part.name).toBe('xc7vx690tffg1927-2');
    expect(settings.origins).toMatchObject({ target: 'command line', part: 'target', latency: 'target' });
  });

  it('command line over trigc.yaml over target', () => {
    const fromFile = settingsOf(full);
    expect(fromFile).toMatchObject({
      target: { name: 'vu13p-240' },
      part: { device: 'xcvu9p' },
      clockPeriod: 2.5,
      latency: 7,
      registers: 'in',
      ports: 'elements',
      valid: true,
      inputDelay: 0.5,
      outputDelay: 0.3,
      threeOperandAdders: true,
      effort: { seconds: 2.5 },
      seed: 42,
    });
    expect(fromFile.origins).toMatchObject({ part: 'trigc.yaml', clockPeriod: 'trigc.yaml', registers: 'trigc.yaml' });
    const typed = settingsOf(full, {
      target: 'ctp7',
      part: 'vu13p',
      clock: '400MHz',
      latency: '3',
      name: 'axol1tl',
      effort: 'high',
      seed: 9,
    });
    expect(typed).toMatchObject({
      target: { name: 'ctp7' },
      part: { device: 'xcvu13p' },
      clockPeriod: 2.5,
      latency: 3,
      topName: 'net_axol1tl',
      effort: 'high',
      seed: 9,
      registers: 'in',
    });
    expect(typed.origins).toMatchObject({
      target: 'command line',
      part: 'command line',
      latency: 'command line',
      topName: 'command line',
      effort: 'command line',
    });
  });

  it.each([
    ['nothing is declared', '', {}, [1, 3]],
    ['the target fixes the latency', 'target: { name: ugt-run3 }', {}, [1, 1]],
    ['a latency is declared', 'target: { latency: 4 }', {}, [1, 1]],
    ['a latency is typed', '', { latency: 4 }, [1, 1]],
    ['the slack is declared', 'depth_slack: 1', {}, [1, 1]],
    ['the slack is typed', 'depth_slack: 1', { depthSlack: 4 }, [4, 4]],
  ] as const)('levels of matrices where %s', (_, text, commandLine, levels) => {
    const { depthSlack, mostDepthSlack } = settingsOf(text, commandLine);
    expect([depthSlack, mostDepthSlack]).toEqual(levels);
  });

  it('reports every wrong option at once', () => {
    const result = resolveSettings(
      emptyConfig,
      { target: 'x', part: 'y', clock: 'z', latency: 'a', name: '1', effort: 'c', seed: 'b' },
      'top',
    );
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map((diagnostic) => diagnostic.location?.configPath)).toEqual([
      '--target',
      '--part',
      '--clock',
      '--latency',
      '--name',
      '--effort',
      '--seed',
    ]);
  });
});

describe('goals', () => {
  it('are kept as text, with their places', () => {
    const { goals } = configOf('goals:\n  - efficiency_loss(1e-3) < 1%\n  - { check: lut < 9000, comment: agreed }\n');
    expect(goals).toEqual([
      { expression: 'efficiency_loss(1e-3) < 1%', file: 'trigc.yaml', line: 2, column: 5 },
      { expression: 'lut < 9000', comment: 'agreed', file: 'trigc.yaml', line: 3, column: 14 },
    ]);
  });

  it('are a list', () => {
    expect(parseConfig('goals: auc_loss < 0.1', 'a.yaml').diagnostics).toMatchObject([{ code: 'TRG3007' }]);
  });
});

describe('budgets', () => {
  it('are expressions with their place, alone or with a name and a comment', () => {
    const config = unwrap(
      parseConfig(
        'budgets:\n  - latency <= 2 BX\n  - { name: area, check: lut <= 5% of part, comment: agreed }\n',
        'a.yaml',
      ),
    );
    expect(config.budgets).toEqual([
      { expression: 'latency <= 2 BX', file: 'a.yaml', line: 2, column: 5 },
      { expression: 'lut <= 5% of part', name: 'area', comment: 'agreed', file: 'a.yaml', line: 3, column: 26 },
    ]);
  });

  it.each([
    ['budgets: lut <= 5', /takes a list/u],
    ['budgets: [[lut]]', /takes a single value/u],
    ['budgets: [{ name: a, check: b }, { name: a, check: c }]', /two budgets are called 'a'/u],
    ['budgets: [{ limit: a }]', /'limit' is not a key here/u],
  ])('%s is refused', (text, sentence) => {
    const result = parseConfig(text, 'a.yaml');
    expect(result.ok).toBe(false);
    expect(result.diagnostics.map(({ message }) => message).join('\n')).toMatch(sentence);
  });
});

describe('the schema for editors', () => {
  it('is the one in docs: run the tests with -u after changing keys', async () => {
    const text = await format(JSON.stringify(configSchema()), { parser: 'json', printWidth: 120, singleQuote: true });
    await expect(text).toMatchFileSnapshot('../../../docs/trigc.schema.json');
  });

  it('of budget.yaml is the one in docs', async () => {
    const text = await format(JSON.stringify(budgetFileSchema()), {
      parser: 'json',
      printWidth: 120,
      singleQuote: true,
    });
    await expect(text).toMatchFileSnapshot('../../../docs/budget.schema.json');
  });

  it('holds every key and no other, both ways', () => {
    const schema = JSON.parse(readFileSync('docs/trigc.schema.json', 'utf8')) as {
      properties: object;
      $defs: Record<string, { properties?: object; additionalProperties?: { properties?: object } }>;
    };
    expect(Object.keys(schema.properties)).toEqual(Object.keys(rootKeys));
    expect(Object.keys(schema.$defs['target']?.properties ?? {})).toEqual(Object.keys(targetKeys));
    expect(Object.keys(schema.$defs['interface']?.properties ?? {})).toEqual(Object.keys(interfaceKeys));
    expect(Object.keys(schema.$defs['emulator']?.properties ?? {})).toEqual(Object.keys(emulatorKeys));
    expect(Object.keys(schema.$defs['weights']?.properties ?? {})).toEqual(Object.keys(weightKeys));
    expect(Object.keys(schema.$defs['inputs']?.additionalProperties?.properties ?? {})).toEqual(Object.keys(inputKeys));
    expect(Object.keys(schema.$defs['resources']?.properties ?? {})).toEqual(Object.keys(resourceKeys));
    expect(Object.keys(schema.$defs['table']?.properties ?? {})).toEqual(Object.keys(tableKeys));
    expect(Object.keys(schema.$defs['layers']?.additionalProperties?.properties ?? {})).toEqual(Object.keys(layerKeys));
    expect(Object.keys(schema.$defs['outputs']?.additionalProperties?.properties ?? {})).toEqual(
      Object.keys(outputKeys),
    );
  });

  it('its patterns accept what the parser accepts', () => {
    const defaults = configSchema()['properties'] as Record<string, { pattern?: string }>;
    const pattern = new RegExp(defaults['default']?.pattern ?? '', 'u');
    for (const text of [
      'ap_fixed<16,6>',
      'ap_ufixed< 8 , -2 , AP_RND , AP_SAT >',
      'ap_int<3>',
      'ap_uint<3>',
      'fixed<8,4>',
      ' ap_fixed<1,1>',
    ]) {
      expect(() => parseQuantizer(text)).not.toThrow();
      expect(text).toMatch(pattern);
    }
    for (const text of ['float', 'ap_fixed<16>', 'ap_int<3,3>', 'ap_fixed<a,b>', 'ap_fixed<8,4']) {
      expect(() => parseQuantizer(text)).toThrow();
      expect(text).not.toMatch(pattern);
    }
  });
});

describe('how products are built in C++', () => {
  it('is read apart from the types of a layer, which decide what is folded', () => {
    const result = parseConfig(
      'hls: { form: looped, interface: stream, reuse_factor: 2 }\n' +
        "layers: { a: { strategy: resource, reuse_factor: 4 }, b: { strategy: latency, weight: 'ap_fixed<4,2>' } }\n",
      'trigc.yaml',
    );
    const { hls, builds, layers } = unwrap(result);
    expect(hls).toEqual({ form: 'looped', interface: 'stream', reuse: 2 });
    expect([...builds]).toEqual([
      ['a', { strategy: 'resource', reuse: 4 }],
      ['b', { strategy: 'latency' }],
    ]);
    expect([...layers.keys()]).toEqual(['b']);
  });
});

describe('how a layer reuses hardware', () => {
  const text = 'layers: { a: { form: serial, reuse_factor: 4 }, b: { form: shared }, c: { reuse_factor: 2 } }\n';

  it('is read apart from its types, and of C++ the factor alone', () => {
    const { reuse, builds, layers } = unwrap(parseConfig(text, 'trigc.yaml'));
    expect([...reuse]).toEqual([
      ['a', { form: 'serial', factor: 4 }],
      ['b', { form: 'shared' }],
      ['c', { factor: 2 }],
    ]);
    expect([...builds.keys()]).toEqual(['a', 'c']);
    expect([...layers.keys()]).toEqual([]);
  });

  it('refuses a form that is none, and any but parallel where an event comes each clock', () => {
    const wrong = parseConfig('layers: { a: { form: digits } }\n', 'trigc.yaml');
    expect(wrong.diagnostics.map(formatDiagnostic).join()).toMatch(/TRG3022.*layers\.a\.form.*'digits'/u);
    const config = unwrap(parseConfig(text, 'trigc.yaml'));
    const refused = resolveSettings(config, {}, 'model').diagnostics.map(formatDiagnostic);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatch(/TRG3015 \[layers\.a\.form\]: the form serial of 'a' .* an event comes each clock/u);
    expect(resolveSettings(config, { ii: 9 }, 'model').ok).toBe(true);
  });
});

describe('what a design may use', () => {
  const limitsOf = (text: string, commandLine: CommandLine = {}) =>
    resolveSettings(unwrap(parseConfig(text, 'trigc.yaml')), commandLine, 'model');

  it('is a number or a share of the part, and otherwise all that the part has', () => {
    expect(unwrap(limitsOf('target: { part: xcvu9p, resources: { lut: 5% } }\n')).limits).toEqual([
      { resource: 'lut', most: 59_112, configPath: 'target.resources.lut' },
      { resource: 'flip_flops', most: 2_364_480 },
      { resource: 'dsp', most: 6_840 },
    ]);
    expect(unwrap(limitsOf('{}\n')).limits).toEqual([]);
    expect(unwrap(limitsOf('target: { resources: { flip_flops: 0 } }\n')).limits).toEqual([
      { resource: 'flip_flops', most: 0, configPath: 'target.resources.flip_flops' },
    ]);
  });

  it('allows multiplier blocks for matrices, on the command line before the file', () => {
    const text = 'target: { part: xcvu9p, ii: 9, resources: { dsp: 5% } }\n';
    expect(unwrap(limitsOf(text))).toMatchObject({ blocks: 342, dsp: true });
    expect(unwrap(limitsOf(text, { dsp: '17' }))).toMatchObject({ blocks: 17, dsp: true });
    expect(unwrap(limitsOf(text, { dsp: '0' }))).toMatchObject({ blocks: 0, dsp: false });
    const silent = unwrap(limitsOf('target: { part: xcvu9p, ii: 9 }\n'));
    expect(silent.blocks).toBeUndefined();
    expect(silent.dsp).toBe(true);
    const refused = limitsOf(text, { dsp: '7000' }).diagnostics.map(formatDiagnostic);
    expect(refused.join()).toMatch(
      /TRG3015 \[--dsp\]: 7000 multiplier blocks are allowed.*has 6840[^]*give 6840 or fewer/u,
    );
  });

  it('is no share where no part is named', () => {
    const text = 'target: { resources: { lut: 2.5% } }\n';
    const refused = limitsOf(text).diagnostics.map(formatDiagnostic);
    expect(refused.join()).toMatch(/TRG3015 \[target\.resources\.lut\]: a share of the part .*generic/u);
    expect(limitsOf(text, { part: 'xcvu13p' }).ok).toBe(true);
  });
});

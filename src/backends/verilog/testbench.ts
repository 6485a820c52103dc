import { toPattern } from '../../support/bits.js';
import { invariant } from '../../support/invariant.js';
import type { Interval } from '../../numeric/interval.js';
import { contains } from '../../numeric/interval.js';
import type { PortElement, RtlPortMap } from '../../lowering/rtl/port-layout.js';
import { RESET, VALID_IN, VALID_OUT } from '../../lowering/rtl/port-names.js';
import type { RtlExpression } from '../../rtl/expression.js';
import { compare, literal } from '../../rtl/expression.js';
import type { TemplateView } from '../render-template.js';
import { printExpression } from './print-expression.js';

export const TESTBENCH_TEMPLATE = 'verilog-testbench.v.hbs';
/** Where the testbench looks for its vectors, from the folder that holds `rtl/` and `tb/`. */
export const STIMULUS_FILE = 'tb/stimulus.hex';
export const EXPECTED_FILE = 'tb/expected.hex';
const DEFAULT_CAPACITY = 65536;

/** A range that an input element was declared to keep, narrower than its type. */
export interface InputPromise {
  /** Verilog port, and the element's lowest bit on it. */
  readonly port: string;
  readonly low: number;
  /** Clock of the event in which the element stands there; 0 where absent. */
  readonly clock?: number;
  /** Bits of the element that the promise is about, from this one upwards: a field of a packed word; 0 where not given. */
  readonly bit?: number;
  readonly width: number;
  readonly signed: boolean;
  /** Codes. */
  readonly range: Interval;
}

export interface TestbenchOptions {
  /** Lines of `//` comments. */
  readonly header: string;
  readonly top: string;
  /** Name of the testbench module, and its path below the output folder. */
  readonly name: string;
  readonly file: string;
  readonly latency: number;
  /** Clocks from one vector to the next. */
  readonly interval: number;
  /** The top module's clock, where it has one. */
  readonly clock?: string;
  readonly valid: boolean;
  readonly inputs: readonly RtlPortMap[];
  readonly outputs: readonly RtlPortMap[];
  readonly promises: readonly InputPromise[];
}

/** What the testbench template prints. */
export function testbenchView(options: TestbenchOptions): TemplateView {
  const inputs = layOutPorts(options.inputs);
  const outputs = layOutPorts(options.outputs);
  const { clock, valid, latency } = options;
  const parts = inputs.clocks > 1;
  const lines = (indent: number, list: readonly string[]): string =>
    list.map((line) => `${' '.repeat(indent)}${line}`).join('\n');
  const connections = [
    ...(clock === undefined ? [] : [`.${clock}(clk)`]),
    ...(valid ? [`.${RESET}(rst)`, `.${VALID_IN}(valid_in)`, `.${VALID_OUT}(valid_out)`] : []),
    ...inputs.ports.map((port) => `.${port.name}(${portExpression(port, parts)})`),
    ...outputs.ports.map(({ name, low, width }) => `.${name}(result[${low + width - 1}:${low}])`),
  ];
  const edge = ["clk = 1'b1;", '#5;', "clk = 1'b0;"];
  const nothing = "vector = {INPUT_BITS{1'bx}};";
  return {
    header: options.header,
    top: options.top,
    name: options.name,
    file: options.file,
    latency: String(latency),
    interval: String(options.interval),
    pace: paceOf(options.interval),
    capacity: String(DEFAULT_CAPACITY),
    inputBits: String(inputs.width),
    outputBits: String(outputs.width),
    gaps: valid ? '1' : '0',
    // Digits, and up to two characters that end the line.
    lineCharacters: String(hexDigits(Math.max(inputs.width, outputs.width)) + 2),
    stimulusFile: STIMULUS_FILE,
    expectedFile: EXPECTED_FILE,
    signals: lines(4, [
      ...(clock === undefined ? [] : ['reg clk;']),
      ...(valid ? ['reg rst;', 'reg valid_in;', 'wire valid_out;'] : []),
      ...(parts
        ? [
            '// The clock of its interval that a vector is in, which tells the part that stands on a port.',
            'integer part;',
          ]
        : []),
    ]),
    connections: connections.map((connection) => `        ${connection}`).join(',\n'),
    promises: lines(12, promiseChecks(options.promises, inputs)),
    elements: lines(20, elementChecks(outputs)),
    outputNames: lines(16, elementNames(outputs)),
    inputNames: lines(16, elementNames(inputs)),
    reset: lines(12, [
      ...(clock === undefined ? [] : ["clk = 1'b0;"]),
      // Valid is high during the reset, so that a bit that is not cleared is seen.
      ...(valid
        ? [
            ...(parts ? ['part = 0;'] : []),
            nothing,
            "rst = 1'b1;",
            "valid_in = 1'b1;",
            '#5;',
            ...edge,
            '#5;',
            "rst = 1'b0;",
          ]
        : []),
    ]),
    clearVector: lines(
      16,
      parts ? ['part = cycle % INTERVAL;', `if (part == 0 || part >= ${inputs.clocks}) ${nothing}`] : [nothing],
    ),
    feed: lines(16, valid ? ['valid_in = fed >= 0;'] : []),
    validCheck: lines(16, valid ? ['if (valid_out !== (due >= 0)) wrong_valid = wrong_valid + 1;'] : []),
    clockEdge: lines(16, clock === undefined ? ['#5;'] : edge),
  };
}

/** How often vectors come, in words. */
export function paceOf(interval: number): string {
  return interval === 1 ? 'in every clock' : `every ${interval} clocks`;
}

/**
 * The lines of a vector file. A row holds the codes of all elements, flattened in port order; each line is the elements
 * side by side in their own widths, the first port's element 0 in the least significant bits.
 */
export function formatVectors(rows: Iterable<readonly bigint[]>, ports: readonly RtlPortMap[]): string {
  const { elements, width } = layOutPorts(ports);
  const digits = hexDigits(width);
  const lines: string[] = [];
  for (const row of rows) {
    invariant(row.length === elements.length, `a vector of ${row.length} codes for ${elements.length} elements`);
    // Binary text joins in linear time; shifting one big number per element would be quadratic.
    const bits = elements.map(({ type }, index) =>
      toPattern(row[index] ?? 0n, type.width)
        .toString(2)
        .padStart(type.width, '0'),
    );
    const binary = bits.reverse().join('');
    lines.push(`${BigInt(`0b0${binary}`).toString(16).padStart(digits, '0')}\n`);
  }
  return lines.join('');
}

/** A port, and where its bits are among those of all. */
export interface LaidOutPort {
  readonly name: string;
  /** Of the part that comes first. */
  readonly low: number;
  readonly width: number;
  /** Parts that come one after another, and the bits from one to the next. */
  readonly clocks: number;
  readonly stride: number;
}

/** The bits of all ports side by side. */
export interface PortLayout {
  readonly ports: readonly LaidOutPort[];
  /** With the element's number in its own tensor and its lowest bit among all. */
  readonly elements: readonly (PortElement & { readonly index: number; readonly offset: number })[];
  readonly width: number;
  /** Clocks in which a vector stands on the ports. */
  readonly clocks: number;
}

export function layOutPorts(maps: readonly RtlPortMap[]): PortLayout {
  const ports: LaidOutPort[] = [];
  const elements: (PortElement & { index: number; offset: number })[] = [];
  let [width, mostClocks] = [0, 1];
  for (const map of maps) {
    const own: { name: string; low: number; width: number }[] = [];
    const begin = width;
    const clocks = map.elements.reduce((most, { clock = 0 }) => Math.max(most, clock + 1), 1);
    map.elements.forEach((element, index) => {
      const { port: name, type, clock = 0 } = element;
      const last = own.at(-1);
      // Parts that come later come on the same wires.
      if (clock === 0 && last?.name === name) last.width += type.width;
      else if (clock === 0) own.push({ name, low: width, width: type.width });
      elements.push({ ...element, index, offset: width });
      width += type.width;
    });
    const stride = (width - begin) / clocks;
    ports.push(...own.map((port) => ({ ...port, clocks, stride })));
    mostClocks = Math.max(mostClocks, clocks);
  }
  invariant(width > 0, 'a design has ports');
  return { ports, elements, width, clocks: mostClocks };
}

/** What stands on an input port: its bits of the vector, where some port has `parts` those of the clock, and else nothing. */
function portExpression({ low, width, clocks, stride }: LaidOutPort, parts: boolean): string {
  const fixed = `vector[${low + width - 1}:${low}]`;
  if (!parts) return fixed;
  const moving = clocks === 1 ? fixed : `vector[${low} + part * ${stride} +: ${width}]`;
  return `part < ${clocks} ? ${moving} : {${width}{1'bx}}`;
}

function hexDigits(width: number): number {
  return Math.ceil(width / 4);
}

function elementChecks({ elements }: PortLayout): readonly string[] {
  return elements.map(({ offset, type }, flat) => {
    const range = `${offset + type.width - 1}:${offset}`;
    return `if (first_element < 0 && (|difference[${range}]) !== 1'b0) first_element = ${flat};`;
  });
}

function elementNames({ elements }: PortLayout): readonly string[] {
  return elements.map(({ port, index }, flat) => `${flat}: $write("port ${port}, element ${index}");`);
}

function promiseChecks(promises: readonly InputPromise[], { elements }: PortLayout): readonly string[] {
  const flatIndex = new Map(elements.map(({ port, low, clock = 0 }, flat) => [`${port}:${low}:${clock}`, flat]));
  const checks = promises.flatMap(({ port, low, clock = 0, bit = 0, width, signed, range }) => {
    const flat = flatIndex.get(`${port}:${low}:${clock}`);
    const element = flat === undefined ? undefined : elements[flat];
    const inside = element !== undefined && bit + width <= element.type.width;
    invariant(flat !== undefined && inside, `no input element at bit ${low} of ${port}`);
    const offset = element.offset + bit;
    const value: RtlExpression = { kind: 'bits', name: 'vector', high: offset + width - 1, low: offset, width, signed };
    const full = signed
      ? { low: -(1n << BigInt(width - 1)), high: (1n << BigInt(width - 1)) - 1n }
      : { low: 0n, high: (1n << BigInt(width)) - 1n };
    if (contains(range, full)) return [];
    const bounds = [
      ...(range.low > full.low ? [printExpression(compare('<', value, literal(range.low)))] : []),
      ...(range.high < full.high ? [printExpression(compare('<', literal(range.high), value))] : []),
    ];
    return [
      `if (${bounds.join(' || ')}) begin`,
      '    broken = broken + 1;',
      `    if (broken == 1) broken_element = ${flat};`,
      '    if (broken == 1) broken_vector = fed;',
      'end',
    ];
  });
  // A task must hold a statement.
  return checks.length === 0 ? ['broken = 0;'] : checks;
}

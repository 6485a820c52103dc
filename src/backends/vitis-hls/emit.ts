import type { EmitContext } from '../render-template.js';
import { renderTemplate } from '../render-template.js';
import type { PortArray } from './looped/tensors.js';
import type { CppPort } from './testbench.js';
import { testbenchFile } from './testbench.js';

/** Headers of the library in `hls/trigc`, which every folder gets a copy of. */
export const HLS_HEADERS = ['arithmetic.h', 'dense.h', 'stream.h', 'testbench.h'] as const;
/** Below the output folder. */
export const HLS_FOLDER = 'hls';
const EVENTS_FILE = 'events.txt';
const EXPECTED_FILE = 'expected.txt';

/** A port of either form: its array, and what the codes of its elements mean. */
export type HlsPort = Pick<PortArray, 'name' | 'array' | 'types'>;

/** C++ of either form: files by name, and its ports. */
export interface HlsForm {
  readonly files: ReadonlyMap<string, string>;
  readonly inputs: readonly HlsPort[];
  readonly outputs: readonly HlsPort[];
}

export interface HlsFolderOptions {
  readonly top: string;
  /** One line each: what the files say of themselves. */
  readonly header: readonly string[];
  readonly stream: boolean;
  /** ns */
  readonly clockPeriod: number;
  /** Vivado's part string; absent where the target is no device in particular. */
  readonly part?: string;
  /** Codes of all port elements, by event. */
  readonly vectors: readonly { readonly inputs: readonly bigint[]; readonly outputs: readonly bigint[] }[];
}

/** What emitting reads of the package, beside templates. */
export interface HlsContext extends EmitContext {
  /** Text of a header of `hls/trigc`. */
  readonly header: (name: string) => string;
}

/** The whole folder of C++: the form, the header library, a testbench with its vectors, and scripts that run both. */
export function hlsFolder(
  form: HlsForm,
  options: HlsFolderOptions,
  context: HlsContext,
): readonly { readonly path: string; readonly text: string }[] {
  const { top, header, stream, vectors, part, clockPeriod } = options;
  const ports = (list: readonly HlsPort[]): readonly CppPort[] => cppPorts(top, list, stream);
  const cpp = header.map((line) => `// ${line}`).join('\n');
  const hash = header.map((line) => `# ${line}`).join('\n');
  const view = { top, header: hash, events: EVENTS_FILE, expected: EXPECTED_FILE };
  // The tool counts in picoseconds: rounding down keeps the constraint on the safe side.
  const period = (Math.floor(clockPeriod * 1000 + 1e-6) / 1000).toFixed(3);
  const script = (name: string, partLine: string): string =>
    renderTemplate(context.template(name), { ...view, period, part: partLine });
  const lines = (rows: readonly (readonly bigint[])[]): string => rows.map((row) => `${row.join(' ')}\n`).join('');
  const noPart = '# The target names no part: set one here.';
  const files: (readonly [string, string])[] = [
    ...form.files,
    [`${top}_test.cpp`, testbenchFile({ top, header: cpp, inputs: ports(form.inputs), outputs: ports(form.outputs) })],
    [EVENTS_FILE, lines(vectors.map(({ inputs }) => inputs))],
    [EXPECTED_FILE, lines(vectors.map(({ outputs }) => outputs))],
    ['Makefile', renderTemplate(context.template('hls-makefile.hbs'), view)],
    ['vitis_hls.tcl', script('hls-project.tcl.hbs', part === undefined ? noPart : `set_part {${part}}`)],
    ['hls_config.cfg', script('hls-config.cfg.hbs', part === undefined ? noPart : `part=${part}`)],
    ...HLS_HEADERS.map((name) => [`trigc/${name}`, context.header(name)] as const),
  ];
  return files.map(([name, text]) => ({ path: `${HLS_FOLDER}/${name}`, text }));
}

/** Ports as the testbench fills and reads them. */
export function cppPorts(top: string, ports: readonly HlsPort[], stream: boolean): readonly CppPort[] {
  return ports.map(({ array, types }) => ({
    name: array.name,
    elementType: `${top}_types::${array.typeName}`,
    arrayType: array.type,
    types,
    size: array.size,
    ...(stream ? { row: array.row } : {}),
  }));
}

import type { Design } from '../../design/design.js';
import type { Instance, Program } from '../../dataflow/program.js';
import { inputTypes } from '../../dataflow/program.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, printType } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';
import { commentText } from '../../support/legal-names.js';
import type { EmitContext } from '../render-template.js';
import { renderTemplate } from '../render-template.js';
import type { EmittedFile, HardwareOptions } from '../verilog/emit.js';
import { fileHeader } from '../verilog/emit.js';
import type { TypedPort } from './ap-types.js';
import { apTypesText, inputMeaning, resultMeaning, whyNoVendorType } from './ap-types.js';
import type { KernelText } from './kernel-text.js';
import { KERNEL_PARAMETERS, kernelText } from './kernel-text.js';
import { workingRange } from './node-text.js';
import type { Representation } from './representation.js';
import { limbsOf, scalarLiteral } from './representation.js';
import type { Counts, Place, Storage } from './storage.js';
import { largest, placeOf, planStorage, usedKernels } from './storage.js';
import { packageReadme } from './readme.js';
import { codeWords, wordsOf } from './words.js';

export interface PackageOptions {
  readonly provenance: HardwareOptions['provenance'];
  /** Events with the codes that they must give, flattened in port order, for `make check`. */
  readonly vectors: readonly { readonly inputs: readonly bigint[]; readonly outputs: readonly bigint[] }[];
}

/** Folder of the package in a compiled folder. */
export const PACKAGE_FOLDER = 'emulator';

/** Nodes of one translation unit: small enough to be compiled side by side, large enough not to be lost among files. */
const NODES_PER_UNIT = 6000;
/** Memory of a block of events that stays in a second-level cache. */
const BLOCK_BYTES = 1 << 18;
/** Events of the largest and the smallest block: whole vectors for every processor. */
const LARGEST_BLOCK = 64;
const SMALLEST_BLOCK = 16;

/**
 * The emulator package: C++17 that computes what the RTL does, printed from the same program. Its interface is that of
 * the emulators that hls4ml's users load in CMSSW; the layout of the folder is told by the README in it.
 */
export function emitEmulatorPackage(
  design: Pick<Design, 'name' | 'program'>,
  options: PackageOptions,
  context: EmitContext,
): readonly EmittedFile[] {
  const { program, name } = design;
  const namespace = `${name}_emulator`;
  const header = fileHeader('//', options.provenance);
  const scripted = fileHeader('#', options.provenance);
  const limbs = limbCount(program);
  const storage = planStorage(program);
  const { units, texts, scratch } = kernelUnits(program, storage, limbs);
  const slots = storage.size.map((count, index) => Math.max(1, count + at(scratch, index)));
  const [slots32, slots64, slotsWide] = [at(slots, 0), at(slots, 1), at(slots, 2)];
  const bytes = 4 * slots32 + 8 * slots64 + 8 * limbs * slotsWide;
  const inputs = elementTable(inputTypes(program), storage.inputs);
  const outputs = elementTable(
    program.outputs.flatMap(({ types }) => types),
    program.outputs.flatMap(({ elements }) => elements.map((element) => placeOf(program, storage, element))),
  );
  const reason = [...program.inputs, ...program.outputs].map(whyNoVendorType).find((found) => found !== undefined);
  const vendor = reason === undefined;
  const view = { header, namespace };
  const render = (path: string, template: string, own: Readonly<Record<string, string>>): EmittedFile => ({
    path: `${PACKAGE_FOLDER}/${path}`,
    text: renderTemplate(context.template(`emulator-${template}.hbs`), own),
  });
  return [
    render('model.h', 'model.h', {
      ...view,
      title: commentText(program.name),
      inputs: portComment(program.inputs),
      outputs: portComment(program.outputs),
      inputWords: String(inputs.words),
      outputWords: String(outputs.words),
    }),
    render('model.cc', 'model.cc', {
      ...view,
      inputElements: inputs.text,
      outputElements: outputs.text,
      calls: program.instances.map((instance, index) => callText(program, storage, texts, instance, index)).join('\n'),
    }),
    ...units.map(({ body }, index) => render(`kernels_${index}.cc`, 'kernels.cc', { ...view, body })),
    render('memory.h', 'memory.h', {
      ...view,
      block: String(blockOf(bytes)),
      slotsI32: String(slots32),
      slotsI64: String(slots64),
      slotsWide: String(slotsWide),
      declarations: units.flatMap(({ declarations }) => declarations).join('\n'),
    }),
    render('lanes.h', 'lanes.h', { ...view, limbs: String(limbs) }),
    render('hls4ml_emulator.h', 'interface.h', { header }),
    render('interface.cc', 'interface.cc', {
      ...view,
      inputMeaning: JSON.stringify(inputMeaning(program.inputs, vendor)),
      resultMeaning: JSON.stringify(resultMeaning(program.outputs, vendor)),
    }),
    ...(vendor
      ? [render('ap_types.h', 'ap-types.h', { ...view, body: apTypesText(program.inputs, program.outputs) })]
      : []),
    render('emulate.cc', 'driver.cc', view),
    render('exports.map', 'exports.map', {}),
    render('Makefile', 'makefile', {
      header: scripted,
      library: name,
      kernelObjects: units.map((_, index) => ` kernels_${index}.o`).join(''),
      apHeader: vendor ? ' ap_types.h' : '',
    }),
    {
      path: `${PACKAGE_FOLDER}/README.md`,
      text: packageReadme({ name, namespace, inputs: program.inputs, outputs: program.outputs, reason }),
    },
    ...vectorFiles(program, options.vectors),
  ];
}

/** Limbs of the widest value, at least two: fewer are no `Wide`. */
function limbCount(program: Program): number {
  let limbs = 2;
  for (const type of [...inputTypes(program), ...program.outputs.flatMap(({ types }) => types)]) {
    limbs = Math.max(limbs, limbsOf(codeRange(type)));
  }
  for (const { nodes } of usedKernels(program)) {
    for (const node of nodes) limbs = Math.max(limbs, limbsOf(workingRange(node)));
  }
  return limbs;
}

interface Unit {
  readonly declarations: readonly string[];
  readonly body: string;
}

/** The functions of all kernels, spread over translation units, with the tables that each unit reads. */
function kernelUnits(
  program: Program,
  storage: Storage,
  limbs: number,
): { readonly units: readonly Unit[]; readonly texts: ReadonlyMap<number, KernelText>; readonly scratch: Counts } {
  const units: { declarations: string[]; tables: string[]; functions: string[]; nodes: number }[] = [];
  const texts = new Map<number, KernelText>();
  let scratch: Counts = [0, 0, 0];
  let tables = new Map<readonly bigint[], string>();
  const usedIn = new Set(program.instances.map(({ kernel }) => kernel));
  program.kernels.forEach((kernel, index) => {
    if (!usedIn.has(index)) return;
    let unit = units.at(-1);
    if (unit === undefined || unit.nodes >= NODES_PER_UNIT) {
      unit = { declarations: [], tables: [], functions: [], nodes: 0 };
      units.push(unit);
      tables = new Map();
    }
    const { tables: tableTexts } = unit;
    const table = (values: readonly bigint[], representation: Representation): string => {
      const known = tables.get(values);
      if (known !== undefined) return known;
      const name = `kTable${tables.size}`;
      tables.set(values, name);
      tableTexts.push(tableText(name, values, representation, limbs));
      return name;
    };
    const text = kernelText(kernel, {
      name: `kernel_${index}`,
      storage: at(storage.kernels, index),
      scratch: storage.size,
      limbs,
      table,
    });
    texts.set(index, text);
    scratch = largest(scratch, text.scratch);
    const origins = [...new Set(kernel.origins.map((origin) => origin.name).filter((name) => name !== ''))];
    if (origins.length > 0) unit.functions.push(`// ${commentText(origins.join(', '))}`);
    for (const { name, text: body, nodes } of text.functions) {
      unit.declarations.push(`void ${name}(${KERNEL_PARAMETERS});`);
      unit.functions.push(body, '');
      unit.nodes += nodes;
    }
  });
  return {
    units: units.map(({ declarations, tables: tableTexts, functions }) => ({
      declarations,
      body: [...tableTexts, ...(tableTexts.length === 0 ? [] : ['']), ...functions].join('\n').trimEnd(),
    })),
    texts,
    scratch,
  };
}

const scalarTypes = ['std::int32_t', 'std::int64_t', 'WideScalar'] as const;
const TABLE_ENTRIES_PER_LINE = 12;

function tableText(name: string, values: readonly bigint[], representation: Representation, limbs: number): string {
  const entries = values.map((value) => scalarLiteral(value, representation, limbs));
  return `static constexpr ${scalarTypes[representation]} ${name}[] = {\n${wrapped(entries, '    ')}};`;
}

/** Numbers separated by commas, in lines. */
function wrapped(entries: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (let start = 0; start < entries.length; start += TABLE_ENTRIES_PER_LINE) {
    lines.push(`${indent}${entries.slice(start, start + TABLE_ENTRIES_PER_LINE).join(', ')},\n`);
  }
  return lines.join('');
}

/** One call of the kernel's functions, or a loop over the positions. */
function callText(
  program: Program,
  storage: Storage,
  texts: ReadonlyMap<number, KernelText>,
  { kernel, positions, origin, name }: Instance,
  index: number,
): string {
  const { size, inputs } = at(storage.kernels, kernel);
  const operands = positions.map((references) =>
    references.map((reference) => String(placeOf(program, storage, reference).slot)),
  );
  const base = at(storage.bases, index);
  const row = (entries: readonly string[]): string =>
    `        {\n${wrapped(entries.length === 0 ? ['0'] : entries, '            ')}        },\n`;
  const calls = (texts.get(kernel)?.functions ?? []).map(
    (part) => `      ${part.name}(memory, operands[position], results, steps);`,
  );
  return [
    `  {  // ${commentText(`${origin.operator} ${origin.name}`.trim() || name)}`,
    `    static constexpr std::uint32_t operands[][${Math.max(1, inputs.length)}] = {`,
    `${operands.map(row).join('')}    };`,
    `    for (std::uint32_t position = 0; position < ${positions.length}; position++) {`,
    `      const std::uint32_t results[] = {${base.map((first, at_) => `${first} + ${size[at_] ?? 0} * position`).join(', ')}};`,
    ...calls,
    '    }',
    '  }',
  ].join('\n');
}

const representationNames = ['kI32', 'kI64', 'kWide'] as const;

/** Rows of the tables of port elements, and the words of an event. */
function elementTable(
  types: readonly FixedPointType[],
  places: readonly Place[],
): { readonly text: string; readonly words: number } {
  let words = 0;
  const rows = types.map((type, index) => {
    const { representation, slot } = at(places, index);
    const word = words;
    words += wordsOf(type);
    return `    {${representationNames[representation]}, ${slot}, ${word}, ${type.width}, ${String(type.signed)}},`;
  });
  return { text: rows.join('\n'), words };
}

function portComment(ports: readonly TypedPort[]): string {
  return ports
    .map(({ name, types }) => {
      const distinct = [...new Set(types.map(printType))];
      return `//   ${commentText(name)}: ${types.length} of ${distinct.length > 4 ? `${distinct.length} types` : distinct.join(', ')}`;
    })
    .join('\n');
}

/** Events of a block: as many as fit the cache, a power of two. */
function blockOf(bytesOfEvent: number): number {
  let block = LARGEST_BLOCK;
  while (block > SMALLEST_BLOCK && block * bytesOfEvent > BLOCK_BYTES) block /= 2;
  return block;
}

function vectorFiles(program: Program, vectors: PackageOptions['vectors']): readonly EmittedFile[] {
  const outputTypes = program.outputs.flatMap(({ types }) => types);
  const line = (codes: readonly bigint[], types: readonly FixedPointType[]): string =>
    `${types.flatMap((type, index) => codeWords(at(codes, index), type)).join()}\n`;
  const inputs = inputTypes(program);
  return [
    {
      path: `${PACKAGE_FOLDER}/vectors.in`,
      text: vectors.map((vector) => line(vector.inputs, inputs)).join(''),
    },
    {
      path: `${PACKAGE_FOLDER}/vectors.out`,
      text: vectors.map((vector) => line(vector.outputs, outputTypes)).join(''),
    },
  ];
}

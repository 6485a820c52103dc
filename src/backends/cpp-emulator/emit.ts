import type { Design } from '../../design/design.js';
import type { Instance, Program, ProgramInput } from '../../dataflow/program.js';
import { inputTypes } from '../../dataflow/program.js';
import { codeRange, printType } from '../../numeric/fixed-point.js';
import { at } from '../../support/invariant.js';
import { commentText } from '../../support/legal-names.js';
import type { EmitContext } from '../render-template.js';
import { renderTemplate } from '../render-template.js';
import type { EmittedFile, HardwareOptions } from '../verilog/emit.js';
import { fileHeader } from '../verilog/emit.js';
import { acceptedModes, apTypesText, inputMeaning, resultMeaning, whyNoVendorType } from './ap-types.js';
import type { KernelText } from './kernel-text.js';
import { workingRange } from './node-text.js';
import { limbsOf } from './representation.js';
import type { Storage } from './storage.js';
import { placeOf, planStorage, usedKernels } from './storage.js';
import type { PassedPorts } from './passed-types.js';
import { packageReadme } from './readme.js';
import type { CheckVector } from './ports.js';
import { elementTable, inputTables, vectorTexts } from './ports.js';
import { kernelUnits, wrapped } from './units.js';

export interface PackageOptions {
  readonly provenance: HardwareOptions['provenance'];
  /** Events with the codes that they must give, flattened in port order, for `make check`. */
  readonly vectors: readonly CheckVector[];
  /** What is passed for the ports: `passedPorts`. */
  readonly passed: PassedPorts;
}

/** Folder of the package in a compiled folder. */
export const PACKAGE_FOLDER = 'emulator';

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
  const inputs = inputTables(inputTypes(program), storage.inputs);
  const outputs = elementTable(
    program.outputs.flatMap(({ types }) => types),
    program.outputs.flatMap(({ elements }) => elements.map((element) => placeOf(program, storage, element))),
  );
  const passed = [...options.passed.inputs, ...options.passed.outputs];
  const reason = passed.map(whyNoVendorType).find((found) => found !== undefined);
  const vendor = reason === undefined;
  const view = { header, namespace };
  const vectors = vectorTexts(program, options.vectors);
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
    render('model.cc', 'model.cc', view),
    render('engine.h', 'engine.h', view),
    render('block.cc', 'block.cc', {
      ...view,
      inputWords: String(inputs.words),
      outputWords: String(outputs.words),
      shortCount: String(inputs.short.length),
      shortInputs: inputs.short.join('\n'),
      longCount: String(inputs.long.length),
      longInputs: inputs.long.join('\n'),
      outputElements: outputs.rows.join('\n'),
      calls: program.instances
        .flatMap((instance, index) => callText(program, storage, texts, instance, index))
        .join('\n'),
    }),
    ...units.map(({ body }, index) => render(`kernels_${index}.cc`, 'kernels.cc', { ...view, body })),
    render('memory.h', 'memory.h', {
      ...view,
      block: String(blockOf(bytes)),
      inputWords: String(inputs.words),
      slotsI32: String(slots32),
      slotsI64: String(slots64),
      slotsWide: String(slotsWide),
      declarations: units.flatMap(({ declarations }) => declarations).join('\n'),
    }),
    render('lanes.h', 'lanes.h', { ...view, limbs: String(limbs) }),
    render('hls4ml_emulator.h', 'interface.h', { header }),
    render('interface.cc', 'interface.cc', {
      ...view,
      inputMeaning: JSON.stringify(inputMeaning(options.passed.inputs, vendor)),
      resultMeaning: JSON.stringify(resultMeaning(options.passed.outputs, vendor)),
    }),
    ...(vendor
      ? [
          render('ap_types.h', 'ap-types.h', {
            ...view,
            modes: acceptedModes(passed),
            body: apTypesText(options.passed.inputs, options.passed.outputs),
          }),
        ]
      : []),
    render('emulate.cc', 'driver.cc', view),
    render('exports.map', 'exports.map', {}),
    render('Makefile', 'makefile', {
      header: scripted,
      library: name,
      kernels: units.map((_, index) => ` kernels_${index}`).join(''),
      apHeader: vendor ? ' ap_types.h' : '',
    }),
    {
      path: `${PACKAGE_FOLDER}/README.md`,
      text: packageReadme({ name, namespace, ...options.passed, reason }),
    },
    { path: `${PACKAGE_FOLDER}/vectors.in`, text: vectors.inputs },
    { path: `${PACKAGE_FOLDER}/vectors.out`, text: vectors.outputs },
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

/** One call of the kernel's functions, or a loop over the positions. */
function callText(
  program: Program,
  storage: Storage,
  texts: ReadonlyMap<number, KernelText>,
  { kernel, positions, origin, name }: Instance,
  index: number,
): readonly string[] {
  const functions = texts.get(kernel)?.functions ?? [];
  if (functions.length === 0) return [];
  const { size, inputs } = at(storage.kernels, kernel);
  const operands = positions.map((references) =>
    references.map((reference) => String(placeOf(program, storage, reference).slot)),
  );
  const base = at(storage.bases, index);
  const row = (entries: readonly string[]): string =>
    `        {\n${wrapped(entries.length === 0 ? ['0'] : entries, '            ')}        },\n`;
  const calls = functions.map((part) => `      ${part.name}(memory, operands[position], results, steps);`);
  return [
    `  {  // ${commentText(`${origin.operator} ${origin.name}`.trim() || name)}`,
    `    static constexpr std::uint32_t operands[][${Math.max(1, inputs.length)}] = {`,
    `${operands.map(row).join('')}    };`,
    `    for (std::uint32_t position = 0; position < ${positions.length}; position++) {`,
    `      const std::uint32_t results[] = {${base.map((first, at_) => `${first} + ${size[at_] ?? 0} * position`).join(', ')}};`,
    ...calls,
    '    }',
    '  }',
  ];
}

function portComment(ports: readonly ProgramInput[]): string {
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

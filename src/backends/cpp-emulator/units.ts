import type { Program } from '../../dataflow/program.js';
import { at } from '../../support/invariant.js';
import { commentText } from '../../support/legal-names.js';
import type { KernelText } from './kernel-text.js';
import { KERNEL_PARAMETERS, kernelText } from './kernel-text.js';
import type { Representation } from './representation.js';
import { I32, scalarLiteral } from './representation.js';
import type { Counts, Storage } from './storage.js';
import { largest } from './storage.js';

/** Nodes of one translation unit: small enough to be compiled side by side, large enough not to be lost among files. */
const NODES_PER_UNIT = 6000;
interface Unit {
  readonly declarations: readonly string[];
  readonly body: string;
}

/** The functions of all kernels, spread over translation units, with the tables that each unit reads. */
export function kernelUnits(
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
/** Entries of the C++ type `ShortTable`. */
const SHORT_TABLE = 8;

function tableText(name: string, values: readonly bigint[], representation: Representation, limbs: number): string {
  const short = representation === I32 && values.length <= SHORT_TABLE;
  // A short one is filled up: a vector register is read at once.
  const padding = short ? new Array<bigint>(SHORT_TABLE - values.length).fill(0n) : [];
  const entries = [...values, ...padding].map((value) => scalarLiteral(value, representation, limbs));
  const type = short ? 'ShortTable' : scalarTypes[representation];
  const body = `{\n${wrapped(entries, '    ')}}`;
  return `static constexpr ${type} ${name}${short ? ' = {' : '[] = '}${body}${short ? '}' : ''};`;
}

/** Numbers separated by commas, in lines. */
export function wrapped(entries: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (let start = 0; start < entries.length; start += TABLE_ENTRIES_PER_LINE) {
    lines.push(`${indent}${entries.slice(start, start + TABLE_ENTRIES_PER_LINE).join(', ')},\n`);
  }
  return lines.join('');
}

import { commentText, NameTable } from '../../support/legal-names.js';
import type { RtlPortMap } from '../../lowering/rtl/port-layout.js';
import { printType } from '../../numeric/fixed-point.js';
import type { RtlModule } from '../../rtl/module.js';

/** What is known of a tensor's element on the wire; each becomes an array of numbers by element. */
const elementFigures = [
  { suffix: 'LOW', of: ({ low }: RtlPortMap['elements'][number]) => low },
  { suffix: 'WIDTH', of: ({ type }: RtlPortMap['elements'][number]) => type.width },
  { suffix: 'INTEGER_BITS', of: ({ type }: RtlPortMap['elements'][number]) => type.integer },
] as const;

/**
 * VHDL-2008 text of a package of constants for whoever instantiates the design: latency, initiation interval, hashes,
 * and where the elements of each tensor lie in its port. No entity of the design reads it.
 */
export function printPackage(name: string, top: RtlModule, tensors: readonly RtlPortMap[]): string {
  const names = new NameTable([name, ...top.parameters.map((parameter) => parameter.name)]);
  const lines = top.parameters.map(
    (parameter) =>
      `  constant ${parameter.name} : ${typeof parameter.value === 'number' ? 'natural' : 'string'} := ${literalText(parameter.value)};`,
  );
  for (const tensor of tensors) {
    const [first] = tensor.elements;
    if (first === undefined) continue;
    const { elements } = tensor;
    const stem = first.port.toUpperCase();
    const uniform = elements.every(({ type }) => printType(type) === printType(first.type));
    const types = uniform ? printType(first.type) : 'of several types';
    lines.push('', `  -- ${commentText(`${tensor.name}: ${elements.length} x ${types}`)}`);
    lines.push(`  constant ${names.fresh(`${stem}_ELEMENTS`)} : positive := ${elements.length};`);
    for (const { suffix, of } of elementFigures) {
      const values = elements.map(of);
      const constant = names.fresh(`${stem}_${suffix}`);
      lines.push(`  constant ${constant} : integer_vector(0 to ${values.length - 1}) := ${aggregate(values)};`);
    }
  }
  return [`package ${name} is`, ...lines, `end package ${name};`, ''].join('\n');
}

function literalText(value: number | string): string {
  // Strings are hexadecimal digits or a version.
  return typeof value === 'number' ? String(value) : `"${value.replace(/[^\x20-\x7e]/gu, '.').replace(/"/gu, '""')}"`;
}

/** One value for all elements is written once; a list of one needs its index in VHDL. */
function aggregate(values: readonly number[]): string {
  const [first = 0] = values;
  if (values.every((value) => value === first)) return `(others => ${first})`;
  const rows: string[] = [];
  for (let from = 0; from < values.length; from += 16) rows.push(`    ${values.slice(from, from + 16).join(', ')}`);
  return `(\n${rows.join(',\n')}\n  )`;
}

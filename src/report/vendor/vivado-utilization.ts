import type { Figure, FigureOrigin } from '../figure.js';
import type { VendorReport } from './vendor-report.js';
import { headValue, VendorReportError, vivadoOrigin, vivadoTool } from './vendor-report.js';

/** Rows of `report_utilization` by figure: 7-series count slices, UltraScale and later CLBs (UG906). */
const rows: readonly (readonly [string, string, readonly string[]])[] = [
  ['lut', 'LUT', ['Slice LUTs', 'CLB LUTs']],
  ['flip_flops', 'FF', ['Register as Flip Flop']],
  ['bram', 'BRAM', ['Block RAM Tile']],
  ['dsp', 'DSP', ['DSPs']],
];
/** Rows that a report leaves out where the part has no such block, or the design none. */
const optionalRows: typeof rows = [
  ['shift_registers', 'shift registers', ['LUT as Shift Register']],
  ['carry_blocks', 'carry blocks', ['CARRY4', 'CARRY8']],
  ['uram', 'URAM', ['URAM']],
];

interface Row {
  readonly used: number;
  readonly available: number | undefined;
}

/** Reads the text that `report_utilization -file` or `report_utilization -hierarchical -file` writes. Throws VendorReportError. */
export function parseVivadoUtilization(text: string): VendorReport {
  if (!/^\|\s*Command\s*:\s*report_utilization\b/mu.test(text)) {
    throw new VendorReportError('unreadable', 'its head does not name the command report_utilization');
  }
  const tables = readTables(text);
  const top = headValue(text, 'Design');
  const values = /\s-hierarchical\b/u.test(headValue(text, 'Command') ?? '')
    ? hierarchical(tables, top)
    : siteTypes(tables);
  return {
    tool: vivadoTool(text),
    top,
    origin: vivadoOrigin(text),
    figures: (origin) => Object.fromEntries(values.map(([name, unit, row]) => [name, figure(row, unit, origin)])),
  };
}

type Named = readonly [string, string, Row];

function figure({ used, available }: Row, unit: string, origin: FigureOrigin): Figure {
  return {
    value: used,
    unit,
    origin,
    ...(available === undefined || available === 0 ? {} : { share: used / available }),
  };
}

interface Table {
  readonly columns: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

/** Tables of `|` cells: the first line of a run is the head, rulers of `+---+` stand between. */
function readTables(text: string): readonly Table[] {
  const tables: { columns: readonly string[]; lines: (readonly string[])[] }[] = [];
  let open: { columns: readonly string[]; lines: (readonly string[])[] } | undefined;
  for (const line of text.split(/\r?\n/u)) {
    if (line.startsWith('+-')) continue;
    if (!line.startsWith('|')) {
      open = undefined;
      continue;
    }
    // Spaces at the left of a name are its depth in the tree; nothing here needs it.
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (open === undefined) {
      open = { columns: cells, lines: [] };
      tables.push(open);
    } else open.lines.push(cells);
  }
  return tables;
}

function siteTypes(tables: readonly Table[]): readonly Named[] {
  const found = new Map<string, Row>();
  for (const { columns, lines } of tables) {
    if (columns[0] !== 'Site Type') continue;
    const [used, available] = [columns.indexOf('Used'), columns.indexOf('Available')];
    for (const cells of lines) {
      // A star refers to a remark; the first row of a name is the total.
      const name = (cells[0] ?? '').replace(/\*+$/u, '');
      const count = amount(cells[used]);
      if (count !== undefined && !found.has(name))
        found.set(name, { used: count, available: amount(cells[available]) });
    }
  }
  // Carry blocks stand among the primitives only, in older versions.
  for (const { columns, lines } of tables) {
    if (columns[0] !== 'Ref Name') continue;
    for (const cells of lines) {
      const count = amount(cells[columns.indexOf('Used')]);
      if (count !== undefined && /^CARRY[48]$/u.test(cells[0] ?? '') && !found.has(cells[0] ?? '')) {
        found.set(cells[0] ?? '', { used: count, available: undefined });
      }
    }
  }
  const take = ([name, unit, titles]: (typeof rows)[number]): readonly Named[] =>
    titles.flatMap((title) => {
      const row = found.get(title);
      return row === undefined ? [] : [[name, unit, row] as const];
    });
  return [
    ...rows.flatMap((row) => {
      const taken = take(row);
      if (taken.length === 1) return taken;
      throw new VendorReportError('lacks', `it has no row ${row[2].join(' or ')}, or no number in it`);
    }),
    ...optionalRows.flatMap((row) => take(row).slice(0, 1)),
  ];
}

/** The row of the top module in the table of instances. */
function hierarchical(tables: readonly Table[], top: string | undefined): readonly Named[] {
  const table = tables.find(({ columns }) => columns[0] === 'Instance');
  const line = table?.lines.find((cells) => cells[0] === top && cells[1] === '(top)');
  if (table === undefined || line === undefined) {
    throw new VendorReportError('unreadable', 'it has no table of instances with the top module');
  }
  const cell = (title: string): number => {
    const index = table.columns.indexOf(title);
    const value = index < 0 ? undefined : amount(line[index]);
    if (value === undefined) throw new VendorReportError('lacks', `the top module has no number for ${title}`);
    return value;
  };
  const row = (used: number): Row => ({ used, available: undefined });
  const dsp = table.columns.includes('DSP Blocks')
    ? 'DSP Blocks'
    : table.columns.includes('DSPs')
      ? 'DSPs'
      : 'DSP48 Blocks';
  return [
    ['lut', 'LUT', row(cell('Total LUTs'))],
    ['flip_flops', 'FF', row(cell('FFs'))],
    ['shift_registers', 'shift registers', row(cell('SRLs'))],
    ['bram', 'BRAM', row(cell('RAMB36') + cell('RAMB18') / 2)],
    ['dsp', 'DSP', row(cell(dsp))],
  ];
}

function amount(cell: string | undefined): number | undefined {
  const text = (cell ?? '').replaceAll(',', '');
  return /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : undefined;
}

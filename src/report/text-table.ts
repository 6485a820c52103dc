import { printable } from '../diagnostics/diagnostic.js';

/** Lines of a table for a terminal: the first column to the left, the others to the right. Rows may be short. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [header, ...rows].map((row) => row.map(printable));
  // A lone remark in a row does not widen its column.
  const widths = header.map((_, column) =>
    Math.max(...lines.map((row) => (column === row.length - 1 && row.length < 3 ? 0 : (row[column] ?? '').length))),
  );
  return lines.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || row.length < 3 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
}

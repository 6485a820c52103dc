import { escapeHtml } from './escape.js';

/** A cell that is HTML already, such as a bar. */
export interface Markup {
  readonly html: string;
}
export type Cell = string | Markup;

/** A table with its caption; the first column names the row, the columns of `numbers` stand right. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: ReadonlySet<number> = new Set(),
): string {
  const style = (column: number): string => (numbers.has(column) ? ' class="number"' : '');
  const headCells = head.map((text, column) => `<th scope="col"${style(column)}>${escapeHtml(text)}</th>`).join('');
  const body = rows.map((cells) => {
    const printed = cells.map((cell, column) => {
      const text = typeof cell === 'string' ? escapeHtml(cell) : cell.html;
      return column === 0 ? `<th scope="row">${text}</th>` : `<td${style(column)}>${text}</td>`;
    });
    return `<tr>${printed.join('')}</tr>`;
  });
  // The caption stays in sight where the table scrolls.
  return (
    `<figure class="table"><figcaption>${escapeHtml(caption)}</figcaption><div class="wide"><table>` +
    `<thead><tr>${headCells}</tr></thead><tbody>${body.join('')}</tbody></table></div></figure>`
  );
}

/** A horizontal bar of a share from 0 to 1. */
export function shareBar(share: number, text: string, style = 'fixed'): Markup {
  const width = Number((100 * Math.max(0, Math.min(1, share))).toFixed(1));
  return {
    html:
      `<span class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">` +
      `<rect class="${style}" width="${width}" height="10"/></svg><span>${escapeHtml(text)}</span></span>`,
  };
}

/** What stands where there is no data: which command would provide it. */
export function missing(what: string, command: string): string {
  return `<p class="missing">${escapeHtml(what)} <code>${escapeHtml(command)}</code></p>`;
}

/** Foreign text inside Markdown: one line, nothing that ends a table cell, opens markup or reads as HTML. */
export function markdownCell(text: string): string {
  const line = text
    // eslint-disable-next-line no-control-regex -- matching control characters is the purpose
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/&/gu, '&amp;')
    .replace(/</gu, '&lt;')
    .replace(/>/gu, '&gt;')
    .replace(/[\\`*_~[\]()|#!]/gu, (character) => `\\${character}`);
  return line.length > 400 ? `${line.slice(0, 397)}…` : line;
}

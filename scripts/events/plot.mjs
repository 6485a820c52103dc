// Small step histograms as SVG text: panels side by side, one line a sample, one legend for all of a figure.

/** Okabe and Ito's palette, told apart by people who see fewer colours; the first is for the background. */
const colours = ['#000000', '#e69f00', '#56b4e9', '#009e73', '#d55e00', '#0072b2', '#cc79a7', '#999999', '#b3a000'];
const PANEL = { width: 300, height: 200, left: 46, right: 10, top: 26, bottom: 36 };

const text = (x, y, content, attributes = '') => `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
const rounded = (value) => String(Math.round(value * 10) / 10);

/** Shares of a sample in `bins` equal bins from `low` to `high`; what lies outside is in the first or the last. */
export function histogram(values, { low, high, bins }) {
  const counts = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))] += 1 / values.length;
  }
  return counts;
}

/** Even steps in 1, 2, 5 times a power of ten. */
function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const list = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1000; tick += step) {
    list.push(Number(tick.toPrecision(6)));
  }
  return list;
}

/** One panel: { title, axis, low, high, bins, logarithmic, floor } and samples as lists of values, one a legend entry. */
function panel({ title, axis, low, high, bins, logarithmic = false, floor = 1e-5 }, samples, left, top) {
  const [width, height] = [PANEL.width - PANEL.left - PANEL.right, PANEL.height - PANEL.top - PANEL.bottom];
  const shares = samples.map((values) => histogram(values, { low, high, bins }));
  const most = Math.max(...shares.map((list) => Math.max(...list))) * (logarithmic ? 2 : 1.1);
  const across = (value) => left + PANEL.left + ((value - low) / (high - low)) * width;
  const up = (share) => {
    const part = logarithmic ? Math.log(Math.max(share, floor) / floor) / Math.log(most / floor) : share / most;
    return top + PANEL.top + height * (1 - part);
  };
  const parts = [text(left + PANEL.left, top + 16, title, 'font-weight="bold"')];
  const frame = `x="${left + PANEL.left}" y="${top + PANEL.top}" width="${width}" height="${height}"`;
  parts.push(`<rect ${frame} fill="none" stroke="#888"/>`);
  for (const tick of ticks(low, high, 5)) {
    const x = rounded(across(tick));
    const y = top + PANEL.top + height;
    parts.push(`<path d="M${x} ${y}v4" stroke="#888"/>`, text(x, y + 15, String(tick), 'text-anchor="middle"'));
  }
  const levels = logarithmic
    ? Array.from({ length: 8 }, (_, power) => 10 ** -power).filter((level) => level <= most && level >= floor * 0.99)
    : ticks(0, most, 4);
  for (const level of levels) {
    const y = up(level);
    const label =
      logarithmic && level < 0.01 ? `10<tspan dy="-4" font-size="8">${Math.round(Math.log10(level))}</tspan>` : level;
    parts.push(`<path d="M${left + PANEL.left} ${rounded(y)}h-4" stroke="#888"/>`);
    parts.push(text(left + PANEL.left - 6, rounded(y + 4), String(label), 'text-anchor="end"'));
  }
  parts.push(text(left + PANEL.width - PANEL.right, top + PANEL.height - 6, axis, 'text-anchor="end"'));
  for (const [index, list] of shares.entries()) {
    let path = '';
    for (const [bin, share] of list.entries()) {
      const x = across(low + ((high - low) * bin) / bins);
      path += `${bin === 0 ? 'M' : 'H'}${rounded(x)}${bin === 0 ? ' ' : 'V'}${rounded(up(share))}`;
    }
    parts.push(
      `<path d="${path}H${rounded(across(high))}" fill="none" stroke="${colours[index]}" stroke-width="1.4"/>`,
    );
  }
  return parts.join('\n');
}

function svg(width, height, description, content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" role="img">
<title>${description}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${content}
</svg>
`;
}

/** A figure of panels in rows of `across`; `names` label the samples of every panel. */
export function figure(description, names, panels, across = 2) {
  const columns = 5;
  const legendHeight = 8 + 16 * Math.ceil(names.length / columns);
  const legend = names.map((name, index) => {
    const [x, y] = [PANEL.left + (index % columns) * 110, 16 + 16 * Math.floor(index / columns)];
    return `<path d="M${x} ${y - 4}h16" stroke="${colours[index]}" stroke-width="2"/>\n${text(x + 20, y, name)}`;
  });
  const drawn = panels.map(({ samples, ...axes }, index) =>
    panel(axes, samples, (index % across) * PANEL.width, legendHeight + Math.floor(index / across) * PANEL.height),
  );
  const height = legendHeight + Math.ceil(panels.length / across) * PANEL.height;
  return svg(across * PANEL.width, height, description, [...legend, ...drawn].join('\n'));
}

/** Images { title, rows: lists of numbers, first row at the bottom } side by side, darker for more, by square root. */
export function images(description, list, { cell = 14, most }) {
  const parts = [];
  let left = 10;
  let height = 0;
  for (const { title, rows } of list) {
    parts.push(text(left, 16, title, 'font-weight="bold"'));
    height = 24 + rows.length * cell;
    for (const [row, values] of rows.entries()) {
      for (const [column, value] of values.entries()) {
        if (value === 0) continue;
        const place = `x="${left + column * cell}" y="${height - (row + 1) * cell}"`;
        const grey = Math.round(235 * (1 - Math.sqrt(Math.min(1, value / most))));
        const colour = `#${grey.toString(16).padStart(2, '0').repeat(2)}ff`;
        parts.push(`<rect ${place} width="${cell}" height="${cell}" fill="${grey < 8 ? '#00008b' : colour}"/>`);
      }
    }
    const width = rows[0].length * cell;
    parts.push(`<rect x="${left}" y="24" width="${width}" height="${height - 24}" fill="none" stroke="#888"/>`);
    parts.push(text(left, height + 14, 'eta -3 to 3 →, phi 0 to 2π ↑'));
    left += width + 20;
  }
  return svg(left, height + 22, description, parts.join('\n'));
}

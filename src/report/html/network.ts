import type { ModelGraph } from '../../model/kinds.js';
import { at } from '../../support/invariant.js';
import type { HtmlSection } from './data.js';
import { escapeHtml } from './escape.js';
import type { DrawnBox, DrawnNode } from './network-layout.js';
import { layoutNetwork } from './network-layout.js';

const LINE = 16;
const PADDING = 10;
const GAP_X = 28;
/** Between the lanes of edges that pass boxes by. */
const LANE = 34;
/** Room for the type on an edge. */
const GAP_Y = 46;
/** Width of a character at 12 px, in a monospaced font. */
const CHARACTER = 7.3;
const LONGEST_LINE = 52;
const MOST_LINES = 4;
/** Room for the types on lanes, each below the one before. */
const LABEL = 230;
const LABEL_STEP = 18;

interface Placed {
  readonly box: DrawnBox;
  readonly lines: readonly { readonly text: string; readonly style: string }[];
  readonly width: number;
  readonly height: number;
  x: number;
  y: number;
}

/** The network from top to bottom, the type of every tensor on its edge or behind its node. */
export function networkSection(graph: ModelGraph): HtmlSection {
  const placed = layoutNetwork(graph).map(measure);
  const ranks = Math.max(...placed.map(({ box }) => box.rank)) + 1;
  const rows = Array.from({ length: ranks }, (_, rank) => placed.filter(({ box }) => box.rank === rank));
  const widths = rows.map((row) => row.reduce((sum, { width }) => sum + width + GAP_X, GAP_X));
  const edges = placed.flatMap((to) => to.box.from.map((from) => ({ from: at(placed, from), to })));
  const passing = edges.filter(({ from, to }) => to.box.rank > from.box.rank + 1);
  const boxes = Math.max(...widths);
  const width = boxes + (passing.length === 0 ? 0 : passing.length * LANE + LABEL);
  let y = PADDING;
  rows.forEach((row, rank) => {
    let x = (boxes - at(widths, rank)) / 2 + GAP_X;
    for (const item of row) {
      [item.x, item.y] = [x, y];
      x += item.width + GAP_X;
    }
    y += Math.max(...row.map(({ height }) => height)) + GAP_Y;
  });
  const height = y - GAP_Y + PADDING;
  const drawn = edges.map((edge) => {
    const lane = passing.indexOf(edge);
    return lane < 0 ? drawEdge(edge) : drawPassing(edge, boxes + lane * LANE, LABEL_STEP * lane);
  });
  const title = `${placed.length} boxes from the inputs at the top to the outputs at the bottom`;
  const svg =
    `<svg class="network" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" style="max-width:${Math.ceil(width)}px;min-width:${Math.min(640, Math.ceil(width))}px" ` +
    `role="img" aria-label="${escapeHtml(title)}"><title>${escapeHtml(title)}</title>` +
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
    `<path d="M0 0L8 4L0 8z"/></marker></defs>${drawn.join('')}${placed.map(drawBox).join('')}</svg>`;
  const note =
    '<p>A box holds ONNX nodes that follow one another, each with the type of its result; that of the last one stands on ' +
    'its arrows. <em>exact</em> marks sums and products that nothing rounds, with the smallest type that holds them.</p>';
  return { id: 'network', title: 'Network', body: `${note}<div class="wide">${svg}</div>` };
}

function measure(box: DrawnBox): Placed {
  const lines = box.nodes.flatMap((node, index) => {
    const typed = index < box.nodes.length - 1 || node.operator === 'output';
    return nodeLines(node, typed);
  });
  const longest = Math.max(...lines.map(({ text }) => text.length));
  const width = Math.max(longest, edgeLabel(box).length + 6) * CHARACTER + 2 * PADDING;
  return { box, lines, width, height: lines.length * LINE + 2 * PADDING, x: 0, y: 0 };
}

function nodeLines(
  { name, operator, detail, type }: DrawnNode,
  typed: boolean,
): readonly { text: string; style: string }[] {
  const names = wrap(name).map((text) => ({ text, style: 'name' }));
  const facts = [operator, detail].filter((text) => text !== '').join('  ');
  const rows = [...names, ...wrap(facts).map((text) => ({ text, style: 'fact' }))];
  return typed ? [...rows, { text: type, style: 'type' }] : rows;
}

/** Names on several lines where they are long, and in full unless they are absurd. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > LONGEST_LINE) {
    const head = rest.slice(0, LONGEST_LINE);
    const cut = Math.max(head.lastIndexOf('/'), head.lastIndexOf(' '), head.lastIndexOf('.'));
    const length = cut > LONGEST_LINE / 3 ? cut : LONGEST_LINE;
    lines.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  lines.push(rest);
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines;
}

function edgeLabel(box: DrawnBox): string {
  return at(box.nodes, box.nodes.length - 1).type;
}

function drawBox({ box, lines, width, height, x, y }: Placed): string {
  const operator = at(box.nodes, 0).operator;
  const style = operator === 'input' || operator === 'output' ? 'port' : 'layer';
  const texts = lines.map(
    ({ text, style: kind }, index) =>
      `<text class="${kind}" x="${(x + PADDING).toFixed(1)}" y="${(y + PADDING + (index + 0.78) * LINE).toFixed(1)}">${escapeHtml(text)}</text>`,
  );
  return (
    `<g class="box ${style}"><rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" rx="7"/>` +
    `${texts.join('')}</g>`
  );
}

interface Edge {
  readonly from: Placed;
  readonly to: Placed;
}

function drawEdge({ from, to }: Edge): string {
  const [startX, startY] = [from.x + from.width / 2, from.y + from.height];
  const [endX, endY] = [to.x + to.width / 2, to.y];
  const bend = Math.max(18, (endY - startY) / 2);
  const path = `M${startX.toFixed(1)} ${startY}C${startX.toFixed(1)} ${startY + bend} ${endX.toFixed(1)} ${endY - bend} ${endX.toFixed(1)} ${endY - 2}`;
  // Edges that share an end stand apart at the other one: the label goes there.
  const many = to.box.from.length > 1;
  const [labelX, labelY] = many ? [startX + 8, startY + 17] : [endX + 8, endY - 14];
  return (
    `<path class="edge" d="${path}" marker-end="url(#arrow)"/>` +
    `<text class="type label" x="${labelX.toFixed(1)}" y="${labelY}">${escapeHtml(edgeLabel(from.box))}</text>`
  );
}

/** Beside the boxes: behind them nobody would see it. */
function drawPassing({ from, to }: Edge, lane: number, drop: number): string {
  const [startX, startY] = [from.x + from.width, from.y + from.height / 2];
  const [endX, endY] = [to.x + to.width, to.y + to.height / 2];
  const round = 14;
  const path =
    `M${startX.toFixed(1)} ${startY}H${(lane - round).toFixed(1)}q${round} 0 ${round} ${round}` +
    `V${endY - round}q0 ${round} -${round} ${round}H${(endX + 2).toFixed(1)}`;
  return (
    `<path class="edge" d="${path}" marker-end="url(#arrow)"/>` +
    `<text class="type label" x="${(lane + 8).toFixed(1)}" y="${startY + 30 + drop}">${escapeHtml(edgeLabel(from.box))}</text>`
  );
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/support/random.js';
import { BrowserPage, chromium } from '../support/browser.js';
import { scratchFolder, trigc } from '../support/command-line.js';
import { OnnxBuilder } from '../support/onnx-builder.js';

const scratch = scratchFolder();
const random = new Random(11);
const normal = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;
const weights = (count: number): number[] => Array.from({ length: count }, () => 2 * normal());
const HOSTILE = '<script>document.title="alive"</script><img src=x onerror=alert(1)> & "quoted"';
const LONG = `/encoder/${'a_rather_long_name_of_a_layer/'.repeat(9)}MatMul`;

/** An edge passes a box by, one name is markup, another very long. */
function network(): Uint8Array {
  return new OnnxBuilder(13)
    .input('x', ['N', 4])
    .initializer('w1', [4, 6], weights(24))
    .node('MatMul', ['x', 'w1'], ['m1'], {}, { name: 'dense_1' })
    .node('Relu', ['m1'], ['r1'], {}, { name: HOSTILE })
    .initializer('w2', [6, 6], weights(36))
    .node('MatMul', ['r1', 'w2'], ['m2'], {}, { name: LONG })
    .node('Relu', ['m2'], ['r2'], {}, { name: 'act_2' })
    .node('Add', ['r2', 'r1'], ['s'], {}, { name: 'residual' })
    .initializer('w3', [6, 1], weights(6))
    .node('MatMul', ['s', 'w3'], ['y'], {}, { name: 'score' })
    .output('y', ['N', 1])
    .bytes();
}

const events = (count: number, shift: number): string =>
  Array.from({ length: count }, () =>
    Array.from({ length: 4 }, () => Math.round(16 * (normal() + shift)) / 16).join(),
  ).join('\n');

const config = `inputs: {x: {type: "ap_fixed<8,3,AP_RND_CONV,AP_SAT>"}}
layers: {act_2: {result: "ap_ufixed<6,1,AP_RND_CONV,AP_SAT>"}}
budgets: [lut < 100000, latency_ns < 1, bram < 5]
`;

/** Texts that leave the window, their SVG or their box; what scrolls may be wider than the window. */
const outside = `(() => {
  const found = [];
  const inside = (text, box) => text.left >= box.left - 1.5 && text.right <= box.right + 1.5 &&
    text.top >= box.top - 1.5 && text.bottom <= box.bottom + 1.5;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (node.data.trim() === '' || parent.closest('title') !== null) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const svg = parent.closest('svg'), scrolls = parent.closest('.wide');
    const group = parent.closest('g.box');
    const holder = group === null ? (svg ?? parent.closest('.card, td, th, section, header, nav, aside')) : group.querySelector('rect');
    const room = holder.getBoundingClientRect();
    const rectangles = [...range.getClientRects()].filter(({ width }) => width > 0);
    const escapes = rectangles.some((text) => !inside(text, room)
      || (scrolls === null && (text.left < 0 || text.right > document.documentElement.clientWidth)));
    if (escapes) found.push(node.data.slice(0, 80));
  }
  return found;
})()`;

/** Share of pixels that are not of the commonest colour; PNG of 8 bits without interlace, as Chromium writes it. */
function inkOf(png: Buffer): { readonly width: number; readonly height: number; readonly ink: number } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  // Filtered rows of one colour are zeros but for their first pixels: what differs from its neighbours is ink.
  const data = inflateSync(Buffer.concat(parts));
  const changed = data.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0);
  return { width, height, ink: changed / (width * height * channels) };
}

describe.skipIf(chromium === undefined)('report.html in Chromium (skipped without chromium on the PATH)', () => {
  let report = '';
  /** Of a design that reuses hardware, with its curve. */
  let reused = '';
  beforeAll(async () => {
    const folder = scratch.path('out');
    const [model, settings] = [scratch.write('net.onnx', network()), scratch.write('trigc.yaml', config)];
    const background = scratch.write('background.csv', events(2000, 0));
    const signal = scratch.write('signal.csv', events(500, 0.5));
    const compiled = await trigc('compile', model, '-o', folder, '--config', settings, '--data', background);
    expect(compiled.code, compiled.stderr).toBe(0);
    const samples = ['--background', background, '--signal', `signal=${signal}`];
    const evaluated = await trigc('evaluate', folder, ...samples);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    expect((await trigc('report', folder)).code).toBe(0);
    report = pathToFileURL(`${folder}/report.html`).href;

    const turns = scratch.path('turns');
    const paced = await trigc('compile', model, '-o', turns, '--config', settings, '--ii', '6', '--clock', '240MHz');
    expect(paced.code, paced.stderr).toBe(0);
    const words = ['--ii', '1..6', '--config', settings, '--clock', '240MHz', '-o', turns];
    const explored = await trigc('explore', model, ...words);
    expect(explored.code, explored.stderr).toBe(0);
    expect((await trigc('report', turns)).code).toBe(0);
    reused = pathToFileURL(`${turns}/report.html`).href;
  });

  it.each([
    [1280, 900],
    [400, 800],
  ])('shows all its text at %i px, complains about nothing and asks no host', async (width, height) => {
    await BrowserPage.use(chromium ?? '', async (page) => {
      await page.open(report, width, height);
      expect(await page.evaluate('document.title')).toBe('net · Trigc report');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate('document.querySelectorAll("img, script").length')).toBe(0);
      expect(await page.evaluate('document.querySelectorAll("section").length')).toBe(8);
      expect(await page.evaluate('document.querySelectorAll(".plots svg").length')).toBe(4);
      expect(await page.evaluate(outside)).toEqual([]);
      const picture = await page.screenshot();
      mkdirSync('build/screenshots', { recursive: true });
      writeFileSync(`build/screenshots/report-${width}.png`, picture);
      const { width: drawn, height: long, ink } = inkOf(picture);
      expect(drawn).toBe(width);
      expect(long).toBeGreaterThan(3 * height);
      expect(ink).toBeGreaterThan(0.02);
      expect(page.complaints).toEqual([]);
      expect(page.requests).toEqual([report]);
    });
  });

  it.each([
    [1280, 900],
    [400, 800],
  ])('shows at %i px how hardware is reused, with the curve of other intervals', async (width, height) => {
    await BrowserPage.use(chromium ?? '', async (page) => {
      await page.open(reused, width, height);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.evaluate('document.querySelectorAll("#reuse .dot").length')).toBe(6);
      expect(await page.evaluate('document.querySelectorAll("#reuse table").length')).toBe(2);
      // Drawn, in the colour of the style sheet, and not as a filled shape.
      const line = 'getComputedStyle(document.querySelector("#reuse polyline"))';
      expect(await page.evaluate(`${line}.fill`)).toBe('none');
      expect(await page.evaluate(`${line}.stroke`)).not.toBe('none');
      expect(await page.evaluate(outside)).toEqual([]);
      const picture = await page.screenshot();
      writeFileSync(`build/screenshots/report-reuse-${width}.png`, picture);
      expect(inkOf(picture).ink).toBeGreaterThan(0.02);
      expect(page.complaints).toEqual([]);
    });
  });

  it('finds text that leaves its box', async () => {
    await BrowserPage.use(chromium ?? '', async (page) => {
      await page.open(report, 400, 800);
      await page.evaluate('document.querySelector(".card dd").style.whiteSpace = "nowrap"');
      await page.evaluate('document.querySelector(".card dd").firstChild.data = "0123456789".repeat(9)');
      expect(await page.evaluate(outside)).toEqual(['0123456789'.repeat(8)]);
    });
  });
});

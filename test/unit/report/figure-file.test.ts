import { describe, expect, it } from 'vitest';
import type { MeasuredFigures } from '../../../src/report/figure-file.js';
import { parseFigureFile, printFigureFile } from '../../../src/report/figure-file.js';

const hash = 'ab'.repeat(32);
const measured: MeasuredFigures = {
  command: 'trigc synth out',
  tool: { name: 'yosys', version: '0.55', flow: 'xcup 1' },
  figures: {
    lut: { value: 812, unit: 'LUT', origin: 'yosys', share: 0.001 },
    dsp: { value: 0, unit: 'DSP', origin: 'yosys' },
  },
  layers: [{ layer: 'dense_1', figures: { lut: { value: 500, unit: 'LUT', origin: 'yosys' } } }],
  slr: [{ region: 0, figures: { lut: { value: 812, unit: 'LUT', origin: 'yosys', share: 0.004 } } }],
  details: { cells: { LUT6: 3 } },
};

/** The text with one entry changed: `change` gets the file as data. */
function altered(change: (file: Record<string, unknown>) => void): string {
  const file = JSON.parse(printFigureFile(measured, hash)) as Record<string, unknown>;
  change(file);
  return JSON.stringify(file);
}

describe('a file of figures', () => {
  it('reads back what it was printed from', () => {
    const text = printFigureFile(measured, hash);
    expect(parseFigureFile(text)).toEqual({ schema: 'trigc-figures', version: 1, manifestSha256: hash, ...measured });
    expect(printFigureFile(measured, hash)).toBe(text);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{', /not JSON/u],
    ['another schema', '{"schema":"trigc-report"}', /not a file of figures/u],
    ['another version', altered((file) => (file['version'] = 2)), /version 2.*version 1/u],
    ['no hash', altered((file) => delete file['manifestSha256']), /'manifestSha256' of the file is missing/u],
    ['an unknown entry', altered((file) => (file['lut'] = 3)), /unknown entry 'lut'/u],
    ['no command', altered((file) => (file['command'] = '')), /'command' of the file/u],
    ['no tool version', altered((file) => (file['tool'] = { name: 'x' })), /'version' of its entry 'tool'/u],
    ['a wrong name', altered((file) => (file['figures'] = { 'a.b': {} })), /'a.b' in 'figures' is no name/u],
    [
      'a number that is none',
      altered((file) => (file['figures'] = { lut: { value: null, unit: 'LUT', origin: 'yosys' } })),
      /'value' of the figure 'lut' in 'figures'/u,
    ],
    [
      'an unknown origin',
      altered((file) => (file['figures'] = { lut: { value: 1, unit: 'LUT', origin: 'guess' } })),
      /'origin' of the figure 'lut'/u,
    ],
    [
      'a layer twice',
      altered((file) => (file['layers'] = ['a', 'a'].map((layer) => ({ layer, figures: {} })))),
      /'layers\[1\]' is there twice/u,
    ],
    [
      'a wrong figure of a region',
      altered((file) => (file['slr'] = [{ region: 1, figures: { lut: { value: 1, unit: 'LUT' } } }])),
      /'slr\[0\]\.figures' is missing or wrong/u,
    ],
    ['a region without a number', altered((file) => (file['slr'] = [{ region: 'a', figures: {} }])), /'region'/u],
  ])('is refused with %s', (_, text, sentence) => {
    expect(() => parseFigureFile(text)).toThrow(RangeError);
    expect(() => parseFigureFile(text)).toThrow(sentence);
  });

  it('cannot be printed from a figure that is no number', () => {
    const figures = { lut: { value: NaN, unit: 'LUT', origin: 'yosys' as const } };
    expect(() => printFigureFile({ ...measured, figures }, hash)).toThrow(RangeError);
  });
});

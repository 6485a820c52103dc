import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dataCodes } from '../../../src/diagnostics/codes/data.js';
import { fixedPointType } from '../../../src/numeric/fixed-point.js';
import type { EventPort } from '../../../src/data/event-port.js';
import { exact, file, matrixOf, problems } from './support.js';

function word(name: string, element: number, width: number): EventPort {
  const type = fixedPointType(false, width, width);
  return { name, element, type, rounding: 'TRN', overflow: 'WRAP' };
}

/** One bunch crossing whose words are their own numbers, from 0; `changes` replaces some. */
function crossing(changes: Readonly<Record<number, string>> = {}): string {
  const digits = [4, ...Array<number>(8).fill(16), ...Array<number>(48).fill(8), 64, 128, 1];
  const words = digits.map((length, index) => changes[index] ?? (index % 16).toString(16).padStart(length, '0'));
  return `${words.join(' ')}\n`;
}

const selected = [
  word('etm', 0, 32),
  word('muon', 7, 64),
  word('egamma', 0, 32),
  word('jet', 11, 32),
  word('htmhf', 0, 32),
];

describe('Global Trigger patterns', () => {
  it('are read by the names of the objects, 64 bits exactly', async () => {
    const lines = `# a comment\n${crossing({ 8: 'ffffffffffffffff', 47: '89ABCDEF' })}\n${crossing()}`;
    for (const content of [file('p.txt', lines), file('p.txt.gz', gzipSync(lines))]) {
      const { data } = await matrixOf(content, selected, exact);
      // Muons are words 1 to 8, e/gamma 9 to 20, tau 21 to 32, jets 33 to 44, ETT HTT ETM HTM ETMHF HTMHF 45 to 50.
      expect(data).toEqual([
        ...[0x89abcdefn, 0xffffffffffffffffn, 9n, BigInt(44 % 16), BigInt(50 % 16)],
        ...[BigInt(47 % 16), 8n, 9n, BigInt(44 % 16), BigInt(50 % 16)],
      ]);
    }
  });

  it('name the line of a wrong number of words, and go on', async () => {
    const text = `${crossing()}0000 12\n${crossing()}0001\n`;
    expect(await problems(file('p.txt', text), selected)).toEqual([
      `${dataCodes.patternLine.code} line 2: 2 words, a bunch crossing has 60`,
      `${dataCodes.patternLine.code} line 4: 1 words, a bunch crossing has 60`,
    ]);
  });

  it.each([
    ['a letter', { 9: '0000000g' }, "word 10, '0000000g', is not 8 hexadecimal digits", 10],
    ['too few digits', { 3: '123' }, "word 4, '123', is not 16 hexadecimal digits", 4],
    ['too many digits', { 59: '10' }, "word 60, '10', is not 1 hexadecimal digits", 60],
  ])('name line and word of %s', async (_, changes, message, column) => {
    const found = await problems(file('p.txt', crossing() + crossing(changes)), selected);
    expect(found).toEqual([`${dataCodes.patternWord.code} line 2 column ${column}: ${message}`]);
  });

  it.each([
    ['an input of another name', word('event', 0, 32), "input 'event' is no object of a Global Trigger pattern"],
    ['a word beyond the last', word('etm', 1, 32), 'a pattern has 1 etm of ap_ufixed<32,32>, not element 1'],
    [
      'another width',
      word('muon', 0, 32),
      'a pattern has 8 muon of ap_ufixed<64,64>, not element 0 of ap_ufixed<32,32>',
    ],
  ])('refuse %s', async (_, port, message) => {
    const [found = ''] = await problems(file('p.txt', crossing()), [port]);
    expect(found).toContain(`${dataCodes.patternPort.code}: ${message}`);
  });
});

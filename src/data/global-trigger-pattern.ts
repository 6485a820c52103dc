import { dataCodes } from '../diagnostics/codes/data.js';
import { printable } from '../diagnostics/diagnostic.js';
import { printType } from '../numeric/fixed-point.js';
import { at } from '../support/invariant.js';
import { globalTriggerObjects } from '../targets/global-trigger.js';
import type { EventPort } from './event-port.js';
import type { EventSink } from './event-sink.js';
import type { FileProblems } from './problems.js';

/** Hexadecimal digits of each word of a line: the bunch crossing, the objects, 6 spare words, then what the menu gives. */
const spareDigits = [8, 8, 8, 8, 8, 8, 64, 128, 1] as const;
const CROSSING_DIGITS = 4;

/** First word of each object in a line, from 0, and digits of all words. */
const firstWord = new Map<string, number>();
const wordDigits: number[] = [CROSSING_DIGITS];
for (const { name, count, width } of globalTriggerObjects) {
  firstWord.set(name, wordDigits.length);
  for (let word = 0; word < count; word++) wordDigits.push(width / 4);
}
for (const digits of spareDigits) wordDigits.push(digits);

/** A line of such a file is 770 bytes. */
const LINE_LIMIT = 2 ** 16;

/**
 * Reads pattern files of the CMS Global Trigger: one bunch crossing a line, words in hexadecimal separated by spaces, in
 * the order bunch crossing, muons, e/gamma, tau, jets, sums, spare words, external conditions, algorithms, final OR.
 * Ports take the words of the object whose name they have; blank lines and lines from `#` on are skipped.
 */
export class GlobalTriggerPatternReader {
  private rest = '';
  private line = 0;
  private readonly words: readonly number[];

  public constructor(
    private readonly sink: EventSink,
    private readonly problems: FileProblems,
  ) {
    this.words = sink.columns.map(({ port }) => wordOf(port, problems));
  }

  public chunk(bytes: Buffer): void {
    // One byte a character: what is not ASCII is no digit either.
    const lines = (this.rest + bytes.toString('latin1')).split('\n');
    this.rest = lines.pop() ?? '';
    for (const text of lines) this.readLine(text);
    if (this.rest.length > LINE_LIMIT) {
      this.problems.stop(dataCodes.tooLarge, `a line is longer than ${LINE_LIMIT} bytes`, { line: this.line + 1 });
    }
  }

  public end(): void {
    this.readLine(this.rest);
  }

  private readLine(text: string): void {
    this.line++;
    const line = text.trim();
    if (line === '' || line.startsWith('#')) return;
    const words = line.split(/\s+/u);
    if (words.length !== wordDigits.length) {
      const message = `${words.length} words, a bunch crossing has ${wordDigits.length}`;
      this.problems.add(dataCodes.patternLine, message, this.line, undefined);
      return;
    }
    const wrong = words.findIndex((word, index) => word.length !== at(wordDigits, index) || !/^[\da-f]+$/iu.test(word));
    if (wrong >= 0) {
      const shown = printable(at(words, wrong).slice(0, 40));
      const message = `word ${wrong + 1}, '${shown}', is not ${at(wordDigits, wrong)} hexadecimal digits`;
      this.problems.add(dataCodes.patternWord, message, this.line, wrong + 1);
      return;
    }
    this.sink.beginEvent(this.line);
    this.words.forEach((word, column) => {
      const digits = at(words, word);
      // Twelve digits are 48 bits, which a double holds.
      if (digits.length <= 12) this.sink.number(column, Number.parseInt(digits, 16));
      else this.sink.bigint(column, BigInt(`0x${digits}`));
    });
  }
}

/** The word of a line that holds the value of a port. */
function wordOf({ name, element, type }: EventPort, problems: FileProblems): number {
  const known = globalTriggerObjects.find((object) => object.name === name);
  const first = firstWord.get(name);
  if (known === undefined || first === undefined) {
    const names = globalTriggerObjects.map((object) => object.name).join(', ');
    return problems.stop(
      dataCodes.patternPort,
      `input '${printable(name)}' is no object of a Global Trigger pattern`,
      {},
      `declare the words that it is made of (inputs.<name>.from); the objects are ${names}`,
    );
  }
  const whole = !type.signed && type.width === known.width && type.integer === known.width;
  if (whole && element < known.count) return first + element;
  const message = `a pattern has ${known.count} ${name} of ap_ufixed<${known.width},${known.width}>, not element ${element} of ${printType(type)}`;
  return problems.stop(dataCodes.patternPort, message);
}

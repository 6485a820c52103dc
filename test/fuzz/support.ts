import type { Random } from '../../src/support/random.js';

/** TRIGC_TEST_TIER=full runs ten times as long. */
const factor = process.env['TRIGC_TEST_TIER'] === 'full' ? 10 : 1;

/** Rounds that even the slowest machine runs. */
const MINIMUM_ROUNDS = 100;

/**
 * Run `body` up to `count` times, but no longer than `milliseconds`. The round in the message of an exception gives its
 * input again: everything is seeded. Returns the longest time of one round in ms.
 */
export function budget(milliseconds: number, count: number, body: () => unknown): number {
  const end = performance.now() + milliseconds * factor;
  let slowest = 0;
  for (let round = 0; round < count * factor && (round < MINIMUM_ROUNDS || performance.now() < end); round++) {
    const start = performance.now();
    try {
      body();
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`round ${round}: ${reason}`, { cause: error });
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest;
}

/** One to three changes: flipped bits, other bytes, bytes left out, doubled or swapped, and truncation. */
export function mutateBytes(random: Random, original: Uint8Array): Uint8Array {
  let bytes = Uint8Array.from(original);
  for (let change = random.integer(1, 3); change > 0 && bytes.length > 1; change--) {
    const place = random.integer(0, bytes.length - 1);
    switch (random.integer(0, 6)) {
      case 0:
      case 1:
        bytes[place] = (bytes[place] ?? 0) ^ (1 << random.integer(0, 7));
        break;
      case 2:
        bytes[place] = random.pick([0, 1, 2, 127, 128, 254, 255]);
        break;
      case 3:
        bytes[place] = random.integer(0, 255);
        break;
      case 4: {
        const other = random.integer(0, bytes.length - 1);
        [bytes[place], bytes[other]] = [bytes[other] ?? 0, bytes[place] ?? 0];
        break;
      }
      case 5: {
        const length = random.integer(1, 8);
        const without = random.integer(0, 1) === 0;
        bytes = Uint8Array.from([
          ...bytes.subarray(0, without ? place : place + length),
          ...bytes.subarray(without ? place + length : place),
        ]);
        break;
      }
      default:
        if (random.integer(0, 3) === 0) bytes = bytes.subarray(0, place);
    }
  }
  return bytes;
}

/** Words that have a meaning in our text forms, and numbers at their limits. */
const insertions = [
  '0',
  '-1',
  '1',
  '99999999999999999999',
  '-4096',
  '4097',
  '1e9',
  '""',
  '"\\"',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  ',',
  ':',
  '%',
  '%0',
  '@',
  ' * ',
  'true',
  'null',
  '\n',
  '\u0000',
  'ap_fixed<1,1>',
  'ap_ufixed<4096,-16000>',
  'SAT_ZERO',
  'WRAP',
  '9'.repeat(400),
] as const;

/** One to three changes of a text: lines or characters left out, doubled, swapped or replaced, numbers changed. */
export function mutateText(random: Random, original: string): string {
  let text = original;
  for (let change = random.integer(1, 3); change > 0 && text.length > 1; change--) {
    const place = random.integer(0, text.length - 1);
    const end = Math.min(text.length, place + random.integer(1, 12));
    switch (random.integer(0, 6)) {
      case 0:
        text = text.slice(0, place) + text.slice(end);
        break;
      case 1:
        text = text.slice(0, end) + text.slice(place);
        break;
      case 2:
        text = text.slice(0, place) + random.pick(insertions) + text.slice(end);
        break;
      case 3: {
        const lines = text.split('\n');
        const [from, to] = [random.integer(0, lines.length - 1), random.integer(0, lines.length - 1)];
        [lines[from], lines[to]] = [lines[to] ?? '', lines[from] ?? ''];
        text = lines.join('\n');
        break;
      }
      case 4: {
        const numbers = [...text.matchAll(/-?\d+/gu)];
        const number = numbers[random.integer(0, Math.max(0, numbers.length - 1))];
        if (number === undefined) break;
        const old = BigInt(number[0]);
        const next = random.pick([old + 1n, old - 1n, -old, old * 2n, old << 40n, 0n, BigInt(random.integer(-9, 99))]);
        text = text.slice(0, number.index) + next.toString() + text.slice(number.index + number[0].length);
        break;
      }
      case 5: {
        const words = [...text.matchAll(/[A-Za-z_]+/gu)];
        const [to, from] = [words[random.integer(0, words.length - 1)], words[random.integer(0, words.length - 1)]];
        if (to === undefined || from === undefined) break;
        text = text.slice(0, to.index) + from[0] + text.slice(to.index + to[0].length);
        break;
      }
      default:
        if (random.integer(0, 4) === 0) text = text.slice(0, place);
    }
  }
  return text;
}

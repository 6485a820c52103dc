import { describe, expect, it } from 'vitest';
import { bar, progress } from '../../../src/cli/progress.js';

function recorder(isTTY: boolean): {
  readonly written: string[];
  readonly stream: { isTTY: boolean; columns: number; write(text: string): void };
} {
  const written: string[] = [];
  return { written, stream: { isTTY, columns: 80, write: (text) => void written.push(text) } };
}

describe('progress', () => {
  it('shows one line on a terminal after a second, and takes it away', () => {
    const { written, stream } = recorder(true);
    let time = 0;
    const shown = progress('search', 100, { stream, now: () => time, log: false });
    shown.advance(10);
    expect(written).toEqual([]);
    time = 2000;
    shown.advance(40);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain('search ████████████             50 % 2 s, 2 s left');
    time = 2050;
    shown.advance(1);
    expect(written).toHaveLength(1);
    shown.done();
    shown.done();
    expect(written.slice(1)).toEqual(['\r\u001b[K']);
  });

  it('says nothing without a terminal', () => {
    const { written, stream } = recorder(false);
    let time = 0;
    const shown = progress('search', 2, { stream, now: () => (time += 20_000), log: false });
    shown.advance(1);
    shown.done();
    expect(written).toEqual([]);
  });

  it('writes at most a line in ten seconds to the log of a job', () => {
    const { written, stream } = recorder(false);
    let time = 0;
    const shown = progress('search', 100, { stream, now: () => time, log: true });
    for (; time < 25_000; time += 500) shown.advance(1);
    shown.done();
    expect(written).toEqual([
      'search █████                    21 % 10 s, 38 s left\n',
      'search █████████▉               41 % 20 s, 29 s left\n',
    ]);
  });
});

describe('bar', () => {
  it('is as wide at every share', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(0.53125, 4), bar(2, 4)]).toEqual(['    ', '██  ', '██▏ ', '████']);
  });
});

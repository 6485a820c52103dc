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

describe('progress of several parts', () => {
  it('begins anew where the share falls, and makes room for lines that stay', () => {
    const { written, stream } = recorder(true);
    let time = 0;
    const shown = progress('evaluating', 1, { stream, now: () => time, log: false, repeat: () => () => undefined });
    expect(shown.terminal).toBe(true);
    shown.at('first', 0);
    time = 10_000;
    shown.at('first', 1);
    time = 20_000;
    shown.at('second', 0);
    time = 22_000;
    shown.at('second', 0.5);
    shown.hide();
    shown.hide();
    time = 24_000;
    shown.at('second', 0.75);
    const bare = written.map((text) => text.replace('\u001b[K', '|'));
    expect(bare).toEqual([
      '\rfirst ████████████████████████ 100 % 10 s|',
      '\rsecond                          0 % 0 s|',
      '\rsecond ████████████             50 % 2 s, 2 s left|',
      '\r|',
      '\rsecond ██████████████████       75 % 4 s, 1 s left|',
    ]);
  });

  it('counts the seconds of what tells nothing, until it is done', () => {
    const { written, stream } = recorder(true);
    let time = 0;
    let draw = (): void => undefined;
    let stopped = 0;
    const repeat = (again: () => void): (() => void) => {
      draw = again;
      return () => {
        stopped++;
      };
    };
    const shown = progress('engine x: preparing', undefined, { stream, now: () => time, log: false, repeat });
    draw();
    expect(written).toEqual([]);
    for (time of [3000, 65_000]) draw();
    shown.at('engine x: simulating');
    time = 70_000;
    draw();
    shown.done();
    draw();
    expect(written.map((text) => text.replace('\u001b[K', '|'))).toEqual([
      '\rengine x: preparing 3 s|',
      '\rengine x: preparing 1 min 5 s|',
      '\rengine x: simulating 5 s|',
      '\r|',
    ]);
    expect(stopped).toBe(1);
  });

  it('never wraps around', () => {
    const { written, stream } = recorder(true);
    let time = 0;
    const shown = progress('a label that is much too long '.repeat(9), 2, { stream, now: () => time, log: false });
    time = 5000;
    shown.advance();
    shown.done();
    expect(written[0]).toHaveLength(1 + 79 + '\u001b[K'.length);
  });
});

describe('bar', () => {
  it('is as wide at every share', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(0.53125, 4), bar(2, 4)]).toEqual(['    ', '██  ', '██▏ ', '████']);
  });
});

import { describe, expect, it } from 'vitest';
import { VcdWriter } from '../../../src/simulation/vcd.js';
import { Random } from '../../../src/support/random.js';
import { parseVcd } from '../../support/parse-vcd.js';

const header = { version: 'Trigc', comment: [], timescale: '1ps' };

describe('a value change dump', () => {
  it('has the form of IEEE 1364-2005, 18.2', () => {
    const vcd = new VcdWriter({ ...header, comment: ['why', 'it $ends here'] }, [
      { path: ['top', 'clk'], width: 1, code: 0 },
      { path: ['top', 'unit', 'clk'], width: 1, code: 0 },
      { path: ['top', 'sum'], width: 8, code: 94 },
    ]);
    vcd.time(0);
    vcd.initial(() => {
      vcd.change(0, '1');
      vcd.change(94, '00000101');
    });
    vcd.time(2500);
    vcd.change(0, '0');
    vcd.change(94, 'xxxx1x01');
    expect(vcd.text().split('\n')).toEqual([
      '$version Trigc $end',
      '$comment',
      '  why',
      '  it $ ends here',
      '$end',
      '$timescale 1ps $end',
      '$scope module top $end',
      '$var wire 1 ! clk $end',
      '$var wire 8 !" sum [7:0] $end',
      '$scope module unit $end',
      '$var wire 1 ! clk $end',
      '$upscope $end',
      '$upscope $end',
      '$enddefinitions $end',
      '#0',
      '$dumpvars',
      '1!',
      'b101 !"',
      '$end',
      '#2500',
      '0!',
      'bx1x01 !"',
      '',
    ]);
  });

  it('is read back as it was written, whatever the bits, widths and codes', () => {
    const random = new Random(5);
    const signals = Array.from({ length: 300 }, (_, code) => ({
      path: [`scope${code % 7}`, `signal${code}`],
      width: random.integer(1, 70),
      code,
    }));
    const written = new Map<string, string>();
    const vcd = new VcdWriter(header, signals);
    for (let time = 0; time < 5; time++) {
      vcd.time(time);
      const dump = (): void => {
        for (const { path, width, code } of signals) {
          const digits = random.integer(0, 1) === 0 ? '01' : '00x1x';
          const bits = Array.from({ length: width }, () => digits[random.integer(0, digits.length - 1)] ?? '');
          written.set(`${path.join('.')} ${time}`, bits.join(''));
          vcd.change(code, bits.join(''));
        }
      };
      if (time === 0) vcd.initial(dump);
      else dump();
    }
    const dump = parseVcd(vcd.text());
    expect(new Set(dump.names)).toEqual(new Set(signals.map(({ path }) => path.join('.'))));
    for (const [key, bits] of written) {
      const [name = '', time = ''] = key.split(' ');
      expect(dump.bitsAt(name, Number(time)), key).toBe(bits);
    }
  });
});

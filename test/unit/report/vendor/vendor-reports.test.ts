import { describe, expect, it } from 'vitest';
import { parseCsynth } from '../../../../src/report/vendor/csynth.js';
import { VendorReportError } from '../../../../src/report/vendor/vendor-report.js';
import { parseVivadoTiming } from '../../../../src/report/vendor/vivado-timing.js';
import { parseVivadoUtilization } from '../../../../src/report/vendor/vivado-utilization.js';
import { csynth, hierarchicalUtilisation, sliceUtilisation, timing, utilisation } from './reports.js';

function reasonOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof VendorReportError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('a report of utilisation', () => {
  it('gives counts and shares of UltraScale+ parts', () => {
    const report = parseVivadoUtilization(utilisation());
    expect(report).toMatchObject({ tool: { name: 'Vivado', version: 'v.2023.2' }, top: 'network', origin: 'synth' });
    const figures = report.figures('synth');
    expect(figures['lut']).toEqual({ value: 4745, unit: 'LUT', origin: 'synth', share: 4745 / 1_728_000 });
    expect(figures['bram']).toMatchObject({ value: 1.5, share: 1.5 / 2688 });
    const values = Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value]));
    expect(values).toEqual({
      lut: 4745,
      flip_flops: 2210,
      bram: 1.5,
      dsp: 0,
      shift_registers: 202,
      carry_blocks: 180,
      uram: 0,
    });
  });

  it('gives those of the 7 series, and of the table of instances', () => {
    expect(parseVivadoUtilization(sliceUtilisation()).figures('synth')).toMatchObject({
      lut: { value: 4745 },
      carry_blocks: { value: 360 },
    });
    const figures = parseVivadoUtilization(hierarchicalUtilisation()).figures('synth');
    expect(figures).toMatchObject({ lut: { value: 4745 }, flip_flops: { value: 2210 }, bram: { value: 1.5 } });
  });

  it('takes the origin from the state of the design', () => {
    const origin = (state: string): unknown => parseVivadoUtilization(utilisation({ state })).origin;
    expect(['Fully Placed', 'Routed', 'Physopt postRoute'].map(origin)).toEqual(['impl', 'impl', 'impl']);
    expect(reasonOf(() => origin('Optimized'))).toBe('unreadable');
    expect(parseVivadoUtilization(utilisation({})).origin).toBeUndefined();
  });

  it('never makes a zero of what is missing', () => {
    expect(reasonOf(() => parseVivadoUtilization(utilisation().replace(/^\| DSPs.*\n/mu, '')))).toBe('lacks');
    expect(reasonOf(() => parseVivadoUtilization(utilisation().replace('| 4745 |', '|  NA  |')))).toBe('lacks');
    expect(reasonOf(() => parseVivadoUtilization(hierarchicalUtilisation().replace('RAMB18', 'other ')))).toBe('lacks');
    expect(reasonOf(() => parseVivadoUtilization(timing()))).toBe('unreadable');
  });
});

describe('a timing summary', () => {
  it('gives slacks and the clock', () => {
    const report = parseVivadoTiming(timing());
    expect(report).toMatchObject({ top: 'network', origin: 'impl' });
    expect(report.figures('impl')).toEqual({
      wns: { value: -0.25, unit: 'ns', origin: 'impl' },
      tns: { value: -1.5, unit: 'ns', origin: 'impl' },
      whs: { value: 0.057, unit: 'ns', origin: 'impl' },
      clock_period: { value: 4.167, unit: 'ns', origin: 'impl' },
      minimum_period: { value: 4.417, unit: 'ns', origin: 'impl' },
    });
  });

  it('is refused without a number, and with more than one clock', () => {
    expect(reasonOf(() => parseVivadoTiming(timing({}, '    NA')))).toBe('lacks');
    const second = timing().replace(/^(clk .*)$/mu, '$1\nclk2   {0.000 5.000}      10.000          100.000');
    expect(reasonOf(() => parseVivadoTiming(second))).toBe('unreadable');
    expect(reasonOf(() => parseVivadoTiming(timing().replace('Design Timing Summary', 'Other')))).toBe('unreadable');
  });
});

describe('csynth.xml', () => {
  it('gives latency, interval, clock and resources', () => {
    const report = parseCsynth(csynth());
    expect(report).toMatchObject({ tool: { name: 'Vitis HLS', version: '2023.2' }, top: 'network', origin: 'csynth' });
    expect(report.figures('csynth')).toMatchObject({
      latency: { value: 5, unit: 'clocks' },
      latency_ns: { value: 20 },
      ii: { value: 1 },
      clock_period: { value: 4 },
      minimum_period: { value: 2.918 },
      lut: { value: 1024, share: 1024 / 1_728_000 },
      flip_flops: { value: 512 },
      dsp: { value: 3 },
      bram: { value: 1.5, share: 3 / 5376 },
    });
  });

  it('is refused where the latency is unknown or varies, or a count is missing', () => {
    expect(reasonOf(() => parseCsynth(csynth(['undef', 'undef'])))).toBe('lacks');
    expect(reasonOf(() => parseCsynth(csynth(['5', '7'])))).toBe('unreadable');
    expect(reasonOf(() => parseCsynth(csynth(['5', '5'], '')))).toBe('lacks');
    expect(reasonOf(() => parseCsynth('<html></html>'))).toBe('unreadable');
  });
});

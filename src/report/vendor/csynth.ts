import type { VendorReport } from './vendor-report.js';
import { VendorReportError } from './vendor-report.js';

/** BRAM_18K counts halves of the blocks that every other figure counts. */
const BRAM_PER_BLOCK = 2;

/** Reads `csynth.xml` of Vitis HLS: latency, interval, clock and resources of the top function. Throws VendorReportError. */
export function parseCsynth(text: string): VendorReport {
  if (!/<profile[\s>]/u.test(text)) throw new VendorReportError('unreadable', 'it has no element <profile>');
  const whole = (path: readonly string[]): string => element(text, path);
  const number = (...path: readonly string[]): number => {
    const value = whole(path);
    if (!/^\d+(?:\.\d+)?$/u.test(value)) {
      throw new VendorReportError('lacks', `${path.join('/')} is '${value}', not a number`);
    }
    return Number(value);
  };
  const overall = ['PerformanceEstimates', 'SummaryOfOverallLatency'] as const;
  const [best, worst] = [number(...overall, 'Best-caseLatency'), number(...overall, 'Worst-caseLatency')];
  if (best !== worst) {
    throw new VendorReportError('unreadable', `its latency is ${best} to ${worst} clocks, not a fixed one`);
  }
  const clock = number('PerformanceEstimates', 'SummaryOfTimingAnalysis', 'EstimatedClockPeriod');
  const counts = (name: string): readonly [number, number] => [
    number('AreaEstimates', 'Resources', name),
    number('AreaEstimates', 'AvailableResources', name),
  ];
  const interval = number(...overall, 'Interval-max');
  const period = number('UserAssignments', 'TargetClockPeriod');
  const resources = (
    [
      ['lut', 'LUT', counts('LUT')],
      ['flip_flops', 'FF', counts('FF')],
      ['dsp', 'DSP', counts('DSP')],
      ['bram', 'BRAM', counts('BRAM_18K').map((count) => count / BRAM_PER_BLOCK)],
    ] as const
  ).map(([name, unit, [used = 0, available = 0]]) => ({ name, unit, used, available }));
  return {
    tool: { name: 'Vitis HLS', version: whole(['ReportVersion', 'Version']) },
    top: whole(['UserAssignments', 'TopModelName']),
    origin: 'csynth',
    figures: (origin) => ({
      latency: { value: worst, unit: 'clocks', origin },
      latency_ns: { value: worst * period, unit: 'ns', origin },
      ii: { value: interval, unit: 'clocks', origin },
      clock_period: { value: period, unit: 'ns', origin },
      minimum_period: { value: clock, unit: 'ns', origin },
      ...Object.fromEntries(
        resources.map(({ name, unit, used, available }) => [
          name,
          { value: used, unit, origin, ...(available === 0 ? {} : { share: used / available }) },
        ]),
      ),
    }),
  };
}

/** The text of the first element on a path. These reports have neither attributes nor markup in the values read here. */
function element(text: string, path: readonly string[]): string {
  let inner = text;
  for (const name of path) {
    const start = inner.indexOf(`<${name}>`);
    const end = start < 0 ? -1 : inner.indexOf(`</${name}>`, start);
    if (end < 0) throw new VendorReportError('lacks', `it has no ${path.join('/')}`);
    inner = inner.slice(start + name.length + 2, end);
  }
  return inner.trim();
}

// Verilog of anyone to a mapped netlist, its resources and its longest paths: Yosys, then the project's own analysis.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from './measure.mjs';

const { ADDER_MAP, flowNames, yosysScript } = await load('synthesis/flow.js');
const { readMappedNetlist } = await load('synthesis/netlist.js');
const { countResources } = await load('synthesis/resources.js');
const { analyseTiming } = await load('synthesis/timing.js');
const { delayModels } = await load('targets/delay-model.js');

export { flowNames };

/** Version of the native Yosys, or undefined. Published figures are of 0.23. */
export function yosysVersion() {
  const result = spawnSync('yosys', ['-V'], { encoding: 'utf8' });
  return result.status === 0 ? /^Yosys (\S+)/u.exec(result.stdout)?.[1] : undefined;
}

/**
 * Map Verilog files (paths relative to `cwd`) and measure the result: LUT1-6 sum, LUT sites, flip-flops, carry blocks,
 * multiplexers, and the segments in ns. Files of the run stay in `folder`.
 */
export function synthesise({ top, sources, cwd, folder, flow, family = '7-series' }) {
  mkdirSync(folder, { recursive: true });
  const [adderMap, netlist, script] = ['adders.v', `${flow}.json`, `${flow}.ys`].map((name) => join(folder, name));
  writeFileSync(adderMap, ADDER_MAP);
  writeFileSync(script, yosysScript({ flow, family, top, sources, adderMap, netlist }));
  const started = performance.now();
  // At the lowest priority: minutes of it must not disturb what is timed elsewhere.
  const words = ['-n', '15', 'yosys', '-q', '-s', script];
  const result = spawnSync('nice', words, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`Yosys on ${top}: ${result.stderr.trim().split('\n').at(-1)}`);
  const mapped = readMappedNetlist(JSON.parse(readFileSync(netlist, 'utf8')), top);
  const { segments, latency, mixedEnds } = analyseTiming(mapped, delayModels[family]);
  const paths = segments.map(({ rank, delay, from, to, end }) => ({ rank, delay, from, to, end }));
  const seconds = (performance.now() - started) / 1000;
  return { flow, ...countResources(mapped), segments: paths, latency, mixedEnds, seconds };
}

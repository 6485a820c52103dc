// Longest paths and resources of a mapped netlist, by the same delay model for every design: the JSON that Yosys'
// write_json gives after a mapping flow (src/synthesis/flow.ts), whoever made the Verilog.
// Usage: npm run build && node scripts/timing.mjs NETLIST.json [--family 7-series] [--top MODULE] [--path] [--json]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from './bench/measure.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    family: { type: 'string', default: '7-series' },
    top: { type: 'string' },
    path: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const { readMappedNetlist, NetlistError } = await load('synthesis/netlist.js');
const { analyseTiming } = await load('synthesis/timing.js');
const { countResources } = await load('synthesis/resources.js');
const { delayModels } = await load('targets/delay-model.js');

const model = delayModels[options.family];
const [file, ...others] = positionals;
if (file === undefined || others.length > 0 || model === undefined) {
  console.error(
    `usage: timing.mjs NETLIST.json [--family ${Object.keys(delayModels).join('|')}] [--top MODULE] [--path]`,
  );
  process.exit(2);
}
try {
  const netlist = readMappedNetlist(JSON.parse(readFileSync(file, 'utf8')), options.top);
  const resources = countResources(netlist);
  const timing = analyseTiming(netlist, model);
  if (options.json) console.log(JSON.stringify({ top: netlist.top, resources, timing }, null, 2));
  else print(netlist.top, resources, timing);
} catch (error) {
  if (!(error instanceof NetlistError)) throw error;
  console.error(`${file}: ${error.message}`);
  process.exit(2);
}

function print(top, resources, { segments, latency, mixedEnds }) {
  const sizes = resources.lut.map((count, index) => `LUT${index + 1} ${count}`).join(', ');
  console.log(
    `${top}: ${resources.lutSum} LUT (${sizes}), ${resources.lutSites} LUT sites, ${resources.inverters} INV`,
  );
  console.log(
    `${resources.flipFlops} FF, ${resources.shiftRegisters} SRL, ${resources.carryBlocks} carry blocks of ` +
      `${resources.carryBits} bits in use, ${resources.wideMultiplexers} MUXF, ${resources.dsp} DSP; ${latency} ranks`,
  );
  if (mixedEnds > 0) console.log(`${mixedEnds} registers or outputs read values of several ranks`);
  console.log(`family ${options.family}: ${model.source}`);
  for (const { rank, delay, from, to, end, path } of segments) {
    console.log(`segment ${rank}, ${from} to ${to}: ${delay.toFixed(2)} ns, ${path[0]?.net ?? ''} to ${end}`);
    if (!options.path) continue;
    for (const step of path)
      console.log(`  ${step.time.toFixed(3).padStart(8)}  ${step.through.padEnd(6)} ${step.net}`);
  }
}

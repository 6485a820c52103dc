// Processor milliseconds of each stage from ONNX to Verilog text, cold, in one process. Prints JSON.
// Usage: npm run build && node scripts/bench/stages.mjs MODEL.onnx
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { load } from './measure.mjs';

const stages = {};
let nodes = 0;
async function stage(name, work) {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  stages[name] = (user + system) / 1000;
  return result;
}

const started = process.cpuUsage();
stages['start of node'] = (started.user + started.system) / 1000;
const library = await stage('load of modules', async () => ({
  ...(await load('importers/onnx/import.js')),
  ...(await load('passes/model/assign-types.js')),
  ...(await load('passes/pass.js')),
  ...(await load('passes/model/pipelines.js')),
  ...(await load('passes/dataflow/pipelines.js')),
  ...(await load('lowering/model/lower-model.js')),
  ...(await load('lowering/schedule/schedule-program.js')),
  ...(await load('lowering/rtl/netlist.js')),
  ...(await load('backends/verilog/print-module.js')),
  ...(await load('backends/emulator/emulator.js')),
  ...(await load('dataflow/verify.js')),
  ...(await load('model/verify.js')),
  ...(await load('config/settings.js')),
  ...(await load('config/config.js')),
  ...(await load('diagnostics/result.js')),
}));
const { unwrap } = library;

const [path] = process.argv.slice(2);
const name = basename(path, '.onnx');
const bytes = readFileSync(path);
const { graph } = await stage('import', () => unwrap(library.importOnnx(bytes, { modelName: name, modelPath: path })));
const typed = await stage('typing', () => {
  const typing = library.undeclared(library.emptyConfig.default);
  const verify = (model) => library.verifyModel(model, { typed: true });
  const first = unwrap(library.runPipeline(graph, library.typingPipeline(typing), {}));
  return unwrap(library.runPipeline(first, library.modelPipeline, {}, { verify }));
});
const lowered = await stage('lowering', () => library.lowerModel(typed));
let verifying = 0;
const program = await stage('passes', () =>
  unwrap(
    library.dataflowPipeline(
      lowered,
      {},
      {
        verify: (each) => {
          const before = process.cpuUsage();
          library.verifyProgram(each);
          const { user, system } = process.cpuUsage(before);
          verifying += (user + system) / 1000;
        },
      },
    ),
  ),
);
stages.passes -= verifying;
stages['checks between passes'] = verifying;
const settings = unwrap(library.resolveSettings(library.emptyConfig, { latency: process.argv[3] }, name));
const scheduled = await stage('schedule', () =>
  unwrap(library.scheduleProgram(program, { ...settings, model: settings.part.delays })),
);
const text = await stage('print', () => {
  const ports = { ports: settings.ports, registers: settings.registers, valid: settings.valid };
  const timing = { schedule: scheduled.schedule, interface: ports, initiationInterval: 1 };
  const provenance = { model: name, modelHash: 'none', configHash: 'none', version: '0' };
  const { modules } = library.buildNetlist({ name: settings.topName, program, ...timing }, provenance);
  return modules.map((module) => library.printModule(module));
});
await stage('emulator', () => library.compileEmulator(typed));
for (const kernel of program.kernels) nodes += kernel.nodes.length;
const lines = text.reduce((sum, module) => sum + module.split('\n').length, 0);
console.log(JSON.stringify({ stages, nodes, lines }));

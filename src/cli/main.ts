import yargs from 'yargs';
import { strengths } from '../budget/figure-set.js';
import { commandCodes } from '../diagnostics/codes/command.js';
import { precisionCodes } from '../diagnostics/codes/precision.js';
import { synthesisCodes } from '../diagnostics/codes/synthesis.js';
import { diagnose, printable } from '../diagnostics/diagnostic.js';
import { DiagnosticError } from '../diagnostics/result.js';
import { DEFAULT_BUNCHES } from '../evaluation/operating-point.js';
import {
  hlsControlChoices,
  hlsFormChoices,
  hlsInterfaceChoices,
  hlsStrategyChoices,
  languageChoices,
  packageChoices,
} from '../config/language.js';
import { version } from '../version.js';
import { integerBitsPolicies } from '../report/calibration-details.js';
import { calibrationArguments, DEFAULT_MARGIN } from './calibration-arguments.js';
import type { Console } from './console.js';
import { exitCode, processConsole, showDiagnostics } from './console.js';
import { joinRepeated, searchArguments, searchOptions, splitRepeated } from './search-options.js';
import { wholeNumber } from './whole-number.js';

const policies = ['exact', 'quantise'] as const;
const engines = ['auto', 'yosys', 'verilator', 'verilator-wasm', 'icarus', 'ghdl', 'hls'] as const;
const flows = ['keep-adders', 'standard'] as const;
const synthesisEngines = ['auto', 'wasm', 'native'] as const;
/** Longer than any timer of Node can wait would be no limit at all. */
const MAXIMUM_SECONDS = 1_000_000;
const DEFAULT_VECTORS = 1000;
const MAXIMUM_VECTORS = 10_000_000;
const MAXIMUM_THREADS = 256;
const MAXIMUM_WAVE_CYCLES = 1_000_000;

/**
 * Run one command. Returns the exit code: 0 ok, 1 a check failed, 2 bad input, configuration or usage, 3 a tool is
 * missing, 70 an internal error.
 */
export async function main(words: readonly string[], console: Console = processConsole): Promise<number> {
  try {
    return await dispatch(words, console);
  } catch (error) {
    if (error instanceof DiagnosticError) {
      showDiagnostics(console, error.diagnostics);
      const missing: readonly string[] = [commandCodes.toolMissing.code, synthesisCodes.toolMissing.code];
      if (error.diagnostics.some(({ code }) => missing.includes(code))) return exitCode.toolMissing;
      const failed = error.diagnostics.some(({ code }) => code === precisionCodes.goalNotMet.code);
      return failed ? exitCode.checkFailed : exitCode.badInput;
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.note(`internal error of Trigc ${version}: please report it with the model and the command\n${detail}`);
    return exitCode.internal;
  }
}

async function dispatch(words: readonly string[], console: Console): Promise<number> {
  // Each command loads its own part of the compiler: reading all of it takes longer than a small job.
  let run: (() => Promise<number>) | undefined;
  let help = '';
  const parser = yargs()
    .scriptName('trigc')
    .usage('$0 COMMAND\n\nTrigger-model compiler: ONNX or QONNX to fixed-latency Verilog, proven bit-exact.')
    .version(version)
    .strict()
    .demandCommand(1, 1, 'a command is needed')
    .exitProcess(false)
    .showHelpOnFail(false)
    .wrap(100)
    .parserConfiguration({ 'duplicate-arguments-array': false, 'boolean-negation': false, 'parse-numbers': false })
    .command(
      'inspect <model>',
      'print the graph, its sizes and quantisers, a preview of cost, and everything that is not supported',
      (command) =>
        command
          .positional('model', { type: 'string', demandOption: true, describe: 'ONNX or QONNX file' })
          .option('no-cost', { type: 'boolean', default: false, describe: 'no preview of cost' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ model, noCost, json }) => {
        run = async () =>
          (await import('./inspect-command.js')).inspectCommand({ model, cost: !noCost, json }, console);
      },
    )
    .command(
      'compile <model>',
      'compile a model to Verilog',
      (command) =>
        searchOptions(command)
          .positional('model', { type: 'string', demandOption: true, describe: 'ONNX or QONNX file' })
          .option('data', { type: 'string', describe: 'events that types are chosen from: .npy, .csv, .csv.gz' })
          .option('output', { alias: 'o', type: 'string', demandOption: true, describe: 'folder to write' })
          .option('config', { type: 'string', describe: 'trigc.yaml' })
          .option('prune', { type: 'string', describe: 'share of the LUTs of products to save, as 30%; needs --data' })
          .option('precision', { type: 'string', describe: 'precision.json of an earlier search' })
          .option('integer-bits', {
            choices: integerBitsPolicies,
            implies: 'data',
            describe: 'from the data, or from what the operands allow (default: data)',
          })
          .option('margin', {
            type: 'string',
            implies: 'data',
            describe: `integer bits beyond what the data need (default: ${DEFAULT_MARGIN})`,
          })
          .option('fraction-bits', {
            type: 'string',
            implies: 'data',
            describe: 'fraction bits of chosen types (default: as many as the default type has room for)',
          })
          .option('target', { type: 'string', describe: 'named target, such as ugt-run3' })
          .option('clock', { type: 'string', describe: 'period or frequency: 25ns, 240MHz' })
          .option('latency', { type: 'string', describe: 'register ranks from input to output' })
          .option('ii', {
            type: 'string',
            describe: 'clocks from one event to the next, or a time: 8, 1BX (default: 1)',
          })
          .option('dsp', {
            type: 'string',
            describe: 'with --ii, multiplier blocks for matrices: 200, 5% (default: none)',
          })
          .option('pin-latency', { type: 'boolean', describe: 'a latency that does not meet the clock is an error' })
          .option('part', { type: 'string', describe: 'device of the target' })
          .option('three-operand-adders', { type: 'boolean', describe: 'assume sums of three in one LUT per bit' })
          .option('name', { type: 'string', describe: 'name of the top module' })
          .option('prefix', { type: 'string', describe: 'begins the names of all modules and source files' })
          .option('language', { choices: languageChoices, describe: 'what the design is printed as (default: both)' })
          .option('package', { choices: packageChoices, describe: 'ipbb: an IPBB component with its .dep file' })
          .option('emulator-package', { type: 'boolean', describe: 'write emulator/: C++ with the interface of CMS' })
          .option('hls', { choices: hlsFormChoices, describe: 'write hls/: C++ for Vitis HLS (default: none)' })
          .option('hls-interface', { choices: hlsInterfaceChoices, describe: 'ports of it (default: parallel)' })
          .option('hls-control', { choices: hlsControlChoices, describe: 'handshake of its block' })
          .option('strategy', { choices: hlsStrategyChoices, describe: 'products of it (default: latency)' })
          .option('reuse-factor', { type: 'string', describe: 'turns that share a multiplier of it (default: 1)' })
          .option('effort', { type: 'string', describe: 'search: fast, default, high, or a time such as 30s' })
          .option('seed', { type: 'string', describe: 'seed of the search and of the testbench vectors' })
          .option('depth-slack', { type: 'string', describe: 'levels of adders beyond the fewest possible' })
          .option('threads', { type: 'string', describe: 'threads of the search (default: all processors)' })
          .option('max-operations', { type: 'string', describe: 'scalar operations that are unrolled at most' })
          .option('no-cache', { type: 'boolean', default: false, describe: 'neither read nor keep solutions' })
          .option('strict', { type: 'boolean', default: false, describe: 'warnings are errors' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' })
          .option('verify', { type: 'boolean', default: false, describe: 'verify the folder afterwards' }),
      ({
        model,
        output,
        config,
        target,
        clock,
        latency,
        part,
        name,
        effort,
        seed,
        strict,
        json,
        verify,
        ...machine
      }) => {
        run = async () => {
          const { compileCommand } = await import('./compile-command.js');
          const settings = { model, output, config, target, clock, latency, part, name, effort, seed, strict, json };
          const { threads, pinLatency, threeOperandAdders, depthSlack, maxOperations, prefix, language } = machine;
          const limits = {
            ii: machine.ii,
            dsp: machine.dsp,
            pinLatency,
            threeOperandAdders,
            depthSlack,
            prefix,
            language,
            precision: machine.precision,
            prune: machine.prune === undefined ? undefined : { share: machine.prune, data: machine.data },
            search: searchArguments({ ...machine, seed }, wholeNumber),
            calibration: machine.data === undefined ? undefined : calibrationArguments(machine.data, machine),
            package: machine.package,
            emulatorPackage: machine.emulatorPackage,
            hls: machine.hls,
            hlsInterface: machine.hlsInterface,
            hlsControl: machine.hlsControl,
            strategy: machine.strategy,
            reuseFactor: machine.reuseFactor,
            threads: threads === undefined ? undefined : wholeNumber('--threads', threads, MAXIMUM_THREADS, 1),
            maximumOperations:
              maxOperations === undefined ? undefined : wholeNumber('--max-operations', maxOperations, 1e9, 1),
            cache: !machine.noCache,
          };
          const code = await compileCommand({ ...settings, ...limits }, console);
          if (code !== exitCode.ok || !verify) return code;
          const defaults = { codes: false, policy: 'exact', vectors: DEFAULT_VECTORS, seed: 1, json } as const;
          const { verifyCommand } = await import('./verify-command.js');
          return verifyCommand({ folder: output, engine: 'auto', ...defaults }, console);
        };
      },
    )
    .command(
      'explore <model>',
      'find precisions that no other beats in loss, LUTs and latency, or (--ii) what an interval between events saves',
      (command) =>
        searchOptions(command)
          .positional('model', { type: 'string', demandOption: true, describe: 'ONNX or QONNX file' })
          .option('ii', {
            type: 'string',
            conflicts: 'loss',
            describe: 'instead of precisions: intervals between events in clocks, such as 1..54 or 1,6,9',
          })
          .option('dsp', { type: 'string', implies: 'ii', describe: 'multiplier blocks for matrices: 200, 5%' })
          .option('loss', {
            type: 'string',
            describe: 'what to set against LUTs, such as "efficiency_loss(1e-3)", "exchange(1e-4)", auc_loss',
          })
          .option('data', { type: 'string', describe: 'background events: .npy, .csv, .csv.gz' })
          .option('output', { alias: 'o', type: 'string', demandOption: true, describe: 'folder to write' })
          .option('config', { type: 'string', describe: 'trigc.yaml' })
          .option('target', { type: 'string', describe: 'named target, such as ugt-run3' })
          .option('clock', { type: 'string', describe: 'period or frequency: 25ns, 240MHz' })
          .option('latency', { type: 'string', describe: 'register ranks from input to output' })
          .option('part', { type: 'string', describe: 'device of the target' })
          .option('seed', { type: 'string', describe: 'seed of the search' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ model, loss, output, config, target, clock, latency, part, seed, json, ...options }) => {
        run = async () => {
          if (options.goal !== undefined) {
            const message = 'an exploration has a --loss, and no goals';
            throw new DiagnosticError([diagnose(commandCodes.usage, message, { configPath: '--goal' })]);
          }
          if (options.ii !== undefined) {
            const { exploreIntervals } = await import('./explore-intervals.js');
            const intervals = options.ii;
            const { dsp } = options;
            const asked = { model, output, config, target, clock, latency, part, dsp, seed, json, intervals };
            return exploreIntervals(asked, console);
          }
          if (loss === undefined) {
            const message = 'an exploration has a --loss, or intervals (--ii)';
            throw new DiagnosticError([diagnose(commandCodes.usage, message, { configPath: '--loss' })]);
          }
          const { exploreCommand } = await import('./explore-command.js');
          const search = searchArguments({ ...options, seed }, wholeNumber);
          const asked = { model, loss, output, config, target, clock, latency, part, seed, json };
          return exploreCommand({ ...asked, search }, console);
        };
      },
    )
    .command(
      'emulate <folder>',
      'evaluate events with the bit-accurate emulator',
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('input', {
            type: 'string',
            demandOption: true,
            describe: 'events: .csv, .npy, Global Trigger .txt; .gz',
          })
          .option('output', { type: 'string', demandOption: true, describe: 'file to write' })
          .option('codes', { type: 'boolean', default: false, describe: 'integer codes instead of real values' })
          .option('input-policy', { choices: policies, default: policies[0], describe: 'values beside the grid' }),
      ({ folder, input, output, codes, inputPolicy }) => {
        run = async () =>
          (await import('./emulate-command.js')).emulateCommand(
            { folder, input, output, codes, policy: inputPolicy },
            console,
          );
      },
    )
    .command(
      'evaluate <folder>',
      'measure what fixed point costs the physics, against the float model: figures/evaluate.json',
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('background', { type: 'string', describe: 'events of zero bias: .csv, .csv.gz, .npy' })
          .option('signal', { type: 'string', describe: 'events of a signal: NAME=FILE; repeatable' })
          .option('class', { type: 'string', describe: 'events of a class: NAME=FILE; one for each output' })
          .option('score', { type: 'string', describe: 'formula: "y[0]", "out[1] / (out[0] + out[1])"' })
          .option('accept', { choices: ['larger', 'smaller'] as const, default: 'larger' as const, describe: 'scores' })
          .option('bunches', { type: 'string', default: String(DEFAULT_BUNCHES), describe: 'colliding bunches' })
          .option('point', { type: 'string', describe: 'further operating point: 2kHz, 5e-4; repeatable' })
          .option('layer-events', { type: 'string', default: '5000', describe: 'of each sample for loss by layer; 0' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ folder, background, signal, class: classes, score, accept, bunches, point, layerEvents, json }) => {
        run = async () =>
          (await import('./evaluate-command.js')).evaluateCommand(
            {
              folder,
              background,
              signals: splitRepeated(signal),
              classes: splitRepeated(classes),
              score,
              accept,
              bunches: wholeNumber('--bunches', bunches, 3564, 1),
              points: splitRepeated(point),
              layerEvents: wholeNumber('--layer-events', layerEvents, 1_000_000),
              json,
            },
            console,
          );
      },
    )
    .command(
      'verify <folder>',
      'simulate the Verilog against the emulator, bit for bit',
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('input', { type: 'string', describe: 'events: .csv, .npy, Global Trigger .txt; .gz' })
          .option('codes', { type: 'boolean', default: false, describe: 'integer codes instead of real values' })
          .option('input-policy', { choices: policies, default: policies[0], describe: 'values beside the grid' })
          .option('expect', { type: 'string', describe: 'output codes to compare with as well' })
          .option('vectors', { type: 'string', default: String(DEFAULT_VECTORS), describe: 'vectors without --input' })
          .option('seed', { type: 'string', default: '1', describe: 'seed of the drawn vectors' })
          .option('engine', { choices: engines, default: engines[0], describe: 'simulation engine' })
          .option('ap-types', { type: 'string', describe: 'folder of ap_fixed.h, for engine hls' })
          .option('waves', { type: 'string', describe: 'VCD file to write: the cycles around the first mismatch' })
          .option('wave-cycles', { type: 'string', implies: 'waves', describe: 'cycles in it (default: 64)' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({
        folder,
        input,
        codes,
        inputPolicy,
        expect,
        vectors,
        seed,
        engine,
        apTypes,
        waves,
        waveCycles = '64',
        json,
      }) => {
        run = async () =>
          (await import('./verify-command.js')).verifyCommand(
            {
              folder,
              input,
              codes,
              policy: inputPolicy,
              expect,
              vectors: wholeNumber('--vectors', vectors, MAXIMUM_VECTORS),
              seed: wholeNumber('--seed', seed, 2 ** 32 - 1),
              engine,
              apTypes,
              json,
              waves:
                waves === undefined
                  ? undefined
                  : { path: waves, cycles: wholeNumber('--wave-cycles', waveCycles, MAXIMUM_WAVE_CYCLES, 1) },
            },
            console,
          );
      },
    )
    .command(
      'check <folder>',
      'hold the figures of a compiled folder against budgets and a baseline',
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('budget', { type: 'string', describe: 'budget.yaml; those of trigc.yaml are checked as well' })
          .option('baseline', { type: 'string', describe: 'figures of an accepted design, for baseline.NAME' })
          .option('update-baseline', { type: 'boolean', default: false, describe: 'record the figures of now in it' })
          .option('origin', { choices: strengths, describe: 'weakest origin of figures that counts' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' })
          .option('junit', { type: 'string', describe: 'JUnit XML file to write' })
          .option('sarif', { type: 'string', describe: 'SARIF 2.1.0 file to write' })
          .option('github-summary', { type: 'string', describe: 'Markdown: to a file, or to the step summary' }),
      ({ folder, budget, baseline, updateBaseline, origin, json, junit, sarif, githubSummary }) => {
        run = async () =>
          (await import('./check-command.js')).checkCommand(
            { folder, budget, baseline, updateBaseline, origin, json, junit, sarif, githubSummary },
            console,
          );
      },
    )
    .command(
      'synth <folder>',
      'count resources of the Verilog with Yosys: figures/yosys.json',
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('flow', { choices: flows, default: flows[0], describe: 'how Verilog becomes cells' })
          .option('engine', { choices: synthesisEngines, default: synthesisEngines[0], describe: 'auto is wasm' })
          .option('layers', { type: 'boolean', default: false, describe: 'by layer as well, in a second run' })
          .option('threads', { type: 'string', default: '1', describe: '2: both runs at the same time' })
          .option('no-dsp', { type: 'boolean', default: false, describe: 'multiplications in logic in any case' })
          .option('timeout', { type: 'string', default: '3600', describe: 'seconds for each run of Yosys' })
          .option('no-cache', { type: 'boolean', default: false, describe: 'neither read nor keep results' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ folder, threads, timeout, noCache, ...options }) => {
        const { flow, engine, layers, noDsp, json } = options;
        run = async () =>
          (await import('./synth-command.js')).synthCommand(
            {
              folder,
              flow,
              engine,
              layers,
              threads: wholeNumber('--threads', threads, MAXIMUM_THREADS, 1),
              noDsp,
              timeout: wholeNumber('--timeout', timeout, MAXIMUM_SECONDS, 1),
              cache: !noCache,
              json,
            },
            console,
          );
      },
    )
    .command(
      'import-reports <folder>',
      "read Vivado's utilisation and timing reports and csynth.xml of Vitis HLS",
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('vivado-utilization', { type: 'string', describe: 'file of report_utilization' })
          .option('vivado-timing', { type: 'string', describe: 'file of report_timing_summary' })
          .option('csynth', { type: 'string', describe: 'csynth.xml' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ folder, vivadoUtilization: utilization, vivadoTiming: timing, csynth, json }) => {
        run = async () =>
          (await import('./import-reports-command.js')).importReportsCommand(
            { folder, utilization, timing, csynth, json },
            console,
          );
      },
    )
    .command(
      'import-hls4ml <project>',
      'read a written hls4ml project into model.onnx and trigc.yaml that give the same bits',
      (command) =>
        command
          .positional('project', { type: 'string', demandOption: true, describe: 'output folder of hls4ml' })
          .option('output', { alias: 'o', type: 'string', demandOption: true, describe: 'folder to write' })
          .option('until', { type: 'string', describe: 'layer to end at, where the rest has no counterpart' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ project, output, until, json }) => {
        run = async () =>
          (await import('./import-hls4ml-command.js')).importHls4mlCommand({ project, output, until, json }, console);
      },
    )
    .command(
      'report <folder>',
      'print every figure of a compiled folder as Markdown, a column for each origin',
      (command) =>
        command
          .positional('folder', { type: 'string', demandOption: true, describe: 'compiled folder' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ folder, json }) => {
        run = async () => (await import('./report-command.js')).reportCommand({ folder, json }, console);
      },
    )
    .command(
      'doctor',
      'list the engines, tools and caches that Trigc can use here, and how to get the rest',
      (command) =>
        command
          .option('clear-cache', { type: 'boolean', default: false, describe: 'first empty the cache' })
          .option('json', { type: 'boolean', default: false, describe: 'machine-readable result' }),
      ({ clearCache, json }) => {
        run = async () => (await import('./doctor-command.js')).doctorCommand({ clearCache, json }, console);
      },
    );
  try {
    await parser.parse([...joinRepeated(words)], (error: Error | undefined, _: unknown, output: string) => {
      if (error instanceof Error) throw error;
      help = output;
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DiagnosticError([diagnose(commandCodes.usage, printable(message))]);
  }
  if (run !== undefined) return run();
  console.result(help);
  return exitCode.ok;
}

import type { DiagnosticKind } from '../diagnostic.js';

/** The command line, its folders and its tools (TRG4001 to TRG4099). */
export const commandCodes = {
  usage: {
    code: 'TRG4001',
    severity: 'error',
    title: 'the command line is not understood',
    hint: 'trigc --help lists the commands, trigc COMMAND --help their options',
  },
  outputNotOurs: {
    code: 'TRG4002',
    severity: 'error',
    title: 'the output folder holds something that Trigc did not write',
    hint: 'name a new or empty folder, or one that an earlier trigc compile wrote',
  },
  outputNotWritable: {
    code: 'TRG4003',
    severity: 'error',
    title: 'the output cannot be written',
    hint: 'check that the folder above it exists and that you may write there',
  },
  notCompiled: {
    code: 'TRG4004',
    severity: 'error',
    title: 'the folder is not the output of trigc compile',
    hint: 'compile a model first: trigc compile MODEL -o DIR',
  },
  damagedFolder: {
    code: 'TRG4005',
    severity: 'error',
    title: 'a file of the compiled folder is missing or cannot be read',
    hint: 'compile the model again',
  },
  changedFile: {
    code: 'TRG4006',
    severity: 'warning',
    title: 'a file has changed since it was compiled',
    hint: 'the values of this run decide; compile again to be rid of the warning',
  },
  configNotReadable: {
    code: 'TRG4007',
    severity: 'error',
    title: 'the configuration file cannot be read',
    hint: 'check the path given with --config',
  },
  toolMissing: {
    code: 'TRG4008',
    severity: 'error',
    title: 'a simulation engine is missing or failed',
    hint: 'trigc doctor lists the engines; --engine yosys needs nothing but the npm packages',
  },
  designRefused: {
    code: 'TRG4009',
    severity: 'error',
    title: 'the engine could not read or run the sources of the folder',
    hint: 'if the files were not edited, this is a bug: please report it with the folder',
  },
  expectedShape: {
    code: 'TRG4010',
    severity: 'error',
    title: 'the expected outputs do not match the inputs',
    hint: 'the file holds one row per input event and one column per output element, as codes',
  },
  noVectors: {
    code: 'TRG4011',
    severity: 'error',
    title: 'there is nothing to verify',
    hint: 'give at least one event, or --vectors of 1 or more',
  },
  strictWarning: {
    code: 'TRG4012',
    severity: 'error',
    title: 'a warning counts as an error under --strict',
    hint: 'mend what the warning names, or compile without --strict',
  },
  promiseViolated: {
    code: 'TRG4013',
    severity: 'error',
    title: 'input values break a declared promise',
    hint: 'the design was built for the promised ranges: correct the data or the declaration',
  },
  evaluatorsDisagree: {
    code: 'TRG4014',
    severity: 'error',
    title: 'the two evaluators of the model disagree',
    hint: 'this is a bug of Trigc: please report it with the model',
  },
  cacheNotUsable: {
    code: 'TRG4015',
    severity: 'note',
    title: 'solutions cannot be kept for the next compilation',
    hint: 'the result is the same; set XDG_CACHE_HOME to a folder that can be written, or give --no-cache',
  },
  branchesNotTaken: {
    code: 'TRG4041',
    severity: 'warning',
    title: 'the vectors leave saturations, roundings or entries of tables untried',
    hint: 'verify events that reach them (--input FILE), or find that none can; --json lists all branches',
  },
  languageMissing: {
    code: 'TRG4040',
    severity: 'error',
    title: 'the folder lacks the language of the engine',
    hint: 'compile with --language both, or choose an engine of the other language: ghdl reads VHDL, the others Verilog',
  },
} as const satisfies Record<string, DiagnosticKind>;

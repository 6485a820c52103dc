import type { DiagnosticKind } from '../diagnostic.js';

/** Synthesis with Yosys, and reports of vendor tools (TRG5101 to TRG5199). */
export const synthesisCodes = {
  toolMissing: {
    code: 'TRG5101',
    severity: 'error',
    title: 'the synthesis tool is missing',
    hint: '--engine wasm needs nothing but the npm packages; --engine native needs yosys on PATH',
  },
  failed: {
    code: 'TRG5102',
    severity: 'error',
    title: 'synthesis failed',
    hint: 'if the files were not edited, this is a bug: please report it with the folder',
  },
  timedOut: {
    code: 'TRG5103',
    severity: 'error',
    title: 'synthesis took too long and was ended',
    hint: 'give more time with --timeout, or use --engine native, which takes about half of it',
  },
  outOfMemory: {
    code: 'TRG5104',
    severity: 'error',
    title: 'synthesis ran out of memory',
    hint: 'use --engine native, which has no limit of 4 GiB, or a machine with more memory',
  },
  regionExceeded: {
    code: 'TRG5105',
    severity: 'warning',
    title: 'the design takes more than one super logic region has',
    hint: 'it has to be split over regions, and each crossing costs time that no figure here knows',
  },
  timingUnknown: {
    code: 'TRG5106',
    severity: 'note',
    title: 'there is no figure of timing',
    hint: 'memory blocks and rare modes of DSP blocks have no delay in the model; --no-dsp maps multiplications to logic',
  },
  reportUnreadable: {
    code: 'TRG5107',
    severity: 'error',
    title: 'the file is not a report of the named kind',
    hint: 'give the text of report_utilization and report_timing_summary, or the csynth.xml of Vitis HLS',
  },
  reportLacksFigure: {
    code: 'TRG5108',
    severity: 'error',
    title: 'a figure is missing in the report',
    hint: 'write the report again with the commands of vivado/ooc.tcl',
  },
  reportOfOther: {
    code: 'TRG5109',
    severity: 'error',
    title: 'the report belongs to another design',
    hint: 'give the report of the top module that is in the folder',
  },
} as const satisfies Record<string, DiagnosticKind>;

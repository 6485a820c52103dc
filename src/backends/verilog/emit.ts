import { commentText } from '../../support/legal-names.js';
import { invariant } from '../../support/invariant.js';
import type { Design } from '../../design/design.js';
import type { DesignModules } from '../../lowering/rtl/modules.js';
import type { RtlModule } from '../../rtl/module.js';
import type { EmitContext } from '../render-template.js';
import { renderTemplate } from '../render-template.js';
import { printModule } from './print-module.js';
import type { InputPromise, TestbenchOptions } from './testbench.js';
import { TESTBENCH_TEMPLATE, testbenchView } from './testbench.js';
import type { VivadoOptions } from './vivado.js';
import { VIVADO_TCL_TEMPLATE, VIVADO_XDC_TEMPLATE, vivadoTclView, vivadoXdcView } from './vivado.js';

/** What the files of a design say beside its modules, in any hardware language. */
export interface HardwareOptions {
  readonly design: Design;
  /** What the design was made from, for the header of each file. The names may hold any text. */
  readonly provenance: {
    readonly version: string;
    readonly model: string;
    readonly modelHash: string;
    readonly configHash: string;
  };
  /** Ranges that the testbench holds the stimulus to. */
  readonly promises: readonly InputPromise[];
  /** Vivado's part string; absent for a target without a device. */
  readonly part?: string;
  /** ns */
  readonly clockPeriod: number;
  readonly inputDelay: number;
  readonly outputDelay: number;
  readonly dsp: boolean;
}

export type VerilogOptions = HardwareOptions;

export interface EmittedFile {
  /** Below the output folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/**
 * All files of the Verilog back end: `rtl/<module>.v` with the top module first, `rtl/files.f`, the testbench and the
 * Vivado script with its constraints. The vectors of the testbench are the caller's (`formatVectors`).
 */
export function emitVerilog(
  modules: DesignModules,
  options: HardwareOptions,
  context: EmitContext,
): readonly EmittedFile[] {
  const [top] = modules.modules;
  invariant(top !== undefined, 'a design has a top module');
  const header = fileHeader('//', options.provenance);
  const sources = modules.modules.map((module) => `${module.name}.v`);
  const testbench = testbenchOptions(modules, options, '//', 'v');
  return [
    ...modules.modules.map((module) => ({
      path: `rtl/${module.name}.v`,
      text: `${header}\n\n${printModule(module)}`,
    })),
    { path: 'rtl/files.f', text: sources.map((source) => `rtl/${source}\n`).join('') },
    { path: testbench.file, text: renderTemplate(context.template(TESTBENCH_TEMPLATE), testbenchView(testbench)) },
    ...emitVivado(top, options, { folder: 'rtl', command: 'read_verilog', names: sources }, context),
  ];
}

/** The Vivado script of a top module, and the constraints beside it. */
export function emitVivado(
  top: RtlModule,
  options: HardwareOptions,
  sources: VivadoOptions['sources'],
  context: EmitContext,
): readonly EmittedFile[] {
  const vivado: VivadoOptions = {
    header: fileHeader('#', options.provenance),
    top: top.name,
    file: 'vivado/ooc.tcl',
    constraints: `${top.name}.xdc`,
    sources,
    ...(options.part === undefined ? {} : { part: options.part }),
    ...(top.clock === undefined ? {} : { clock: top.clock }),
    clockPeriod: options.clockPeriod,
    inputDelay: options.inputDelay,
    outputDelay: options.outputDelay,
    dsp: options.dsp,
  };
  return [
    { path: vivado.file, text: renderTemplate(context.template(VIVADO_TCL_TEMPLATE), vivadoTclView(vivado)) },
    {
      path: `vivado/${vivado.constraints}`,
      text: renderTemplate(context.template(VIVADO_XDC_TEMPLATE), vivadoXdcView(vivado)),
    },
  ];
}

/** The testbench of a design, in a file with the given ending. */
export function testbenchOptions(
  modules: DesignModules,
  options: HardwareOptions,
  mark: string,
  ending: string,
): TestbenchOptions {
  const [top] = modules.modules;
  invariant(top !== undefined, 'a design has a top module');
  const name = benchName(modules);
  return {
    header: fileHeader(mark, options.provenance),
    top: top.name,
    name,
    file: `tb/${name}.${ending}`,
    latency: options.design.schedule.latency,
    interval: options.design.initiationInterval,
    ...(top.clock === undefined ? {} : { clock: top.clock }),
    valid: options.design.interface.valid,
    inputs: modules.inputs,
    outputs: modules.outputs,
    promises: options.promises,
  };
}

/** `<top>_tb`, longer where a kernel is called that. */
function benchName({ modules }: DesignModules): string {
  const taken = new Set(modules.map((module) => module.name.toLowerCase()));
  let name = `${modules[0]?.name ?? ''}_tb`;
  while (taken.has(name.toLowerCase())) name += '_tb';
  return name;
}

/** The first lines of every file: what it was made by and from, behind the language's mark of a comment. */
export function fileHeader(mark: string, provenance: HardwareOptions['provenance']): string {
  const { version, model, modelHash, configHash } = provenance;
  const lines = [
    commentText(`Trigc ${version}`),
    commentText(`model ${model}`),
    commentText(`model sha256 ${modelHash}`),
    commentText(`config sha256 ${configHash}`),
  ];
  return lines.map((line) => `${mark} ${line}`).join('\n');
}

import { commentText } from '../../support/legal-names.js';
import { invariant } from '../../support/invariant.js';
import type { Design } from '../../design/design.js';
import type { DesignModules } from '../../lowering/rtl/design-modules.js';
import type { EmitContext } from '../render-template.js';
import { renderTemplate } from '../render-template.js';
import { printModule } from './print-module.js';
import type { InputPromise } from './testbench.js';
import { TESTBENCH_TEMPLATE, testbenchView } from './testbench.js';
import type { VivadoOptions } from './vivado.js';
import { VIVADO_TCL_TEMPLATE, VIVADO_XDC_TEMPLATE, vivadoTclView, vivadoXdcView } from './vivado.js';

export interface VerilogOptions {
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
  options: VerilogOptions,
  context: EmitContext,
): readonly EmittedFile[] {
  const [top] = modules.modules;
  invariant(top !== undefined, 'a design has a top module');
  const header = (mark: string): string =>
    headerLines(options)
      .map((line) => `${mark} ${line}`)
      .join('\n');
  const clock = top.clock === undefined ? {} : { clock: top.clock };
  const sources = modules.modules.map((module) => `${module.name}.v`);
  const bench = benchName(modules);
  const benchFile = `tb/${bench}.v`;
  const vivado: VivadoOptions = {
    header: header('#'),
    top: top.name,
    file: 'vivado/ooc.tcl',
    constraints: `${top.name}.xdc`,
    sources,
    ...(options.part === undefined ? {} : { part: options.part }),
    ...clock,
    clockPeriod: options.clockPeriod,
    inputDelay: options.inputDelay,
    outputDelay: options.outputDelay,
    dsp: options.dsp,
  };
  const testbench = testbenchView({
    header: header('//'),
    top: top.name,
    name: bench,
    file: benchFile,
    latency: options.design.schedule.latency,
    ...clock,
    valid: options.design.interface.valid,
    inputs: modules.inputs,
    outputs: modules.outputs,
    promises: options.promises,
  });
  return [
    ...modules.modules.map((module) => ({
      path: `rtl/${module.name}.v`,
      text: `${header('//')}\n\n${printModule(module)}`,
    })),
    { path: 'rtl/files.f', text: sources.map((source) => `rtl/${source}\n`).join('') },
    { path: benchFile, text: renderTemplate(context.template(TESTBENCH_TEMPLATE), testbench) },
    { path: vivado.file, text: renderTemplate(context.template(VIVADO_TCL_TEMPLATE), vivadoTclView(vivado)) },
    {
      path: `vivado/${vivado.constraints}`,
      text: renderTemplate(context.template(VIVADO_XDC_TEMPLATE), vivadoXdcView(vivado)),
    },
  ];
}

/** `<top>_tb`, longer where a kernel is called that. */
function benchName({ modules }: DesignModules): string {
  const taken = new Set(modules.map((module) => module.name.toLowerCase()));
  let name = `${modules[0]?.name ?? ''}_tb`;
  while (taken.has(name.toLowerCase())) name += '_tb';
  return name;
}

function headerLines({ provenance }: VerilogOptions): readonly string[] {
  const { version, model, modelHash, configHash } = provenance;
  return [
    commentText(`Trigc ${version}`),
    commentText(`model ${model}`),
    commentText(`model sha256 ${modelHash}`),
    commentText(`config sha256 ${configHash}`),
  ];
}

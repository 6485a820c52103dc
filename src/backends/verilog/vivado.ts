import { invariant } from '../../support/invariant.js';
import type { TemplateView } from '../render-template.js';

export const VIVADO_TCL_TEMPLATE = 'vivado-ooc.tcl.hbs';
export const VIVADO_XDC_TEMPLATE = 'vivado-constraints.xdc.hbs';

export interface VivadoOptions {
  /** Lines of `#` comments. */
  readonly header: string;
  readonly top: string;
  /** Paths of the script below the output folder, and of the constraints beside it. */
  readonly file: string;
  readonly constraints: string;
  /** File names in a folder beside the script's, and Vivado's command that reads one. */
  readonly sources: { readonly folder: string; readonly command: string; readonly names: readonly string[] };
  /** Vivado's part string; absent where the target is no device in particular. */
  readonly part?: string;
  /** The top module's clock; absent in a design without registers. */
  readonly clock?: string;
  /** ns */
  readonly clockPeriod: number;
  readonly inputDelay: number;
  readonly outputDelay: number;
  /** Whether multiplications may use DSP blocks. */
  readonly dsp: boolean;
}

/** What the script template prints. */
export function vivadoTclView(options: VivadoOptions): TemplateView {
  const { part } = options;
  invariant(part === undefined || /^[A-Za-z0-9-]+$/u.test(part), 'a part string holds letters, digits and hyphens');
  for (const source of options.sources.names) {
    invariant(/^[A-Za-z0-9_]+\.vh?d?$/u.test(source), `'${source}' is not the name of a source file`);
  }
  return {
    header: options.header,
    top: options.top,
    file: options.file,
    part:
      part === undefined
        ? '# The target names no part: give one with -tclargs part PART.\nset part ""'
        : `set part "${part}"`,
    sources: options.sources.names.map((source) => `    ${source}`).join('\n'),
    sourceFolder: options.sources.folder,
    readCommand: options.sources.command,
    constraints: options.constraints,
    synthesisOptions: options.dsp ? '' : ' -max_dsp 0',
  };
}

/** What the constraints template prints. */
export function vivadoXdcView(options: VivadoOptions): TemplateView {
  const { clock } = options;
  // Vivado counts in picoseconds: rounding down keeps the constraint on the safe side.
  const period = (Math.floor(options.clockPeriod * 1000 + 1e-6) / 1000).toFixed(3);
  return {
    header: options.header,
    top: options.top,
    clock:
      clock === undefined
        ? `# No register inside: a virtual clock stands for those around the block.\ncreate_clock -name virtual_clock -period ${period}`
        : `create_clock -name ${clock} -period ${period} [get_ports ${clock}]`,
    clockName: clock ?? 'virtual_clock',
    inputs: clock === undefined ? '[all_inputs]' : `[get_ports -filter {DIRECTION == IN && NAME != ${clock}}]`,
    inputDelay: options.inputDelay.toFixed(3),
    outputDelay: options.outputDelay.toFixed(3),
    paths:
      clock === undefined
        ? `set_max_delay ${period} -from [all_inputs] -to [all_outputs]`
        : '# Paths from port to port, where there are any, are held to the same clock.',
  };
}

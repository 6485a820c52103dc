import type { Figures } from '../figure-file.js';
import type { FigureOrigin } from '../figure.js';

/** What a vendor's report says. */
export interface VendorReport {
  /** The tool by its own name, and its version. */
  readonly tool: { readonly name: string; readonly version: string };
  /** The top module; undefined where the report does not name it. */
  readonly top: string | undefined;
  /** By the state of the design that the report gives; undefined where it gives none. */
  readonly origin: FigureOrigin | undefined;
  /** Figures, with the given origin. */
  readonly figures: (origin: FigureOrigin) => Figures;
}

/** `unreadable`: not a report of the kind. `lacks`: a figure is missing, which is never a zero. */
export class VendorReportError extends Error {
  public override readonly name = 'VendorReportError';

  public constructor(
    public readonly reason: 'unreadable' | 'lacks',
    message: string,
  ) {
    super(message);
  }
}

/** The value behind a title in the head of a Vivado report: `| Design       : network`. */
export function headValue(text: string, title: string): string | undefined {
  return new RegExp(`^\\|\\s*${title}\\s*:\\s*(\\S.*?)\\s*$`, 'mu').exec(text)?.[1];
}

/** `Vivado` and `v.2023.2`, from the head of a Vivado report. */
export function vivadoTool(text: string): VendorReport['tool'] {
  const version = /^Vivado\s+(\S+)/u.exec(headValue(text, 'Tool Version') ?? '')?.[1];
  if (version === undefined) throw new VendorReportError('unreadable', 'its head names no version of Vivado');
  return { name: 'Vivado', version };
}

/**
 * The origin of figures by Vivado's state of the design: `synth` after synthesis, `impl` after placement or routing.
 * Throws where the state is something else, such as optimised but not placed.
 */
export function vivadoOrigin(text: string): FigureOrigin | undefined {
  const state = headValue(text, 'Design State');
  if (state === undefined) return undefined;
  if (state === 'Synthesized') return 'synth';
  if (/^(?:Fully Placed|(?:Fully )?Routed|Physopt post(?:Place|Route))$/u.test(state)) return 'impl';
  throw new VendorReportError('unreadable', `the state of its design, '${state}', is neither synthesised nor placed`);
}

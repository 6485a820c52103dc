import type { Family } from '../targets/delay-model.js';

/**
 * How Verilog becomes a mapped netlist. Two flows, and a figure always says which one it came from:
 *
 * - `standard`: `synth_xilinx` as it is. Its pass `alumacc` merges a sum that has one reader into that reader where the
 *   widths allow, and `maccmap` builds carry-save trees of what was merged: the adder graph that was written, by
 *   whatever compiler, is not the one that is counted.
 * - `keep-adders`: the same commands, and before `alumacc` every `$add` and `$sub` by itself becomes the `$alu` that
 *   ends as one carry chain. Multiplications and comparisons go the standard way. Nothing in it depends on who wrote
 *   the Verilog, and what a vendor tool does with a sum of two operands is the same.
 */
export const flowNames = ['standard', 'keep-adders'] as const;
export type FlowName = (typeof flowNames)[number];

export interface FlowRequest {
  readonly flow: FlowName;
  readonly family: Family;
  readonly top: string;
  /** Verilog files, by the names under which the script reads them. */
  readonly sources: readonly string[];
  /** Where the script finds the text of `ADDER_MAP`; read by the flow `keep-adders` alone. */
  readonly adderMap: string;
  /** Where the mapped netlist goes, as JSON; `-` is standard output. */
  readonly netlist: string;
  /** Multiplications may use DSP blocks; otherwise they are logic. */
  readonly dsp?: boolean;
  /** Modules are mapped one by one and stay, so that each can be counted. */
  readonly keepModules?: boolean;
}

/** Raised when a script changes so that its counts may: figures of two versions of a flow do not compare. */
export const FLOW_VERSION = 2;

/** Yosys' name of a family. It knows no `generic`; the older family stands for it, as it has the smaller blocks. */
const yosysFamily: Readonly<Record<Family, string>> = { '7-series': 'xc7', 'ultrascale+': 'xcup', generic: 'xc7' };

/**
 * By whose rules multiplications become blocks. Yosys puts registers and sums into the DSP48E1 of the older family alone; a
 * DSP48E2 has all that is used of it, and wider operands (UG579, "Differences from Previous Generations").
 */
const packingFamily: Readonly<Record<Family, string>> = { ...yosysFamily, 'ultrascale+': 'xc7' };

/** Rule for Yosys' `techmap`: run `alumacc` on each adder in a module of its own, where there is nothing to merge. */
export const ADDER_MAP = `(* techmap_wrap = "alumacc" *)
(* techmap_celltype = "$add $sub" *)
module keep_adders;
endmodule
`;

/**
 * The script for `yosys -s`. Flags: one flat module, no pads and clock buffers (the design is a part of a larger one),
 * and unless DSP blocks are allowed multiplications in logic (`-nodsp`), as in the published figures.
 */
export function yosysScript(request: FlowRequest): string {
  const { flow, family, top, sources, adderMap, netlist, dsp = false, keepModules = false } = request;
  const options = [...(keepModules ? [] : ['-flatten']), '-noiopad', '-noclkbuf', ...(dsp ? [] : ['-nodsp'])];
  const commandFor = (name: string): string => `synth_xilinx -top ${top} -family ${name} ${options.join(' ')}`;
  const synthesise = commandFor(yosysFamily[family]);
  const multipliers =
    dsp && packingFamily[family] !== yosysFamily[family]
      ? [`${synthesise} -run begin:map_dsp`, `${commandFor(packingFamily[family])} -run map_dsp:coarse`]
      : [`${synthesise} -run begin:coarse`];
  const adders = flow === 'standard' ? [] : [`techmap -map ${adderMap}`];
  const steps =
    adders.length === 0 && multipliers.length === 1
      ? [synthesise]
      : [...multipliers, ...adders, `${synthesise} -run coarse:`];
  return [...sources.map((source) => `read_verilog ${source}`), ...steps, `write_json ${netlist}`, ''].join('\n');
}

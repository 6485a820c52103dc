import { expect, it } from 'vitest';
import { SIMULATION_ENGINES } from '../../../src/simulation/choose-engine.js';
import type { SimulationDesign } from '../../../src/simulation/engine.js';

/** Registers of every style, and unknown values, against a simulator with four-valued logic. */
const TEXT = `
module registers (
  input wire clk, input wire clear, input wire enable, input wire [3:0] d,
  output reg [3:0] count, output reg [3:0] held, output reg [3:0] cleared, output reg [3:0] never,
  output reg [3:0] chosen, output wire [3:0] unknown_select
);
  initial count = 4'd5;
  always @(posedge clk) count <= count + 4'd1;
  always @(posedge clk) if (clear) held <= 4'd0; else if (enable) held <= d;
  always @(posedge clk or posedge clear) if (clear) cleared <= 4'd9; else if (enable) cleared <= d ^ cleared;
  always @(posedge clk) never <= {never[2:0], never[3] & d[0]};
  always @* case (d)
    4'd1: chosen = 4'd3;
    4'd2: chosen = held;
    4'd9: chosen = 4'bx;
    default: chosen = ~d;
  endcase
  wire [12:0] table_of = 13'h1a35;
  assign unknown_select = table_of[d +: 4];
endmodule
`;

const missing = await SIMULATION_ENGINES.icarus.unavailable();

it.skipIf(missing !== undefined)('registers and unknown values are those of icarus', { timeout: 120_000 }, async () => {
  const rows = Array.from({ length: 60 }, (_, row) => [
    row === 6 || row % 11 === 10 ? 1n : 0n,
    BigInt(row % 3 === 0 ? 1 : 0),
    BigInt((row * 7 + (row >> 4)) & 15),
  ]);
  const design = (outputs: readonly string[]): SimulationDesign => ({
    top: 'registers',
    sources: [{ name: 'registers.v', text: TEXT }],
    clock: 'clk',
    ports: [
      { name: 'clear', direction: 'input', width: 1 },
      { name: 'enable', direction: 'input', width: 1 },
      { name: 'd', direction: 'input', width: 4 },
      ...outputs.map((name) => ({ name, direction: 'output' as const, width: 4 })),
    ],
  });
  for (const outputs of [['count', 'held', 'cleared'], ['never'], ['chosen', 'unknown_select']]) {
    const request = { design: design(outputs), stimulus: rows, drain: 0 };
    const [ours, theirs] = await Promise.all([
      SIMULATION_ENGINES.yosys.run(request),
      SIMULATION_ENGINES.icarus.run(request),
    ]);
    expect(ours.unknown, outputs.join()).toEqual(theirs.unknown);
    const known = (trace: typeof ours): readonly unknown[] => trace.outputs.filter((_, row) => !ours.unknown[row]);
    expect(known(ours), outputs.join()).toEqual(known(theirs));
  }
});

import type { SimulationDesign } from '../../../src/simulation/engine.js';

export const PIPELINE_LATENCY = 3;

/** Three ranks: products and sums, a table look-up, an output register; data registers without reset. */
export function pipelineDesign({ registered }: { readonly registered: boolean }): SimulationDesign {
  const table = Array.from({ length: 16 }, (_, index) => `squares[${String(index)}] = 8'd${String(index * index)};`);
  const text = `
module stage (
  input wire clk,
  input wire signed [7:0] left,
  input wire signed [7:0] right,
  output reg signed [15:0] product,
  output reg signed [8:0] total
);
  wire signed [8:0] sum = left + right;
  always @(posedge clk) begin
    product <= left * right;
    total <= sum;
  end
endmodule

module pipeline (
  input wire clk,
  input wire rst,
  input wire valid_in,
  input wire [7:0] x,
  input wire [7:0] y,
  output wire valid_out,
  output reg [15:0] product,
  output reg [7:0] squared
);
  wire signed [15:0] first_product;
  wire signed [8:0] first_total;
  stage u_stage (.clk(clk), .left(x), .right(y), .product(first_product), .total(first_total));

  reg [7:0] squares [0:15];
  initial begin
    ${table.join('\n    ')}
  end
  reg signed [15:0] second_product;
  reg [7:0] second_square;
  always @(posedge clk) begin
    second_product <= first_product;
    second_square <= squares[first_total[3:0]];
    product <= second_product;
    squared <= second_square;
  end

  reg [2:0] valid;
  always @(posedge clk)
    if (rst) valid <= 3'b000;
    else valid <= {valid[1:0], valid_in};
  assign valid_out = valid[2];
endmodule
`;
  return {
    top: 'pipeline',
    sources: [{ name: 'pipeline.v', text }],
    ...(registered ? { clock: 'clk', reset: 'rst', validIn: 'valid_in', validOut: 'valid_out' } : {}),
    ports: [
      { name: 'x', direction: 'input', width: 8 },
      { name: 'y', direction: 'input', width: 8 },
      { name: 'product', direction: 'output', width: 16 },
      { name: 'squared', direction: 'output', width: 8 },
    ],
  };
}

/** The outputs for each row, computed without any simulator. */
export function pipelineExpectation(stimulus: readonly (readonly bigint[])[]): readonly (readonly bigint[])[] {
  return stimulus.map(([x = 0n, y = 0n]) => {
    const [left, right] = [BigInt.asIntN(8, x), BigInt.asIntN(8, y)];
    const index = BigInt.asUintN(4, left + right);
    return [BigInt.asUintN(16, left * right), index * index];
  });
}

// golden case 'dense'
module dense #(
    // These describe the module; overriding them changes nothing.
    parameter LATENCY = 1,
    parameter II = 1,
    parameter WIDTH_X = 10,
    parameter WIDTH_Y = 4
) (
    input  wire clk,
    input  wire [9:0] x, // 2 elements
    output wire [3:0] y // 1 x ap_ufixed<4,2>
);
    wire signed [5:0] w_x_e0 = x[5:0];
    wire [3:0] w_x_e1 = x[9:6];
    wire [3:0] w_Gemm_0_out_0;

    // Gemm 'Gemm_0'
    dense_Gemm_0 u_Gemm_0 (
        .clk(clk),
        .in_0(w_x_e0),
        .in_1(w_x_e1),
        .out_0(w_Gemm_0_out_0)
    );
    wire [3:0] w_y_e0 = w_Gemm_0_out_0;
    assign y = {w_y_e0};
endmodule

// Gemm 'Gemm_0' and the operations that follow it
module dense_Gemm_0 (
    input  wire clk,
    input  wire signed [5:0] in_0,
    input  wire [3:0] in_1,
    output wire [3:0] out_0
);
    // Gemm 'Gemm_0'
    wire signed [8:0] gemm_3 = {in_0[5], in_0, 2'd0} - {{3{in_0[5]}}, in_0};
    wire signed [9:0] gemm_5 = {gemm_3[8], gemm_3} + {3'd0, in_1, 3'd0};
    reg signed [9:0] gemm_5_d1;
    wire signed [9:0] gemm_7 = gemm_5_d1 + 10'd4;

    // Relu 'Relu_1'
    wire [8:0] relu_9 = gemm_7[9] ? 9'd0 : gemm_7[8:0];

    // Quant 'Quant_2'
    wire [5:0] quant_10 = relu_9[8:3];
    wire [3:0] quant_11 = (|quant_10[5:4]) ? 4'd15 : quant_10[3:0];
    assign out_0 = quant_11;

    always @(posedge clk) begin
        gemm_5_d1 <= gemm_5;
    end
endmodule

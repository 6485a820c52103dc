// golden case 'mapped'
module mapped #(
    // These describe the module; overriding them changes nothing.
    parameter LATENCY = 2,
    parameter II = 1,
    parameter WIDTH_IN_0 = 4,
    parameter WIDTH_MODULE_0 = 3,
    parameter WIDTH_OUT_0 = 8,
    parameter WIDTH_OUT_0_2 = 1
) (
    input  wire clk,
    input  wire [0:0] rst,
    input  wire [0:0] valid_in,
    output wire [0:0] valid_out,
    input  wire [3:0] in_0, // ap_fixed<4,4>
    input  wire [3:0] in_1, // ap_fixed<4,4>
    input  wire [2:0] module_0, // ap_ufixed<3,3>
    output wire [7:0] out_0, // ap_fixed<8,8>
    output wire [7:0] out_1, // ap_fixed<8,8>
    output wire [0:0] Out_0_2, // ap_ufixed<1,1>
    output wire [0:0] Out_1_2, // ap_ufixed<1,1>
    output wire [2:0] Out_2 // ap_ufixed<3,3>
);
    wire signed [3:0] w_n_in_e0 = in_0[3:0];
    wire signed [3:0] w_n_in_e1 = in_1[3:0];
    wire [2:0] w_n_module_e0 = module_0[2:0];
    reg [2:0] w_n_module_e0_d1;
    reg [2:0] w_n_module_e0_d2;
    reg signed [7:0] w_per_element_p0_out_0_d1;
    reg [0:0] w_per_element_p0_out_1_d1;
    reg [0:0] w_per_element_p0_out_1_d2;
    reg signed [7:0] w_per_element_p1_out_0_d1;
    reg [0:0] w_per_element_p1_out_1_d1;
    reg [0:0] w_per_element_p1_out_1_d2;

    // only the valid bits are reset: data registers hold no state of their own
    reg [0:0] w_valid_d1;
    reg [0:0] w_valid_d2;
    assign valid_out = w_valid_d2;
    wire signed [7:0] w_per_element_p0_out_0;
    wire [0:0] w_per_element_p0_out_1;

    // Map 'per element'
    mapped_lookup_f u_per_element_p0 (
        .clk(clk),
        .in_0(w_n_in_e0),
        .in_1({1'd0, w_n_module_e0}),
        .out_0(w_per_element_p0_out_0),
        .out_1(w_per_element_p0_out_1)
    );
    wire signed [7:0] w_per_element_p1_out_0;
    wire [0:0] w_per_element_p1_out_1;

    // Map 'per element'
    mapped_lookup_f u_per_element_p1 (
        .clk(clk),
        .in_0(w_n_in_e1),
        .in_1({1'd0, w_n_module_e0}),
        .out_0(w_per_element_p1_out_0),
        .out_1(w_per_element_p1_out_1)
    );
    assign out_0 = w_per_element_p0_out_0_d1;
    assign out_1 = w_per_element_p1_out_0_d1;
    assign Out_0_2 = w_per_element_p0_out_1_d2;
    assign Out_1_2 = w_per_element_p1_out_1_d2;
    assign Out_2 = w_n_module_e0_d2;

    always @(posedge clk) begin
        w_n_module_e0_d1 <= w_n_module_e0;
        w_n_module_e0_d2 <= w_n_module_e0_d1;
        w_per_element_p0_out_0_d1 <= w_per_element_p0_out_0;
        w_per_element_p0_out_1_d1 <= w_per_element_p0_out_1;
        w_per_element_p0_out_1_d2 <= w_per_element_p0_out_1_d1;
        w_per_element_p1_out_0_d1 <= w_per_element_p1_out_0;
        w_per_element_p1_out_1_d1 <= w_per_element_p1_out_1;
        w_per_element_p1_out_1_d2 <= w_per_element_p1_out_1_d1;
        w_valid_d1 <= rst ? 1'b0 : valid_in;
        w_valid_d2 <= rst ? 1'b0 : w_valid_d1;
    end
endmodule

// Map 'per element' and the operations that follow it
module mapped_lookup_f (
    input  wire clk,
    input  wire signed [3:0] in_0,
    input  wire signed [3:0] in_1,
    output wire signed [7:0] out_0,
    output wire [0:0] out_1
);
    reg signed [3:0] in_1_d1;

    // Sigmoid 'lookup "f"'
    wire signed [1:0] sigmoid_2_index = (in_0[3] && (~&in_0[2:1])) ? 2'd2 : (~in_0[3] && (|in_0[2:1])) ? 2'd1 : in_0[1:0];
    reg signed [3:0] sigmoid_2;
    always @* begin
        case (sigmoid_2_index)
            2'd2: sigmoid_2 = 4'd13;
            2'd3: sigmoid_2 = 4'd0;
            2'd0: sigmoid_2 = 4'd5;
            default: sigmoid_2 = 4'd6;
        endcase
    end
    wire [0:0] sigmoid_3 = (sigmoid_2 < in_1);
    wire signed [3:0] sigmoid_4 = sigmoid_3 ? in_1 : sigmoid_2;
    reg signed [3:0] sigmoid_4_d1;
    wire signed [7:0] sigmoid_5 = sigmoid_4_d1 * in_1_d1;
    assign out_0 = sigmoid_5;
    assign out_1 = sigmoid_3;

    always @(posedge clk) begin
        in_1_d1 <= in_1;
        sigmoid_4_d1 <= sigmoid_4;
    end
endmodule

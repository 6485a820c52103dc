// Made by Trigc 0.1.0 from model: do not edit.
// Model SHA-256: …
// Configuration SHA-256: …

#include "model.h"

#include "model_weights.h"
#include "trigc/arithmetic.h"
#include "trigc/dense.h"

namespace model_layers {

using namespace model_types;
namespace weights = model_weights;

// Quant /scaling/scaled_quant/act_quant/export_handler/Quant
void compute_scaling_scaled_quant(const n_event_t n_event[57], scaling_scaled_quant_t scaling_scaled_quant[57]) {
#pragma HLS INLINE
    for (int i = 0; i < 57; i++) {
#pragma HLS UNROLL
        scaling_scaled_quant[i] = (n_event[i] - trigc::from_code<ap_ufixed<6, 5>>(weights::scaling_offset[i])) * trigc::from_code<ap_ufixed<8, 0>>(weights::scaling_scale[i]);
    }
}

struct encoder_0_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 57;
    static const unsigned outputs = 24;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 1368;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<5, 0> weight_t;
    typedef ap_fixed<6, 1> bias_t;
    typedef ap_fixed<18, 9> accumulator_t;
};

// Gemm /encoder/encoder.0/Gemm
void compute_encoder_0_gemm(
    const scaling_scaled_quant_t scaling_scaled_quant[57],
    encoder_0_gemm_t encoder_0_gemm[24]) {
#pragma HLS INLINE
    trigc::dense<encoder_0_gemm_config>(
        scaling_scaled_quant, weights::encoder_0_gemm_weights, weights::encoder_0_gemm_biases, encoder_0_gemm);
}

// Quant /encoder/encoder.1/act_quant/export_handler/Quant
void compute_encoder_1_quant(const encoder_0_gemm_t encoder_0_gemm[24], encoder_1_quant_t encoder_1_quant[24]) {
#pragma HLS INLINE
    for (int i = 0; i < 24; i++) {
#pragma HLS UNROLL
        encoder_1_quant[i] = trigc::relu<ap_ufixed<17, 8>>(encoder_0_gemm[i]);
    }
}

struct encoder_2_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 24;
    static const unsigned outputs = 10;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 240;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<5, 0> weight_t;
    typedef ap_ufixed<5, 1> bias_t;
    typedef ap_fixed<17, 8> accumulator_t;
};

// Gemm /encoder/encoder.2/Gemm
void compute_encoder_2_gemm(const encoder_1_quant_t encoder_1_quant[24], encoder_2_gemm_t encoder_2_gemm[10]) {
#pragma HLS INLINE
    trigc::dense<encoder_2_gemm_config>(
        encoder_1_quant, weights::encoder_2_gemm_weights, weights::encoder_2_gemm_biases, encoder_2_gemm);
}

// Quant /encoder/encoder.3/act_quant/export_handler/Quant
void compute_encoder_3_quant(const encoder_2_gemm_t encoder_2_gemm[10], encoder_3_quant_t encoder_3_quant[10]) {
#pragma HLS INLINE
    for (int i = 0; i < 10; i++) {
#pragma HLS UNROLL
        encoder_3_quant[i] = trigc::relu<ap_ufixed<16, 7>>(encoder_2_gemm[i]);
    }
}

struct autoencoder_0_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 10;
    static const unsigned outputs = 9;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 90;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<6, 1> weight_t;
    typedef ap_fixed<6, 0> bias_t;
    typedef ap_fixed<17, 8> accumulator_t;
};

// Gemm /autoencoder/autoencoder.0/Gemm
void compute_autoencoder_0_gemm(
    const encoder_3_quant_t encoder_3_quant[10],
    autoencoder_0_gemm_t autoencoder_0_gemm[9]) {
#pragma HLS INLINE
    trigc::dense<autoencoder_0_gemm_config>(
        encoder_3_quant, weights::autoencoder_0_gemm_weights, weights::autoencoder_0_gemm_biases, autoencoder_0_gemm);
}

// Quant /autoencoder/autoencoder.1/act_quant/export_handler/Quant
void compute_autoencoder_1_quant(
    const autoencoder_0_gemm_t autoencoder_0_gemm[9],
    autoencoder_1_quant_t autoencoder_1_quant[9]) {
#pragma HLS INLINE
    for (int i = 0; i < 9; i++) {
#pragma HLS UNROLL
        autoencoder_1_quant[i] = trigc::relu<ap_ufixed<16, 7>>(autoencoder_0_gemm[i]);
    }
}

struct autoencoder_2_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 9;
    static const unsigned outputs = 6;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 54;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<6, 2> weight_t;
    typedef ap_fixed<6, 0> bias_t;
    typedef ap_fixed<16, 8> accumulator_t;
};

// Gemm /autoencoder/autoencoder.2/Gemm
void compute_autoencoder_2_gemm(
    const autoencoder_1_quant_t autoencoder_1_quant[9],
    autoencoder_2_gemm_t autoencoder_2_gemm[6]) {
#pragma HLS INLINE
    trigc::dense<autoencoder_2_gemm_config>(
        autoencoder_1_quant, weights::autoencoder_2_gemm_weights, weights::autoencoder_2_gemm_biases, autoencoder_2_gemm);
}

// Quant /autoencoder/autoencoder.3/act_quant/export_handler/Quant
void compute_autoencoder_3_quant(
    const autoencoder_2_gemm_t autoencoder_2_gemm[6],
    autoencoder_3_quant_t autoencoder_3_quant[6]) {
#pragma HLS INLINE
    for (int i = 0; i < 6; i++) {
#pragma HLS UNROLL
        autoencoder_3_quant[i] = trigc::relu<ap_ufixed<15, 7>>(autoencoder_2_gemm[i]);
    }
}

struct autoencoder_4_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 6;
    static const unsigned outputs = 4;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 24;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<6, 1> weight_t;
    typedef ap_fixed<6, -1> bias_t;
    typedef ap_fixed<17, 8> accumulator_t;
};

// Gemm /autoencoder/autoencoder.4/Gemm
void compute_autoencoder_4_gemm(
    const autoencoder_3_quant_t autoencoder_3_quant[6],
    autoencoder_4_gemm_t autoencoder_4_gemm[4]) {
#pragma HLS INLINE
    trigc::dense<autoencoder_4_gemm_config>(
        autoencoder_3_quant, weights::autoencoder_4_gemm_weights, weights::autoencoder_4_gemm_biases, autoencoder_4_gemm);
}

// Quant /autoencoder/autoencoder.5/act_quant/export_handler/Quant
void compute_autoencoder_5_quant(
    const autoencoder_4_gemm_t autoencoder_4_gemm[4],
    autoencoder_5_quant_t autoencoder_5_quant[4]) {
#pragma HLS INLINE
    for (int i = 0; i < 4; i++) {
#pragma HLS UNROLL
        autoencoder_5_quant[i] = trigc::relu<ap_ufixed<16, 7>>(autoencoder_4_gemm[i]);
    }
}

struct autoencoder_6_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 4;
    static const unsigned outputs = 6;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 24;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<6, 1> weight_t;
    typedef ap_fixed<6, 0> bias_t;
    typedef ap_fixed<18, 9> accumulator_t;
};

// Gemm /autoencoder/autoencoder.6/Gemm
void compute_autoencoder_6_gemm(
    const autoencoder_5_quant_t autoencoder_5_quant[4],
    autoencoder_6_gemm_t autoencoder_6_gemm[6]) {
#pragma HLS INLINE
    trigc::dense<autoencoder_6_gemm_config>(
        autoencoder_5_quant, weights::autoencoder_6_gemm_weights, weights::autoencoder_6_gemm_biases, autoencoder_6_gemm);
}

// Quant /autoencoder/autoencoder.7/act_quant/export_handler/Quant
void compute_autoencoder_7_quant(
    const autoencoder_6_gemm_t autoencoder_6_gemm[6],
    autoencoder_7_quant_t autoencoder_7_quant[6]) {
#pragma HLS INLINE
    for (int i = 0; i < 6; i++) {
#pragma HLS UNROLL
        autoencoder_7_quant[i] = trigc::relu<ap_ufixed<17, 8>>(autoencoder_6_gemm[i]);
    }
}

struct autoencoder_8_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 6;
    static const unsigned outputs = 9;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 54;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<6, 1> weight_t;
    typedef ap_fixed<6, 1> bias_t;
    typedef ap_fixed<17, 8> accumulator_t;
};

// Gemm /autoencoder/autoencoder.8/Gemm
void compute_autoencoder_8_gemm(
    const autoencoder_7_quant_t autoencoder_7_quant[6],
    autoencoder_8_gemm_t autoencoder_8_gemm[9]) {
#pragma HLS INLINE
    trigc::dense<autoencoder_8_gemm_config>(
        autoencoder_7_quant, weights::autoencoder_8_gemm_weights, weights::autoencoder_8_gemm_biases, autoencoder_8_gemm);
}

// Quant /autoencoder/autoencoder.9/act_quant/export_handler/Quant
void compute_autoencoder_9_quant(
    const autoencoder_8_gemm_t autoencoder_8_gemm[9],
    autoencoder_9_quant_t autoencoder_9_quant[9]) {
#pragma HLS INLINE
    for (int i = 0; i < 9; i++) {
#pragma HLS UNROLL
        autoencoder_9_quant[i] = trigc::relu<ap_ufixed<16, 7>>(autoencoder_8_gemm[i]);
    }
}

struct autoencoder_10_gemm_config {
    static const unsigned rows = 1;
    static const unsigned inputs = 9;
    static const unsigned outputs = 10;
    static const unsigned reuse_factor = 1;
    static const unsigned multipliers = 90;
    static const bool has_bias = true;
    typedef trigc::latency strategy;
    typedef ap_fixed<6, 1> weight_t;
    typedef ap_ufixed<5, 0> bias_t;
    typedef ap_fixed<17, 8> accumulator_t;
};

// Gemm /autoencoder/autoencoder.10/Gemm
void compute_autoencoder_10_gemm(
    const autoencoder_9_quant_t autoencoder_9_quant[9],
    autoencoder_10_gemm_t autoencoder_10_gemm[10]) {
#pragma HLS INLINE
    trigc::dense<autoencoder_10_gemm_config>(
        autoencoder_9_quant, weights::autoencoder_10_gemm_weights, weights::autoencoder_10_gemm_biases, autoencoder_10_gemm);
}

// Quant /residual_quant/act_quant/export_handler/Quant
void compute_residual_quant(
    const autoencoder_10_gemm_t autoencoder_10_gemm[10],
    const encoder_3_quant_t encoder_3_quant[10],
    residual_quant_t residual_quant[10]) {
#pragma HLS INLINE
    for (int i = 0; i < 10; i++) {
#pragma HLS UNROLL
        residual_quant[i] = autoencoder_10_gemm[i] - encoder_3_quant[i];
    }
}

// Mul /Mul
void compute_mul(const residual_quant_t residual_quant[10], mul_t mul[10]) {
#pragma HLS INLINE
    for (int i = 0; i < 10; i++) {
#pragma HLS UNROLL
        mul[i] = residual_quant[i] * residual_quant[i];
    }
}

// ReduceSum /ReduceSum
void compute_reduce_sum(const mul_t mul[10], reduce_sum_t reduce_sum[1]) {
#pragma HLS INLINE
    reduce_sum[0] = 0;
    for (int i = 0; i < 10; i++) {
#pragma HLS UNROLL
        reduce_sum[0] = reduce_sum[0] + reduce_sum_t(mul[i]);
    }
}

// Quant /score_quant/act_quant/export_handler/Quant
void compute_score(const reduce_sum_t reduce_sum[1], score_t score[1]) {
#pragma HLS INLINE
    score[0] = reduce_sum[0];
}

} // namespace model_layers

void model(const model_types::n_event_t n_event[57], model_types::score_t score[1]) {
#pragma HLS ARRAY_RESHAPE variable=n_event complete
#pragma HLS ARRAY_RESHAPE variable=score complete
#pragma HLS INTERFACE mode=ap_none port=n_event,score
#pragma HLS INTERFACE mode=ap_ctrl_none port=return
#pragma HLS PIPELINE II=1

    model_types::scaling_scaled_quant_t scaling_scaled_quant[57];
#pragma HLS ARRAY_PARTITION variable=scaling_scaled_quant complete
    model_layers::compute_scaling_scaled_quant(n_event, scaling_scaled_quant);

    model_types::encoder_0_gemm_t encoder_0_gemm[24];
#pragma HLS ARRAY_PARTITION variable=encoder_0_gemm complete
    model_layers::compute_encoder_0_gemm(scaling_scaled_quant, encoder_0_gemm);

    model_types::encoder_1_quant_t encoder_1_quant[24];
#pragma HLS ARRAY_PARTITION variable=encoder_1_quant complete
    model_layers::compute_encoder_1_quant(encoder_0_gemm, encoder_1_quant);

    model_types::encoder_2_gemm_t encoder_2_gemm[10];
#pragma HLS ARRAY_PARTITION variable=encoder_2_gemm complete
    model_layers::compute_encoder_2_gemm(encoder_1_quant, encoder_2_gemm);

    model_types::encoder_3_quant_t encoder_3_quant[10];
#pragma HLS ARRAY_PARTITION variable=encoder_3_quant complete
    model_layers::compute_encoder_3_quant(encoder_2_gemm, encoder_3_quant);

    model_types::autoencoder_0_gemm_t autoencoder_0_gemm[9];
#pragma HLS ARRAY_PARTITION variable=autoencoder_0_gemm complete
    model_layers::compute_autoencoder_0_gemm(encoder_3_quant, autoencoder_0_gemm);

    model_types::autoencoder_1_quant_t autoencoder_1_quant[9];
#pragma HLS ARRAY_PARTITION variable=autoencoder_1_quant complete
    model_layers::compute_autoencoder_1_quant(autoencoder_0_gemm, autoencoder_1_quant);

    model_types::autoencoder_2_gemm_t autoencoder_2_gemm[6];
#pragma HLS ARRAY_PARTITION variable=autoencoder_2_gemm complete
    model_layers::compute_autoencoder_2_gemm(autoencoder_1_quant, autoencoder_2_gemm);

    model_types::autoencoder_3_quant_t autoencoder_3_quant[6];
#pragma HLS ARRAY_PARTITION variable=autoencoder_3_quant complete
    model_layers::compute_autoencoder_3_quant(autoencoder_2_gemm, autoencoder_3_quant);

    model_types::autoencoder_4_gemm_t autoencoder_4_gemm[4];
#pragma HLS ARRAY_PARTITION variable=autoencoder_4_gemm complete
    model_layers::compute_autoencoder_4_gemm(autoencoder_3_quant, autoencoder_4_gemm);

    model_types::autoencoder_5_quant_t autoencoder_5_quant[4];
#pragma HLS ARRAY_PARTITION variable=autoencoder_5_quant complete
    model_layers::compute_autoencoder_5_quant(autoencoder_4_gemm, autoencoder_5_quant);

    model_types::autoencoder_6_gemm_t autoencoder_6_gemm[6];
#pragma HLS ARRAY_PARTITION variable=autoencoder_6_gemm complete
    model_layers::compute_autoencoder_6_gemm(autoencoder_5_quant, autoencoder_6_gemm);

    model_types::autoencoder_7_quant_t autoencoder_7_quant[6];
#pragma HLS ARRAY_PARTITION variable=autoencoder_7_quant complete
    model_layers::compute_autoencoder_7_quant(autoencoder_6_gemm, autoencoder_7_quant);

    model_types::autoencoder_8_gemm_t autoencoder_8_gemm[9];
#pragma HLS ARRAY_PARTITION variable=autoencoder_8_gemm complete
    model_layers::compute_autoencoder_8_gemm(autoencoder_7_quant, autoencoder_8_gemm);

    model_types::autoencoder_9_quant_t autoencoder_9_quant[9];
#pragma HLS ARRAY_PARTITION variable=autoencoder_9_quant complete
    model_layers::compute_autoencoder_9_quant(autoencoder_8_gemm, autoencoder_9_quant);

    model_types::autoencoder_10_gemm_t autoencoder_10_gemm[10];
#pragma HLS ARRAY_PARTITION variable=autoencoder_10_gemm complete
    model_layers::compute_autoencoder_10_gemm(autoencoder_9_quant, autoencoder_10_gemm);

    model_types::residual_quant_t residual_quant[10];
#pragma HLS ARRAY_PARTITION variable=residual_quant complete
    model_layers::compute_residual_quant(autoencoder_10_gemm, encoder_3_quant, residual_quant);

    model_types::mul_t mul[10];
#pragma HLS ARRAY_PARTITION variable=mul complete
    model_layers::compute_mul(residual_quant, mul);

    model_types::reduce_sum_t reduce_sum[1];
#pragma HLS ARRAY_PARTITION variable=reduce_sum complete
    model_layers::compute_reduce_sum(mul, reduce_sum);
    model_layers::compute_score(reduce_sum, score);
}

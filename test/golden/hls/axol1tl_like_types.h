// Made by Trigc 0.1.0 from model: do not edit.
// Model SHA-256: …
// Configuration SHA-256: …
#ifndef MODEL_TYPES_H_
#define MODEL_TYPES_H_

#include "ap_fixed.h"
#include "ap_int.h"

namespace model_types {

// input 'event'
typedef ap_fixed<13, 12> n_event_t;
// output 'score'
typedef ap_ufixed<18, 14, AP_RND_CONV, AP_SAT> score_t;
// Quant /scaling/scaled_quant/act_quant/export_handler/Quant
typedef ap_fixed<10, 6, AP_RND_CONV, AP_SAT> scaling_scaled_quant_t;
// Gemm /encoder/encoder.0/Gemm
typedef ap_fixed<18, 9> encoder_0_gemm_t;
// Quant /encoder/encoder.1/act_quant/export_handler/Quant
typedef ap_ufixed<9, 5, AP_RND_CONV, AP_SAT> encoder_1_quant_t;
// Gemm /encoder/encoder.2/Gemm
typedef ap_fixed<17, 8> encoder_2_gemm_t;
// Quant /encoder/encoder.3/act_quant/export_handler/Quant
typedef ap_ufixed<10, 6, AP_RND_CONV, AP_SAT> encoder_3_quant_t;
// Gemm /autoencoder/autoencoder.0/Gemm
typedef ap_fixed<17, 8> autoencoder_0_gemm_t;
// Quant /autoencoder/autoencoder.1/act_quant/export_handler/Quant
typedef ap_ufixed<10, 6, AP_RND_CONV, AP_SAT> autoencoder_1_quant_t;
// Gemm /autoencoder/autoencoder.2/Gemm
typedef ap_fixed<16, 8> autoencoder_2_gemm_t;
// Quant /autoencoder/autoencoder.3/act_quant/export_handler/Quant
typedef ap_ufixed<10, 6, AP_RND_CONV, AP_SAT> autoencoder_3_quant_t;
// Gemm /autoencoder/autoencoder.4/Gemm
typedef ap_fixed<17, 8> autoencoder_4_gemm_t;
// Quant /autoencoder/autoencoder.5/act_quant/export_handler/Quant
typedef ap_ufixed<10, 6, AP_RND_CONV, AP_SAT> autoencoder_5_quant_t;
// Gemm /autoencoder/autoencoder.6/Gemm
typedef ap_fixed<18, 9> autoencoder_6_gemm_t;
// Quant /autoencoder/autoencoder.7/act_quant/export_handler/Quant
typedef ap_ufixed<10, 6, AP_RND_CONV, AP_SAT> autoencoder_7_quant_t;
// Gemm /autoencoder/autoencoder.8/Gemm
typedef ap_fixed<17, 8> autoencoder_8_gemm_t;
// Quant /autoencoder/autoencoder.9/act_quant/export_handler/Quant
typedef ap_ufixed<10, 6, AP_RND_CONV, AP_SAT> autoencoder_9_quant_t;
// Gemm /autoencoder/autoencoder.10/Gemm
typedef ap_fixed<17, 8> autoencoder_10_gemm_t;
// Quant /residual_quant/act_quant/export_handler/Quant
typedef ap_fixed<11, 7, AP_RND_CONV, AP_SAT> residual_quant_t;
// Mul /Mul
typedef ap_ufixed<21, 13> mul_t;
// ReduceSum /ReduceSum
typedef ap_ufixed<24, 16> reduce_sum_t;

} // namespace model_types

#endif

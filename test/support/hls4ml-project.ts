/**
 * A project as hls4ml 0.8 writes it, with sizes as macros: two inputs, a dense layer of two outputs, a relu. What the
 * layer computes can be followed by hand.
 */
export const smallProject: Readonly<Record<string, string>> = {
  'hls4ml_config.yml': `Backend: Vivado
ClockPeriod: 5
IOType: io_parallel
KerasModel: !keras_model 'model.h5'
Part: xcvu13p-flga2577-2-e
ProjectName: small
`,
  'firmware/defines.h': `#ifndef DEFINES_H_
#define DEFINES_H_
// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 2
#define N_LAYER_2 2
// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<8,4> input_t;
typedef ap_fixed<12,6> accum_t;
typedef ap_fixed<10,5,AP_RND,AP_SAT,0> layer2_t;
typedef ap_fixed<6,2> weight2_t;
typedef ap_int<4> bias2_t;
typedef ap_ufixed<6,4,AP_TRN,AP_SAT> result_t;
#endif
`,
  'firmware/parameters.h': `// first
struct config2 : nnet::dense_config {
    static const unsigned n_in = N_INPUT_1_1;
    static const unsigned n_out = N_LAYER_2;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    typedef accum_t accum_t;
    typedef bias2_t bias_t;
    typedef weight2_t weight_t;
    template<class x_T, class y_T>
    using product = nnet::product::mult<x_T, y_T>;
};
struct relu_config3 : nnet::activ_config {
    static const unsigned n_in = N_LAYER_2;
};
`,
  'firmware/small.cpp': `#include "small.h"
void small(
    input_t x[N_INPUT_1_1],
    result_t layer3_out[N_LAYER_2]
) {
    #pragma HLS PIPELINE
#ifndef __SYNTHESIS__
    nnet::load_weights_from_txt<weight2_t, 4>(w2, "w2.txt");
    nnet::load_weights_from_txt<bias2_t, 2>(b2, "b2.txt");
#endif
    layer2_t layer2_out[N_LAYER_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::dense<input_t, layer2_t, config2>(x, layer2_out, w2, b2); // first
    nnet::relu<layer2_t, result_t, relu_config3>(layer2_out, layer3_out); // cut
}
`,
  'firmware/weights/w2.txt': '0.5, -0.30, 1.97, 0.0625',
  'firmware/weights/b2.txt': '1.9, -0.5',
};

/** The small project with replaced pieces: `{ file: [what, with] }`, or a whole text, or null for a file that is missing. */
export function changedProject(
  changes: Readonly<Record<string, readonly [string, string] | string | null>>,
): (path: string) => string | undefined {
  const files = new Map<string, string>(Object.entries(smallProject));
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) files.delete(path);
    else if (typeof change === 'string') files.set(path, change);
    else {
      const text = files.get(path) ?? '';
      if (!text.includes(change[0])) throw new Error(`${path} has no '${change[0]}'`);
      files.set(path, text.replace(change[0], change[1]));
    }
  }
  return (path) => files.get(path);
}

// Products of rows with a constant matrix. A configuration says how many products there are and in how many turns they
// are made; the order of the summands of each sum is always that of the inputs, so that it never changes a bit.
#ifndef TRIGC_DENSE_H_
#define TRIGC_DENSE_H_

#include "arithmetic.h"

namespace trigc {

/// In the place of the biases of a layer without any.
static const int8_t *const no_bias = nullptr;

/// All products at once (or as many as the reuse factor leaves): for latency.
struct latency {};
/// A loop over `reuse_factor` turns, each with the same multipliers: for small area.
struct resource {};

template <class config, class B>
void start_sums(const B biases[], typename config::accumulator_t sums[config::outputs]) {
#pragma HLS INLINE
start:
    for (unsigned output = 0; output < config::outputs; output++) {
#pragma HLS UNROLL
        sums[output] = typename config::accumulator_t(0);
        if (config::has_bias) sums[output] = from_code<typename config::bias_t>(biases[output]);
    }
}

/// Every product is brought into the accumulator's type before it is added, as a declared accumulator asks for; an
/// accumulator that was not declared is wide enough for that to change nothing.
template <class config, class X, class W>
typename config::accumulator_t accumulate(typename config::accumulator_t sum, const X &x, const W &weight) {
#pragma HLS INLINE
    const typename config::accumulator_t product = x * from_code<typename config::weight_t>(weight);
    return sum + product;
}

template <class config, class X, class W, class B, class Y>
void dense_row(const X x[], const W weights[], const B biases[], Y y[], latency) {
#pragma HLS PIPELINE II = config::reuse_factor
#pragma HLS ALLOCATION operation instances = mul limit = config::multipliers
    typename config::accumulator_t sums[config::outputs];
#pragma HLS ARRAY_PARTITION variable = sums complete
    start_sums<config>(biases, sums);
products:
    for (unsigned input = 0; input < config::inputs; input++) {
#pragma HLS UNROLL
        for (unsigned output = 0; output < config::outputs; output++) {
#pragma HLS UNROLL
            sums[output] = accumulate<config>(sums[output], x[input], weights[input * config::outputs + output]);
        }
    }
result:
    for (unsigned output = 0; output < config::outputs; output++) {
#pragma HLS UNROLL
        y[output] = sums[output];
    }
}

template <class config, class X, class W, class B, class Y>
void dense_row(const X x[], const W weights[], const B biases[], Y y[], resource) {
#pragma HLS INLINE off
    // Products in the order of the weights: all outputs of the first input, then of the second.
    const unsigned block = config::multipliers;
#pragma HLS ARRAY_RESHAPE variable = weights cyclic factor = block
#pragma HLS BIND_STORAGE variable = weights type = rom_1p impl = bram
    typename config::accumulator_t sums[config::outputs];
#pragma HLS ARRAY_PARTITION variable = sums complete
    start_sums<config>(biases, sums);
turns:
    for (unsigned turn = 0; turn < config::reuse_factor; turn++) {
#pragma HLS PIPELINE II = 1 rewind
        for (unsigned multiplier = 0; multiplier < block; multiplier++) {
#pragma HLS UNROLL
            const unsigned product = turn * block + multiplier;
            const unsigned input = product / config::outputs;
            const unsigned output = product % config::outputs;
            sums[output] = accumulate<config>(sums[output], x[input], weights[product]);
        }
    }
result:
    for (unsigned output = 0; output < config::outputs; output++) {
#pragma HLS UNROLL
        y[output] = sums[output];
    }
}

/// y[row] = x[row] * weights + biases for every row; `biases` is read where the configuration has a bias.
template <class config, class X, class W, class B, class Y>
void dense(const X x[], const W weights[], const B biases[], Y y[]) {
#pragma HLS INLINE
rows:
    for (unsigned row = 0; row < config::rows; row++) {
#pragma HLS UNROLL
        dense_row<config>(x + row * config::inputs, weights, biases, y + row * config::outputs,
                          typename config::strategy());
    }
}

} // namespace trigc

#endif

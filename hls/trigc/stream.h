// Tensors as streams of rows.
#ifndef TRIGC_STREAM_H_
#define TRIGC_STREAM_H_

#include "hls_stream.h"

namespace trigc {

/// The elements of a row, which travel together.
template <class T, int size> struct row {
    T elements[size];
};

template <class T, int width, int size> void read(hls::stream<row<T, width> > &from, T (&tensor)[size]) {
#pragma HLS INLINE
rows:
    for (int start = 0; start < size; start += width) {
#pragma HLS PIPELINE II = 1
        const row<T, width> next = from.read();
        for (int element = 0; element < width; element++) {
#pragma HLS UNROLL
            tensor[start + element] = next.elements[element];
        }
    }
}

template <class T, int width, int size> void write(const T (&tensor)[size], hls::stream<row<T, width> > &to) {
#pragma HLS INLINE
rows:
    for (int start = 0; start < size; start += width) {
#pragma HLS PIPELINE II = 1
        row<T, width> next;
        for (int element = 0; element < width; element++) {
#pragma HLS UNROLL
            next.elements[element] = tensor[start + element];
        }
        to.write(next);
    }
}

/// Every row to two readers.
template <int rows, class R> void fork(hls::stream<R> &from, hls::stream<R> &first, hls::stream<R> &second) {
rows_loop:
    for (int row = 0; row < rows; row++) {
#pragma HLS PIPELINE II = 1
        const R next = from.read();
        first.write(next);
        second.write(next);
    }
}

/// Takes what nobody reads.
template <int rows, class R> void drain(hls::stream<R> &from) {
rows_loop:
    for (int row = 0; row < rows; row++) {
#pragma HLS PIPELINE II = 1
        from.read();
    }
}

} // namespace trigc

#endif
